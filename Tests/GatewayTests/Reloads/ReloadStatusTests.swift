import NIOCore
import Testing

@testable import Gateway

@Suite("What is told of reloads")
struct ReloadStatusTests {
    private func summary(_ values: [(String, String, String?)], salt: [UInt8] = [1, 2]) -> ConfigurationSummary {
        ConfigurationSummary(salt: salt, values: values.map { ($0, ConfigurationSummary.Value(shown: $1, digest: $2)) })
    }

    @Test("is read as it was written")
    func roundTrip() {
        var record = ReloadRecord(at: 5)
        let attempt = ReloadRecord.Attempt(
            began: .max,
            ended: 7,
            outcome: .refused(reasons: ["config.yaml:1:1: \"no\"\n", "ü"]),
            warnings: ["w"],
            changes: []
        )
        record.note(attempt)
        let status = ReloadStatus(record, summary([("a.b", "1", nil), ("c", "not shown", "ff")]))
        #expect(ReloadStatus(parsing: ByteBuffer(string: status.json)) == status)
        #expect(ReloadStatus(parsing: ByteBuffer(string: #"{"status":"reloaded"}"#)) == nil)
        #expect(ReloadStatus(parsing: ByteBuffer(string: "[]")) == nil)
    }

    @Test("counts generations that were adopted, and no others")
    func generations() {
        var record = ReloadRecord(at: 5)
        func attempt(_ outcome: ReloadRecord.Outcome, at time: Int) -> ReloadRecord.Attempt {
            ReloadRecord.Attempt(began: 0, ended: time, outcome: outcome, warnings: [], changes: [])
        }
        #expect(record.generation == 1 && record.since == 5)
        record.note(attempt(.refused(reasons: ["no"]), at: 6))
        #expect(record.generation == 1 && record.since == 5)
        record.note(attempt(.adopted, at: 7))
        #expect(record.generation == 2 && record.since == 7)
    }

    @Test("names each value that differs, and shows none that is secret")
    func changes() {
        let old = summary([("a", "1", nil), ("b", "2", nil), ("key", "not shown", "00"), ("same", "x", nil)])
        let new = summary([("a", "5", nil), ("c", "3", nil), ("key", "not shown", "ff"), ("same", "x", nil)])
        let changes = ConfigurationChanges(from: old, to: new)
        #expect(changes.lines == ["- b: 2", "~ a: 1 -> 5", "+ c: 3", "~ key: not shown, whose value has changed"])
        #expect(changes.backend == nil)
        #expect(ConfigurationChanges(from: old, to: old).lines.isEmpty)
    }

    @Test("says what becomes of the cache backend")
    func backend() {
        let path = ConfigurationSummary.backend
        let none = summary([])
        let (one, two) = (summary([(path, "local", "00")]), summary([(path, "local", "11")]))
        #expect(ConfigurationChanges(from: one, to: one).backend == .kept)
        #expect(ConfigurationChanges(from: one, to: two).backend == .replaced)
        #expect(ConfigurationChanges(from: none, to: two).backend == .added)
        #expect(ConfigurationChanges(from: one, to: none).backend == .removed)
    }

    @Test("is cut where very much differs")
    func many() {
        let many = summary((0..<500).map { ("a[\($0)]", "1", nil) })
        let lines = ConfigurationChanges(from: summary([]), to: many).lines
        #expect(lines.count == 201 && lines.last == "and 300 more")
    }
}
