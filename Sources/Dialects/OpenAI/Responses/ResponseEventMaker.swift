import JSON
import NIOCore

/// Converts a response in one piece to the stream that a request with `stream` would have received: the response is
/// created, each item of its output is added, filled in pieces and done, and the last event holds the whole response.
///
/// Every event of an item repeats the item's id, so the length of the stream is limited in proportion to the response.
struct ResponseEventMaker {
    private var out = ByteBuffer()
    private var number = 0
    /// The largest allowed length of the stream, in bytes.
    private let limit: Int

    /// The number of bytes that a stream may have for each byte of the response, and in addition to that.
    private static let growth = 32
    private static let allowance = 64 << 10

    /// Returns the stream. The result is nil where the body is no response, and where the stream would be too long.
    static func events(of body: ByteBuffer, with document: JSONDocument) -> ByteBuffer? {
        guard let response = JSONTree(parsing: body, with: document), let output = response["output"]?.elements else {
            return nil
        }
        var maker = ResponseEventMaker(length: body.readableBytes)
        maker.begin(response)
        for (index, item) in output.enumerated() {
            guard maker.out.readableBytes <= maker.limit else { return nil }
            maker.add(item, index)
        }
        maker.end(response, body)
        return maker.out.readableBytes <= maker.limit ? maker.out : nil
    }

    private init(length: Int) {
        limit = min(length, 1 << 40) * Self.growth + Self.allowance
    }

    // MARK: Events

    private mutating func event(_ type: StaticString, _ members: (inout JSONWriter) -> Void) {
        guard out.readableBytes <= limit else { return }
        out.writeStaticString("event: ")
        out.writeStaticString(type)
        out.writeStaticString("\ndata: ")
        out.writeJSON { json in
            json.object { json in
                json.member("type") { $0.value(.text(type)) }
                json.member("sequence_number") { $0.integer(number) }
                members(&json)
            }
        }
        out.writeStaticString("\n\n")
        number += 1
    }

    private mutating func begin(_ response: JSONTree) {
        var begun: [JSONTree.Member] = []
        for member in response.members where !member.isNamed("completed_at") {
            let value: JSONTree? =
                if member.isNamed("status") {
                    .text("in_progress")
                } else if member.isNamed("output") {
                    .array([])
                } else if member.isNamed("usage") || member.isNamed("incomplete_details") {
                    .null
                } else {
                    nil
                }
            begun.append(value.map { JSONTree.Member(name: member.name, value: $0) } ?? member)
        }
        for type in ["response.created", "response.in_progress"] as [StaticString] {
            event(type) { json in json.member("response") { $0.value(.object(begun)) } }
        }
    }

    private mutating func end(_ response: JSONTree, _ body: ByteBuffer) {
        let status = response["status"]
        let type: StaticString =
            status == .text("incomplete")
            ? "response.incomplete" : status == .text("failed") ? "response.failed" : "response.completed"
        // A line break between two values would end the line of the event.
        let hasLines = body.readableBytesView.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        event(type) { json in
            json.member("response") { hasLines ? $0.value(response) : $0.value(body) }
        }
    }

    // MARK: Items

    /// The place of an item in the output, which all its events repeat.
    private struct Place {
        let index: Int
        let id: JSONTree

        func write(to json: inout JSONWriter) {
            json.member("item_id") { $0.value(id) }
            json.member("output_index") { $0.integer(index) }
        }
    }

    private mutating func add(_ item: JSONTree, _ index: Int) {
        let place = Place(index: index, id: item["id"] ?? .text(""))
        event("response.output_item.added") { json in
            json.member("output_index") { $0.integer(index) }
            json.member("item") { $0.value(Self.shell(of: item)) }
        }
        switch ItemKind(item) {
        case .message: add(content: item, place)
        case .reasoning:
            add(summary: item, place)
            add(content: item, place)
        case .function:
            add(
                text: item["arguments"],
                place,
                delta: "response.function_call_arguments.delta",
                done: "response.function_call_arguments.done",
                as: "arguments"
            ) { json in
                if let name = item["name"] { json.member("name") { $0.value(name) } }
            }
        case .customTool:
            add(
                text: item["input"],
                place,
                delta: "response.custom_tool_call_input.delta",
                done: "response.custom_tool_call_input.done",
                as: "input"
            ) { _ in }
        case .other: break
        }
        event("response.output_item.done") { json in
            json.member("output_index") { $0.integer(index) }
            json.member("item") { $0.value(item) }
        }
    }

    /// Returns an item as it is when it is added: with empty texts and lists where pieces follow.
    private static func shell(of item: JSONTree) -> JSONTree {
        let emptied: [(name: StaticString, value: JSONTree)] =
            switch ItemKind(item) {
            case .message: [("content", .array([])), ("status", .text("in_progress"))]
            case .reasoning: [("summary", .array([])), ("content", .array([]))]
            case .function: [("arguments", .string([])), ("status", .text("in_progress"))]
            case .customTool: [("input", .string([]))]
            case .other: []
            }
        return .object(
            item.members.map { member in
                let value = emptied.first { member.isNamed($0.name) }?.value
                guard let value, !member.value.isNull else { return member }
                return JSONTree.Member(name: member.name, value: value)
            }
        )
    }

    /// The pieces of a text and the text as a whole.
    private mutating func add(
        text: JSONTree?,
        _ place: Place,
        delta: StaticString,
        done: StaticString,
        as name: StaticString,
        _ others: (inout JSONWriter) -> Void
    ) {
        guard let text, let source = text.text else { return }
        for piece in TextPieces.of(source) {
            event(delta) { json in
                place.write(to: &json)
                json.member("delta") { $0.value(.string(Array(piece))) }
            }
        }
        event(done) { json in
            place.write(to: &json)
            others(&json)
            json.member(.init(name, text))
        }
    }

    // MARK: Parts

    private mutating func add(content item: JSONTree, _ place: Place) {
        for (index, part) in (item["content"]?.elements ?? []).enumerated() {
            let kind = PartKind(part)
            func position(_ json: inout JSONWriter) {
                place.write(to: &json)
                json.member("content_index") { $0.integer(index) }
            }
            event("response.content_part.added") { json in
                position(&json)
                json.member("part") { $0.value(kind?.shell(of: part) ?? part) }
            }
            if let kind, let text = part[kind.member] { add(text, of: part, kind, position) }
            event("response.content_part.done") { json in
                position(&json)
                json.member("part") { $0.value(part) }
            }
        }
    }

    private mutating func add(
        _ text: JSONTree,
        of part: JSONTree,
        _ kind: PartKind,
        _ position: (inout JSONWriter) -> Void
    ) {
        for piece in TextPieces.of(text.text ?? []) {
            event(kind.delta) { json in
                position(&json)
                json.member("delta") { $0.value(.string(Array(piece))) }
                if kind.hasProbabilities { json.member("logprobs") { $0.array { _ in } } }
            }
        }
        for (index, annotation) in (part["annotations"]?.elements ?? []).enumerated() where kind.hasProbabilities {
            event("response.output_text.annotation.added") { json in
                position(&json)
                json.member("annotation_index") { $0.integer(index) }
                json.member("annotation") { $0.value(annotation) }
            }
        }
        event(kind.done) { json in
            position(&json)
            json.member(.init(kind.member, text))
            if kind.hasProbabilities { json.member("logprobs") { $0.value(part["logprobs"] ?? .array([])) } }
        }
    }

    private mutating func add(summary item: JSONTree, _ place: Place) {
        for (index, part) in (item["summary"]?.elements ?? []).enumerated() {
            func position(_ json: inout JSONWriter) {
                place.write(to: &json)
                json.member("summary_index") { $0.integer(index) }
            }
            var empty = part
            if part["text"] != nil { empty.set("text", .string([])) }
            event("response.reasoning_summary_part.added") { json in
                position(&json)
                json.member("part") { $0.value(empty) }
            }
            if let text = part["text"] {
                for piece in TextPieces.of(text.text ?? []) {
                    event("response.reasoning_summary_text.delta") { json in
                        position(&json)
                        json.member("delta") { $0.value(.string(Array(piece))) }
                    }
                }
                event("response.reasoning_summary_text.done") { json in
                    position(&json)
                    json.member("text") { $0.value(text) }
                }
            }
            event("response.reasoning_summary_part.done") { json in
                position(&json)
                json.member("part") { $0.value(part) }
            }
        }
    }
}

/// The kinds of items whose content arrives in pieces.
private enum ItemKind {
    case message, reasoning, function, customTool, other

    init(_ item: JSONTree) {
        let type = item["type"]
        self =
            type == .text("message")
            ? .message
            : type == .text("reasoning")
                ? .reasoning
                : type == .text("function_call") ? .function : type == .text("custom_tool_call") ? .customTool : .other
    }
}

/// The kinds of parts of a content whose text arrives in pieces.
private enum PartKind {
    case text, refusal, reasoning

    init?(_ part: JSONTree) {
        let type = part["type"]
        if type == .text("output_text") {
            self = .text
        } else if type == .text("refusal") {
            self = .refusal
        } else if type == .text("reasoning_text") {
            self = .reasoning
        } else {
            return nil
        }
    }

    /// The member that holds the text.
    var member: StaticString {
        switch self {
        case .text, .reasoning: "text"
        case .refusal: "refusal"
        }
    }

    var delta: StaticString {
        switch self {
        case .text: "response.output_text.delta"
        case .refusal: "response.refusal.delta"
        case .reasoning: "response.reasoning_text.delta"
        }
    }

    var done: StaticString {
        switch self {
        case .text: "response.output_text.done"
        case .refusal: "response.refusal.done"
        case .reasoning: "response.reasoning_text.done"
        }
    }

    /// Whether the events of the text have log probabilities, and the part has annotations.
    var hasProbabilities: Bool {
        switch self {
        case .text: true
        case .refusal, .reasoning: false
        }
    }

    /// Returns the part as it is when it is added.
    func shell(of part: JSONTree) -> JSONTree {
        var empty = part
        if part[member] != nil { empty.set(member, .string([])) }
        for name in ["annotations", "logprobs"] as [StaticString] {
            if case .array? = part[name] { empty.set(name, .array([])) }
        }
        return empty
    }
}
