import JSON
import NIOCore

/// Assembles the events of a streamed message into the JSON that the same request would have received without `stream`,
/// as the accumulator of the `anthropic` package does.
///
/// The blocks are those of `content_block_start`, with their deltas. The members of `message_delta` replace those of
/// the message, and those of its `usage` replace the usage's, member by member. Unknown events are passed over. The
/// time is proportional to the length of the events, whatever they contain.
struct MessageAssembler {
    private var message: GrowingObject?
    private var usage = GrowingObject()
    private var blocks: [GrowingBlock] = []

    /// Returns the answer in one piece. It is nil where the events are not those of one message.
    static func answer(_ recording: StreamRecording, with document: JSONDocument) -> ByteBuffer? {
        var assembler = MessageAssembler()
        var parser = EventParser()
        parser.feed(recording.bytes)
        while let event = parser.next() ?? parser.remainder() {
            guard let data = event.data, data.readableBytes > 0 else { continue }
            guard let event = JSONTree(parsing: data, with: document), assembler.add(event) else { return nil }
        }
        return assembler.result(with: document)
    }

    /// Adds the next event. Returns false where it is not the next event of one message.
    ///
    /// - Parameter event: the data of the event.
    mutating func add(_ event: JSONTree) -> Bool {
        guard let type = event["type"]?.text else { return true }
        func isType(_ name: StaticString) -> Bool { name.withUTF8Buffer(type.elementsEqual) }
        if isType("content_block_delta") {
            guard let index = event["index"]?.int, blocks.indices.contains(index), let delta = event["delta"] else {
                return false
            }
            return blocks[index].add(delta)
        }
        if isType("content_block_start") {
            guard message != nil, event["index"]?.int == blocks.count, let block = event["content_block"],
                !block.members.isEmpty
            else { return false }
            blocks.append(GrowingBlock(block))
            // The last model to which a request fell back is the one that answered.
            if let model = Self.modelOfFallback(block) { message?.set("model", model) }
        } else if isType("message_start") {
            return begin(event["message"])
        } else if isType("message_delta") {
            return change(event)
        }
        return true
    }

    private mutating func begin(_ message: JSONTree?) -> Bool {
        guard self.message == nil, let message, !message.members.isEmpty, message["content"]?.elements.isEmpty == true
        else { return false }
        self.message = GrowingObject(message.members)
        usage = GrowingObject(message["usage"]?.members ?? [])
        return true
    }

    private static let reasons: [StaticString] = ["stop_reason", "stop_sequence", "stop_details"]

    private func change(_ event: JSONTree) -> Bool {
        guard let message else { return false }
        let delta = event["delta"]
        // These three always have the value that was sent last, even where none was sent.
        for name in Self.reasons where delta?[name] != nil || message[name] != nil {
            message.set(name, delta?[name] ?? .null)
        }
        let others = delta?.members.filter { member in !Self.reasons.contains { member.isNamed($0) } } ?? []
        let own = event.members.filter { !$0.isNamed("type") && !$0.isNamed("delta") && !$0.isNamed("usage") }
        for member in others + own where !member.value.isNull && !member.isNamed("content") {
            message.update(member.name) { $0 = .tree(member.value) }
        }
        for member in event["usage"]?.members ?? [] where !member.value.isNull {
            usage.update(member.name) { $0 = .tree(member.value) }
        }
        return true
    }

    private static func modelOfFallback(_ block: JSONTree) -> JSONTree? {
        guard block["type"] == .text("fallback") else { return nil }
        return block["to"]?["model"]
    }

    /// The whole message. It is nil where it has not begun or a block is not complete.
    private func result(with document: JSONDocument) -> ByteBuffer? {
        guard let message else { return nil }
        var content: [JSONTree] = []
        content.reserveCapacity(blocks.count)
        for block in blocks {
            guard let block = block.tree(with: document) else { return nil }
            content.append(block)
        }
        message.set("content", .array(content))
        if !usage.members.isEmpty { message.set("usage", .object(usage.members)) }
        var writer = JSONWriter()
        writer.value(.object(message.members))
        return writer.buffer
    }
}
