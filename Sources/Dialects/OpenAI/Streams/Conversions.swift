public import JSON
public import NIOCore

extension StreamRecording {
    /// Returns the answer in one piece. The result is nil where the events are not chunks of an answer.
    public func answer(with document: JSONDocument) -> ByteBuffer? {
        var assembler = AnswerAssembler()
        var parser = EventParser()
        parser.feed(bytes)
        while let event = parser.next() ?? parser.remainder() {
            guard let data = event.data, !data.readableBytesView.elementsEqual("[DONE]".utf8) else { continue }
            guard let chunk = JSONTree(parsing: data, with: document) else { return nil }
            assembler.add(chunk)
        }
        return assembler.result
    }
}

extension ByteBuffer {
    /// Converts a body in one piece to a stream. The result is nil where the body is not an answer with choices, and
    /// where the stream would be far too long.
    public func events(includesUsage: Bool, with document: JSONDocument) -> ByteBuffer? {
        JSONTree(parsing: self, with: document).flatMap {
            ChunkMaker.events(of: $0, length: readableBytes, includesUsage: includesUsage)
        }
    }
}
