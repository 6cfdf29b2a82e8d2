import Glibc
import JSON
import NIOCore

extension StreamRecording {
    /// Returns the response in one piece, which the last event holds. The result is nil where it holds none.
    func response(with document: JSONDocument) -> ByteBuffer? {
        defer { document.reset() }
        guard let last = pieces.last(where: { $0.event.kind == .done || $0.event.kind == .chunkWithUsage }) else {
            return nil
        }
        var parser = EventParser()
        parser.feed(last.raw)
        guard let event = parser.next() ?? parser.remainder(), let data = event.data,
            let root = document.object(in: data), let response = document.member("response", of: root),
            let range = document.byteRange(of: response)
        else { return nil }
        return data.getSlice(at: data.readerIndex + range.lowerBound, length: range.count)
    }
}

extension ServerSentEvent {
    /// Returns the event without the member `obfuscation`, with which OpenAI hides the lengths of texts from whoever
    /// watches the connection. The result is nil where the event has none.
    func withoutPadding(_ document: JSONDocument) -> ByteBuffer? {
        guard let data, Self.mentionsPadding(data), let start = dataOffset else { return nil }
        defer { document.reset() }
        guard let root = document.object(in: data), let cut = document.cut(ofMember: "obfuscation", of: root) else {
            return nil
        }
        var kept = ByteBuffer()
        let view = raw.readableBytesView
        kept.reserveCapacity(view.count)
        kept.writeBytes(view.prefix(start + cut.lowerBound))
        kept.writeBytes(view.dropFirst(start + cut.upperBound))
        return kept
    }

    private static let padding = Array("\"obfuscation\"".utf8)

    /// Rules out nearly every event without padding, before the data is parsed.
    private static func mentionsPadding(_ data: ByteBuffer) -> Bool {
        data.withUnsafeReadableBytes { data in
            padding.withUnsafeBytes { padding in
                guard let start = data.baseAddress, let name = padding.baseAddress else { return false }
                var position = 0
                while position + padding.count <= data.count,
                    let found = memchr(start + position, Int32(UInt8(ascii: "\"")), data.count - position)
                {
                    let offset = UnsafeRawPointer(found) - start
                    guard offset + padding.count <= data.count else { return false }
                    if memcmp(found, name, padding.count) == 0 { return true }
                    position = offset + 1
                }
                return false
            }
        }
    }

    /// How many bytes precede the data. It is nil where the data is not on one line.
    private var dataOffset: Int? {
        guard let data else { return nil }
        let bytes = raw.readableBytesView
        for prefix in ["data: ", "data:"] {
            let prefix = Array(prefix.utf8)
            var line = bytes.startIndex
            while line < bytes.endIndex {
                let text = bytes[line...]
                if text.starts(with: prefix) {
                    let isAll = text.dropFirst(prefix.count).starts(with: data.readableBytesView)
                    return isAll ? line - bytes.startIndex + prefix.count : nil
                }
                let end = text.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
                line = end.map { $0 + 1 } ?? bytes.endIndex
            }
        }
        return nil
    }
}

extension JSONDocument {
    /// Returns the range of a member with one of the commas beside it, so that the rest is still an object. It is nil
    /// where there is no such member.
    fileprivate func cut(ofMember name: StaticString, of node: JSONNode) -> Range<Int>? {
        var previous: JSONMember?
        var start: Int?
        var cut: Range<Int>?
        forEachMember(of: node) { text, member in
            guard let own = byteRange(of: member.name), let value = byteRange(of: member.value) else { return }
            if let begun = start {
                cut = begun..<own.lowerBound
                start = nil
            }
            if cut == nil, text.equals(name) {
                if let previous, let before = byteRange(of: previous.value) {
                    cut = before.upperBound..<value.upperBound
                } else {
                    start = own.lowerBound
                }
            }
            previous = member
        }
        return cut
    }
}
