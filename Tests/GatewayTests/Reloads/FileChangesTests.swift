import Testing

@testable import Gateway

@Suite("Changes of files")
struct FileChangesTests {
    private typealias Stamp = FileChanges.Stamp

    /// What is reported of stamps that follow one another.
    private func reports(from first: [String: Stamp?], _ stamps: [String: Stamp?]...) -> [Bool] {
        var changes = FileChanges(first)
        return stamps.map { changes.observe($0) }
    }

    @Test("are reported once they have settled, and once")
    func settled() {
        let reports = reports(
            from: ["a": Stamp(size: 1), "b": nil],
            ["a": Stamp(size: 1), "b": nil],
            ["a": Stamp(size: 2), "b": nil],
            // It was being written still.
            ["a": Stamp(size: 3), "b": nil],
            ["a": Stamp(size: 3), "b": nil],
            ["a": Stamp(size: 3), "b": nil]
        )
        #expect(reports == [false, false, false, true, false])
    }

    @Test("are none where everything is as it was read")
    func undone() {
        let reports = reports(from: ["a": Stamp(inode: 1)], ["a": nil], ["a": Stamp(inode: 1)], ["a": Stamp(inode: 1)])
        #expect(reports == [false, false, false])
    }

    @Test("are another file at the same path, a file that is gone, and one that is new")
    func kinds() {
        let first: [String: Stamp?] = ["a": Stamp(inode: 1), "b": nil]
        for next: [String: Stamp?] in [
            ["a": Stamp(inode: 2), "b": nil], ["a": nil, "b": nil], ["a": Stamp(inode: 1), "b": Stamp()],
        ] {
            #expect(reports(from: first, next, next) == [false, true])
        }
    }
}
