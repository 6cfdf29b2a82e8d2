import JSON
import NIOCore

/// Converts a message in one piece to the stream that a request with `stream` would have received: the message without
/// its content, each block emptied, then in pieces, then its end, and the reason to stop with the usage.
///
/// `MessageAssembler` assembles the stream into the same message again. The length of the stream is limited in
/// proportion to the message, because a message of many tiny blocks would make a stream that is many times longer.
struct MessageEvents {
    private var out = ByteBuffer()
    /// The largest allowed length of the stream, in bytes.
    private let limit: Int

    /// The number of bytes that a stream may have for each byte of the answer, and in addition to that.
    private static let growth = 32
    private static let allowance = 64 << 10

    /// Returns the stream. The result is nil where the body is not a message with its usage, and where the stream would
    /// be too long.
    ///
    /// - Parameter document: scratch space.
    static func events(of body: ByteBuffer, with document: JSONDocument) -> ByteBuffer? {
        guard let message = JSONTree(parsing: body, with: document), message["type"] == .text("message"),
            case .array(let content)? = message["content"], case .object? = message["usage"]
        else { return nil }
        var maker = MessageEvents(limit: min(body.readableBytes, 1 << 40) * growth + allowance)
        let inputs = content.contains(where: isToolUse) ? inputs(of: body, with: document) : []
        maker.begin(message)
        for (index, block) in content.enumerated() {
            guard maker.hasRoom, !block.members.isEmpty else { return nil }
            maker.add(block, index, input: inputs.indices.contains(index) ? inputs[index] : nil)
        }
        maker.end(message)
        return maker.hasRoom ? maker.out : nil
    }

    private init(limit: Int) { self.limit = limit }

    private var hasRoom: Bool { out.readableBytes <= limit }

    // MARK: Events

    private mutating func event(_ type: StaticString, _ members: [JSONTree.Member]) {
        guard hasRoom else { return }
        out.writeStaticString("event: ")
        out.writeStaticString(type)
        out.writeStaticString("\ndata: ")
        out.writeJSON { $0.value(.object([JSONTree.Member("type", .text(type))] + members)) }
        out.writeStaticString("\n\n")
    }

    private mutating func begin(_ message: JSONTree) {
        let members = message.members.map { member in
            if member.isNamed("content") { return JSONTree.Member("content", .array([])) }
            if Self.reasons.contains(where: { member.isNamed($0) }) {
                return JSONTree.Member(name: member.name, value: .null)
            }
            guard member.isNamed("usage"), member.value["output_tokens"] != nil else { return member }
            var usage = member.value
            usage.set("output_tokens", .number(1))
            return JSONTree.Member("usage", usage)
        }
        event("message_start", [JSONTree.Member("message", .object(members))])
    }

    private static let reasons: [StaticString] = ["stop_reason", "stop_sequence", "stop_details"]

    private mutating func end(_ message: JSONTree) {
        let delta = message.members.filter { member in Self.reasons.contains { member.isNamed($0) } }
        event(
            "message_delta",
            [JSONTree.Member("delta", .object(delta)), JSONTree.Member("usage", message["usage"] ?? .object([]))]
        )
        event("message_stop", [])
    }

    // MARK: Blocks

    /// - Parameter input: the JSON text of the block's input, as it is in the answer.
    private mutating func add(_ block: JSONTree, _ index: Int, input: [UInt8]?) {
        let index = JSONTree.Member("index", .number(index))
        var shell = block
        var deltas: [JSONTree] = []
        func delta(_ type: StaticString, _ name: StaticString, _ value: JSONTree) {
            deltas.append(.object([JSONTree.Member("type", .text(type)), JSONTree.Member(name, value)]))
        }
        if block["type"] == .text("text"), let text = block["text"]?.text {
            shell.set("text", .string([]))
            for piece in TextPieces.of(text) { delta("text_delta", "text", .string(Array(piece))) }
            if let citations = block["citations"]?.elements, !citations.isEmpty {
                shell.set("citations", .array([]))
                for citation in citations { delta("citations_delta", "citation", citation) }
            }
        } else if block["type"] == .text("thinking"), let thinking = block["thinking"]?.text {
            shell.set("thinking", .string([]))
            for piece in TextPieces.of(thinking) { delta("thinking_delta", "thinking", .string(Array(piece))) }
            if let signature = block["signature"], signature.text?.isEmpty == false {
                shell.set("signature", .string([]))
                delta("signature_delta", "signature", signature)
            }
        } else if Self.isToolUse(block), let input {
            shell.set("input", .object([]))
            delta("input_json_delta", "partial_json", .string([]))
            let source = JSONTree.source(of: input)
            if input != Array("{}".utf8) {
                for piece in TextPieces.of(source) {
                    delta("input_json_delta", "partial_json", .string(Array(piece)))
                }
            }
        }
        event("content_block_start", [index, JSONTree.Member("content_block", shell)])
        for delta in deltas { event("content_block_delta", [index, JSONTree.Member("delta", delta)]) }
        event("content_block_stop", [index])
    }

    private static func isToolUse(_ block: JSONTree) -> Bool {
        block["type"]?.text.map { GrowingBlock.isToolUse($0) } ?? false
    }

    /// Returns for each content block the text of its input, where that is an object.
    private static func inputs(of body: ByteBuffer, with document: JSONDocument) -> [[UInt8]?] {
        defer { document.reset() }
        guard (try? document.parse(body, forKey: false, nodeLimit: JSONDocument.answerNodes)) != nil,
            let root = document.root, let content = document.member("content", of: root)
        else { return [] }
        return document.elements(of: content).map { block in
            guard let input = document.member("input", of: block), document.kind(of: input) == .object,
                let range = document.byteRange(of: input)
            else { return nil }
            return body.getBytes(at: body.readerIndex + range.lowerBound, length: range.count)
        }
    }
}
