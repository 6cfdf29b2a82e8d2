public import JSON
import NIOCore
import Text

/// What an event of a streamed answer says.
public enum StreamEventKind: UInt8, Sendable {
    /// A piece of the answer, or anything else that belongs to it.
    case chunk = 0
    /// The usage behind the last choice, which was asked for: for those only who asked for it.
    case usage = 1
    /// `[DONE]`.
    case done = 2
    /// The model failed in the middle.
    case error = 3
    /// A comment, such as those that keep a connection open. It is passed on and not recorded.
    case comment = 4
    /// A piece of the answer that tells the usage as well, as some servers do, or the usage of a server that tells it unasked:
    /// for everyone.
    case chunkWithUsage = 5

    /// Whether the recording of a whole answer may have it: comments are left out, and with an error nothing is stored.
    var isRecorded: Bool { self != .error && self != .comment }
}

/// Reads the events of one streamed answer and knows when it is whole: `[DONE]` came, nothing failed (no event is an error, no
/// choice is null, empty, an error or ended by one), and each choice has a reason to finish that is not empty. Bound to one
/// event loop.
public final class StreamReader {
    private let document: JSONDocument
    private let usageIsAsked: Bool
    private var unfinished: Set<Int64> = []
    private var finished: Set<Int64> = []
    private var hasChoices = false
    private var isDone = false
    private var hasFailed = false

    /// - Parameters:
    ///   - usageIsAsked: whether the request has `stream_options.include_usage`.
    ///   - document: scratch, which nobody else uses during a call.
    public init(usageIsAsked: Bool, document: JSONDocument = JSONDocument()) {
        self.usageIsAsked = usageIsAsked
        self.document = document
    }

    /// Whether an event has two members of one name: such a stream cannot be put together to an answer in one piece.
    public private(set) var isAmbiguous = false

    /// Whether the answer is complete.
    public var isWhole: Bool { isDone && !hasFailed && hasChoices && unfinished.isEmpty }

    /// Takes the next event of the stream, and says what it is.
    public func read(_ event: ServerSentEvent) -> StreamEventKind {
        guard let data = event.data, data.readableBytes > 0 else { return .comment }
        if data.withUnsafeReadableBytes({ $0.isText("[DONE]") }) {
            isDone = true
            return .done
        }
        defer { document.reset() }
        let isJSON: Bool
        do throws(JSONError) {
            try document.parse(data, forKey: false, nodeLimit: JSONDocument.answerNodes)
            isJSON = true
        } catch {
            isJSON = false
        }
        guard isJSON, !event.isError, let root = document.root, document.kind(of: root) == .object else {
            return failed()
        }
        var choices: JSONNode?
        var usage: JSONNode?
        var tellsError = false
        document.forEachMember(of: root) { name, member in
            if name.equals("choices") {
                choices = member.value
            } else if name.equals("usage") {
                usage = member.value
            } else if name.equals("error"), document.kind(of: member.value) != .null {
                tellsError = true
            }
        }
        if tellsError { return failed() }
        var isEmpty = true
        if let choices {
            for choice in document.elements(of: choices) {
                guard document.isPartOfChoice(choice) else { return failed() }
                isEmpty = false
                note(choice)
            }
        }
        if !isAmbiguous, document.hasRepeatedMembers { isAmbiguous = true }
        guard let usage, document.kind(of: usage) == .object else { return .chunk }
        return isEmpty && usageIsAsked ? .usage : .chunkWithUsage
    }

    private func note(_ choice: JSONNode) {
        hasChoices = true
        let index = document.member("index", of: choice).flatMap { document.int64($0) } ?? 0
        let reason = document.member("finish_reason", of: choice)
        if let reason, document.kind(of: reason) == .string, !document.text(of: reason, equals: "") {
            unfinished.remove(index)
            finished.insert(index)
        } else if !finished.contains(index) {
            unfinished.insert(index)
        }
    }

    private func failed() -> StreamEventKind {
        hasFailed = true
        return .error
    }
}
