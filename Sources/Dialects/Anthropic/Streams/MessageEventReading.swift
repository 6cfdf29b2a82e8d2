import JSON
import NIOCore

extension StreamProgress {
    /// Returns the kind of an event of a message, and records what the event says. Each content block is a choice of
    /// the progress. `message_stop` ends the stream, and the stream fails with an error event.
    ///
    /// Blocks must begin in the order of their indexes, and everything else must belong to a block that has begun.
    /// Otherwise it would be unclear what an answer in one piece should say.
    mutating func readMessageEvent(_ event: ServerSentEvent, with document: JSONDocument) -> StreamEventKind {
        guard let data = event.data, data.readableBytes > 0 else { return .comment }
        defer { document.reset() }
        do throws(JSONError) {
            try document.parse(data, forKey: false, nodeLimit: JSONDocument.answerNodes)
        } catch {
            return failed()
        }
        guard !event.isError, let root = document.root, document.kind(of: root) == .object else { return failed() }
        if !isAmbiguous, document.hasRepeatedMembers { noteAmbiguity() }
        guard let type = document.member("type", of: root) else { return .chunk }
        func isType(_ name: StaticString) -> Bool { document.text(of: type, equals: name) }
        if isType("content_block_delta") {
            noteOrder(index(of: root, in: document).map { hasBegun(choice: $0) })
        } else if isType("ping") {
            return .comment
        } else if isType("content_block_start") {
            begin(block: index(of: root, in: document))
        } else if isType("content_block_stop") {
            let index = index(of: root, in: document)
            noteOrder(index.map { hasBegun(choice: $0) })
            if let index, hasBegun(choice: index) { notePart(ofChoice: index, isLast: true) }
        } else if isType("message_start") {
            noteOrder(!hasParts)
            noteBeginning()
        } else if isType("message_delta") {
            let delta = document.member("delta", of: root)
            let reason = delta.flatMap { document.member("stop_reason", of: $0) }
            note(reasonIsFit: reason.map { document.isFinal(reason: $0) } ?? false)
        } else if isType("message_stop") {
            if !hasFitReason || choiceCount == 0 { noteUnfit() }
            noteDone()
            return .done
        } else if isType("error") {
            return failed()
        }
        return .chunk
    }

    private mutating func begin(block index: Int64?) {
        guard let index, hasParts, index == Int64(choiceCount) else { return noteAmbiguity() }
        notePart(ofChoice: index, isLast: false)
    }

    private func index(of event: JSONNode, in document: JSONDocument) -> Int64? {
        document.member("index", of: event).flatMap { document.int64($0) }
    }

    private mutating func noteOrder(_ isInOrder: Bool?) {
        if isInOrder != true { noteAmbiguity() }
    }

    private mutating func failed() -> StreamEventKind {
        noteFailure()
        return .error
    }
}
