import Synchronization
import TestSupport

/// An HTTP server that answers as a test wants S3, STS or a metadata service to answer.
final class ScriptedS3: Sendable {
    typealias Answer = ScriptedServer.Answer

    /// A request as it was received.
    struct Call: Sendable {
        let method: String
        /// The path as it is on the wire.
        let path: String
        let query: String
        let headers: [String: String]
        let body: String

        /// The method and the path, such as `GET /bucket/key`.
        var line: String { "\(method) \(path)" }
        var authorization: String { headers["authorization"] ?? "" }
    }

    typealias Script = @Sendable (Call) -> Answer

    private let server: ScriptedServer
    private let memory: Memory

    init(_ script: @escaping Script) throws {
        let memory = Memory(script)
        self.memory = memory
        server = try ScriptedServer { bytes, _ in Self.call(&bytes).map { memory.answer($0) } }
    }

    var port: UInt16 { server.port }
    var url: String { "http://127.0.0.1:\(server.port)" }
    var connectionCount: Int { server.connectionCount }

    func stop() { server.stop() }

    /// Follows another script from now on.
    func play(_ script: @escaping Script) { memory.state.withLock { $0.scene = Memory.Scene(script) } }

    /// The received requests, without the plugin's check of the bucket.
    var calls: [Call] { memory.state.withLock { $0.calls } }

    private final class Memory: Sendable {
        /// It is a class, since a closure that passes through a generic function is wrapped once more each time.
        final class Scene: Sendable {
            let script: Script

            init(_ script: @escaping Script) { self.script = script }
        }

        let state: Mutex<(scene: Scene, calls: [Call])>

        init(_ script: @escaping Script) { state = Mutex((Scene(script), [])) }

        func answer(_ call: Call) -> Answer {
            if call.method == "GET", call.query.contains("max-keys=1&") { return .listing([]) }
            let scene = state.withLock { state in
                state.calls.append(call)
                return state.scene
            }
            return scene.script(call)
        }
    }

    private static func call(_ bytes: inout [UInt8]) -> Call? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ").map(String.init) ?? []
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].drop { $0 == " " }.description : ""
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= end.upperBound + length, words.count == 3 else { return nil }
        let body = String(decoding: bytes[end.upperBound..<(end.upperBound + length)], as: UTF8.self)
        bytes.removeFirst(end.upperBound + length)
        let target = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        return Call(
            method: words[0],
            path: target.first ?? "",
            query: target.count > 1 ? target[1] : "",
            headers: headers,
            body: body
        )
    }
}

extension ScriptedServer.Answer {
    static func status(_ status: Int, _ headers: [String] = [], _ body: String = "") -> Self {
        .says(
            "HTTP/1.1 \(status) -\r\n" + headers.map { $0 + "\r\n" }.joined()
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    static func object(_ body: String, _ headers: [String] = []) -> Self { .status(200, headers, body) }

    static func error(_ status: Int, _ code: String, _ message: String = "", headers: [String] = [], more: String = "")
        -> Self
    {
        .status(
            status,
            headers,
            "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>\(message)</Message>\(more)</Error>"
        )
    }

    static let missing = Self.error(404, "NoSuchKey")
    static let noContent = Self.says("HTTP/1.1 204 No Content\r\n\r\n")

    static func listing(_ keys: [String], next: String? = nil) -> Self {
        .status(
            200,
            [],
            "<ListBucketResult>" + keys.map { "<Contents><Key>\($0)</Key></Contents>" }.joined()
                + "<IsTruncated>\(next != nil)</IsTruncated>"
                + (next.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? "") + "</ListBucketResult>"
        )
    }
}
