public import JSON
public import NIOCore

extension StreamRecording {
    /// The answer in one piece. It is nil where the events are no chunks of one.
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
    /// The stream that a body in one piece makes. It is nil where the body is no answer with choices, and where its stream would
    /// be far too long.
    public func events(includesUsage: Bool, with document: JSONDocument) -> ByteBuffer? {
        JSONTree(parsing: self, with: document).flatMap {
            ChunkMaker.events(of: $0, length: readableBytes, includesUsage: includesUsage)
        }
    }
}
