import JSON
import NIOCore
import Text

extension StreamProgress {
    /// Returns the kind of an event of a chat or text completion, and records what the event says. `[DONE]` ends the
    /// stream. The stream fails with an event that is an error, or that has a choice which is null, empty, an error or
    /// ended by an error. A choice ends with a finish reason that is not empty.
    mutating func read(_ event: ServerSentEvent, with document: JSONDocument) -> StreamEventKind {
        guard let data = event.data, data.readableBytes > 0 else { return .comment }
        if data.withUnsafeReadableBytes({ $0.isText("[DONE]") }) {
            noteDone()
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
                note(choice, in: document)
            }
        }
        if !isAmbiguous, document.hasRepeatedMembers { noteAmbiguity() }
        guard let usage, document.kind(of: usage) == .object else { return .chunk }
        return isEmpty && usageIsAsked ? .usage : .chunkWithUsage
    }

    private mutating func note(_ choice: JSONNode, in document: JSONDocument) {
        let reason = document.member("finish_reason", of: choice)
        let isLast = reason.map { document.kind(of: $0) == .string && !document.text(of: $0, equals: "") } ?? false
        let index = document.member("index", of: choice).flatMap { document.int64($0) } ?? 0
        notePart(ofChoice: index, isLast: isLast)
    }

    private mutating func failed() -> StreamEventKind {
        noteFailure()
        return .error
    }
}
