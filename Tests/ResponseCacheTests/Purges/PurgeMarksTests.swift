import SeededRandom
import Testing

@testable import ResponseCache

@Suite("What was purged")
struct PurgeMarksTests {
    private static let now: UInt64 = 1_800_000_000_000

    private func label(_ number: Int) -> EntryLabel { EntryLabel(first: UInt64(bitPattern: Int64(number)), second: 7) }

    private func covers(_ marks: PurgeMarks, _ began: UInt64, _ labels: [EntryLabel]?, key: Int = 0) -> Bool {
        marks.cover(CallFacts(began: began, labels: labels), key: label(-1 - key))
    }

    @Test("A label covers the calls that began before its mark, and no later ones or others")
    func labels() {
        var marks = PurgeMarks()
        marks.add(.label(label(1)), before: 1_000, at: 1_000)
        #expect(covers(marks, 999, [label(2), label(1)]))
        #expect(!covers(marks, 1_000, [label(1)]))
        #expect(!covers(marks, 999, [label(2)]) && !covers(marks, 999, []))
        #expect(covers(marks, 999, nil), "of an entry without labels it is not known that it has not this one")
        #expect(!covers(marks, 1_000, nil))
    }

    @Test("A mark for everything covers what began before, and the marks before it are dropped")
    func everything() {
        var marks = PurgeMarks()
        marks.add(.label(label(1)), before: 500, at: 500)
        marks.add(.label(label(2)), before: 2_000, at: 2_000)
        marks.add(.all, before: 1_000, at: 2_000)
        #expect(marks.labelCount == 1)
        #expect(covers(marks, 999, []) && !covers(marks, 1_000, []))
        #expect(covers(marks, 1_500, [label(2)]))
    }

    @Test("The mark of a key covers its entry alone, and is dropped when no call can be in progress any more")
    func keys() {
        var marks = PurgeMarks()
        marks.add(.key(label(-1)), before: 1_000, at: 1_000)
        #expect(covers(marks, 999, []) && !covers(marks, 1_000, []) && !covers(marks, 999, [], key: 1))
        marks.add(.key(label(9)), before: 1_000 + PurgeMarks.keyLife, at: 1_000 + PurgeMarks.keyLife)
        #expect(!covers(marks, 999, []) && marks.keyCount == 1)
    }

    @Test("An earlier mark never takes the place of a later one")
    func later() {
        var marks = PurgeMarks()
        for scope in [PurgeMarks.Scope.all, .label(label(1)), .key(label(-1))] {
            marks.add(scope, before: 2_000, at: 2_000)
            let before = marks
            marks.add(scope, before: 1_000, at: 2_000)
            #expect(marks == before)
        }
    }

    @Test("A full set removes more than was asked for, never less")
    func bounded() {
        var marks = PurgeMarks()
        var added: [(Int, UInt64)] = []
        for number in 0..<5_000 {
            let time = UInt64(10_000 + number * 3)
            marks.add(.label(label(number)), before: time, at: time)
            added.append((number, time))
            #expect(marks.labelCount <= PurgeMarks.mostLabels)
        }
        for (number, time) in added { #expect(covers(marks, time - 1, [label(number)])) }
        #expect(marks.floor > 0 && !covers(marks, marks.floor, []))
        for number in 0..<5_000 { marks.add(.key(label(-1 - number)), before: UInt64(30_000 + number), at: 40_000) }
        #expect(marks.keyCount == PurgeMarks.mostKeys)
        #expect(covers(marks, 34_998, [], key: 4_999), "the newest keys are kept")
    }

    @Test("Sets that are merged in any order, and any number of times, are the same")
    func merging() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let sets = (0..<3).map { _ in
                var marks = PurgeMarks()
                for _ in 0..<Int.random(in: 0..<6, using: &random) {
                    let scope: PurgeMarks.Scope =
                        switch Int.random(in: 0..<7, using: &random) {
                        case 0: .all
                        case 1...3: .label(label(Int.random(in: 0..<4, using: &random)))
                        default: .key(label(Int.random(in: 0..<4, using: &random)))
                        }
                    marks.add(scope, before: UInt64.random(in: 1..<20, using: &random), at: 20)
                }
                return marks
            }
            func merged(_ order: [Int]) -> PurgeMarks {
                order.reduce(into: PurgeMarks()) { $0.merge(sets[$1], at: 20) }
            }
            let union = merged([0, 1, 2])
            #expect(merged([2, 1, 0]) == union && merged([1, 2, 1, 0, 2, 0]) == union)
            for set in sets { #expect(union.includes(set)) }
            for began in UInt64(0)..<21 {
                for number in 0..<4 {
                    let facts = CallFacts(began: began, labels: [label(number)])
                    let each = sets.contains { $0.cover(facts, key: label(number)) }
                    #expect(union.cover(facts, key: label(number)) == each)
                }
            }
        }
    }

    @Test("A set is read as it was written, and anything else is no set")
    func bytes() {
        var marks = PurgeMarks()
        marks.add(.all, before: 5, at: 10)
        for number in 0..<40 { marks.add(.label(label(number)), before: UInt64(10 + number), at: 60) }
        for number in 0..<30 { marks.add(.key(label(number)), before: UInt64(10 + number), at: 60) }
        let bytes = marks.encoded
        #expect(bytes.withUnsafeBytes { PurgeMarks(encoded: $0) } == marks)
        for length in 0..<bytes.count {
            #expect(bytes.prefix(length).withUnsafeBytes { PurgeMarks(encoded: UnsafeRawBufferPointer($0)) } == nil)
        }
        #expect((bytes + [0]).withUnsafeBytes { PurgeMarks(encoded: $0) } == nil)
        var many = bytes
        for index in 16..<32 { many[index] = 0xFF }
        #expect(many.withUnsafeBytes { PurgeMarks(encoded: $0) } == nil)
    }

    @Test("A mark that no gateway can have made yet is not believed")
    func future() {
        var marks = PurgeMarks()
        marks.add(.all, before: .max, at: Self.now)
        marks.add(.label(label(1)), before: .max, at: Self.now)
        let soon = Self.now + PurgeMarks.longestLead
        marks.add(.label(label(2)), before: soon, at: Self.now)
        var other = PurgeMarks()
        other.add(.label(label(1)), before: .max, at: Self.now)
        other.add(.label(label(2)), before: soon, at: Self.now)
        other.add(.key(label(3)), before: soon + 1, at: Self.now)
        #expect(marks.believed(at: Self.now).isEmpty)
        #expect(other.believed(at: Self.now).labelCount == 1 && other.believed(at: Self.now).keyCount == 0)
        #expect(!covers(other.believed(at: Self.now), soon, nil))
    }
}
