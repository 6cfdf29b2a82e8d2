import Glibc
import JSON
import NIOCore

/// What a running gateway tells about its configuration: the record of reloads and what the configuration says. It is written
/// as JSON, beside the pid file and as the answer to a reload.
struct ReloadStatus: Sendable, Equatable {
    var generation: Int
    var last: ReloadRecord.Attempt?
    /// It is nil where it is not told.
    var summary: ConfigurationSummary?

    init(_ record: ReloadRecord, _ summary: ConfigurationSummary?) {
        generation = record.generation
        last = record.last
        self.summary = summary
    }

    // MARK: Writing

    var json: String {
        JSONWriter.object { members in
            members.member("generation") { $0.integer(generation) }
            if let last { Self.write(last, to: &members) }
            guard let summary else { return }
            members.member("salt", summary.salt.map { String($0) }.joined(separator: " "))
            members.member("values") { json in
                json.array { array in
                    for (path, value) in summary.values {
                        array.object { item in
                            item.member("path", path)
                            item.member("shown", value.shown)
                            item.member("digest", value.digest)
                        }
                    }
                }
            }
        }
    }

    private static func write(_ attempt: ReloadRecord.Attempt, to members: inout JSONWriter) {
        switch attempt.outcome {
        case .adopted: members.member("status", "reloaded")
        case .refused(let reasons):
            members.member("status", "refused")
            members.member("errors") { write(reasons, to: &$0) }
        }
        members.member("began_ns", String(attempt.began))
        members.member("ended") { $0.integer(attempt.ended) }
        members.member("warnings") { write(attempt.warnings, to: &$0) }
        members.member("changes") { write(attempt.changes, to: &$0) }
    }

    private static func write(_ lines: [String], to json: inout JSONWriter) {
        json.array { array in
            for line in lines { array.string(line) }
        }
    }

    /// Writes the status to a file that nobody else can read, at once as a whole.
    ///
    /// - Returns: whether it was written.
    func write(to path: String) -> Bool {
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        let bytes = Array(json.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        close(descriptor)
        guard written == bytes.count, rename(temporary, path) == 0 else {
            unlink(temporary)
            return false
        }
        return true
    }

    // MARK: Reading

    /// The largest status that is read, in bytes.
    static let sizeLimit = 8 << 20

    /// - Returns: nil where this is no status.
    init?(parsing bytes: ByteBuffer) {
        let document = JSONDocument()
        defer { document.reset() }
        guard bytes.readableBytes <= Self.sizeLimit,
            (try? document.parse(bytes, nodeLimit: JSONDocument.answerNodes)) != nil,
            let root = document.root
        else { return nil }
        func text(_ name: StaticString, of node: JSONNode) -> String? {
            document.member(name, of: node).flatMap { document.string($0) }
        }
        func number(_ name: StaticString) -> Int? {
            document.member(name, of: root).flatMap { document.int64($0) }.map { Int($0) }
        }
        func lines(_ name: StaticString) -> [String] {
            document.member(name, of: root).map { document.elements(of: $0).compactMap { document.string($0) } } ?? []
        }
        guard let generation = number("generation") else { return nil }
        self.generation = generation
        if let status = text("status", of: root), let began = text("began_ns", of: root).flatMap({ UInt64($0) }) {
            last = ReloadRecord.Attempt(
                began: began,
                ended: number("ended") ?? 0,
                outcome: status == "reloaded" ? .adopted : .refused(reasons: lines("errors")),
                warnings: lines("warnings"),
                changes: lines("changes")
            )
        }
        guard let salt = text("salt", of: root), let values = document.member("values", of: root) else { return }
        summary = ConfigurationSummary(
            salt: salt.split(separator: " ").compactMap { UInt8($0) },
            values: document.elements(of: values).compactMap { item in
                guard let path = text("path", of: item), let shown = text("shown", of: item) else { return nil }
                return (path, ConfigurationSummary.Value(shown: shown, digest: text("digest", of: item)))
            }
        )
    }
}
