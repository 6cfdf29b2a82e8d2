import JSON
import NIOCore

extension StreamProgress {
    /// Returns the kind of an event of a streamed response, and records what the event says. The stream begins with
    /// `response.created` and ends with the event that holds the whole response.
    mutating func readResponse(_ event: ServerSentEvent, with document: JSONDocument) -> StreamEventKind {
        guard let data = event.data, data.readableBytes > 0 else { return .comment }
        // Some servers send this after the last event. The answer is whole without it.
        if data.readableBytesView.elementsEqual("[DONE]".utf8) { return isWhole ? .comment : .done }
        defer { document.reset() }
        guard let root = document.object(in: data), !event.isError, let type = document.member("type", of: root),
            !document.tellsError(root), !document.text(of: type, equals: "error")
        else {
            noteFailure()
            return .error
        }
        if !isAmbiguous, document.hasRepeatedMembers { noteAmbiguity() }
        if document.text(of: type, equals: "response.created") { notePart(ofChoice: 0, isLast: false) }
        guard let response = document.member("response", of: root), document.endsResponse(type) else { return .chunk }
        // A stream that does not begin at its beginning cannot be replayed.
        if !hasParts || document.refusal(ofResponse: response) != nil { noteUnfit() }
        notePart(ofChoice: 0, isLast: true)
        noteDone()
        return .done
    }
}

extension JSONDocument {
    fileprivate func endsResponse(_ type: JSONNode) -> Bool {
        text(of: type, equals: "response.completed") || text(of: type, equals: "response.incomplete")
            || text(of: type, equals: "response.failed")
    }
}
