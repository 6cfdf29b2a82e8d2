/// The parts of a form (RFC 7578), found in one pass over its bytes. Nothing is copied.
public struct MultipartForm: Sendable, Equatable {
    /// One part of a form.
    public struct Part: Sendable, Equatable {
        /// The name of the field, as it is written between its quotes.
        public let name: [UInt8]
        /// The range of the name of the file, as it is written between its quotes. It is nil where the part is no file.
        public let fileName: Range<Int>?
        /// The range of the headers in the body, with the empty line that ends them.
        public let header: Range<Int>
        /// The range of the content in the body.
        public let content: Range<Int>
        /// The range of the part in the body, from its boundary to the next one, so that the rest without it is a form.
        public let whole: Range<Int>

        /// Whether the part is a file.
        public var isFile: Bool { fileName != nil }
    }

    /// The parts in their order.
    public let parts: [Part]

    /// The most parts that are read.
    public static let mostParts = 256
    /// The longest header of a part that is read, in bytes.
    private static let longestHeader = 4096

    /// Returns the boundary that a Content-Type states (RFC 2046 section 5.1.1). It is nil where the type is not that of
    /// a form, or states none.
    public static func boundary(in contentType: String) -> [UInt8]? {
        let type = Array(contentType.utf8)
        guard Self.lower(type.prefix(20)).starts(with: "multipart/form-data;".utf8) else { return nil }
        for parameter in type.dropFirst(20).split(separator: UInt8(ascii: ";")) {
            let text = trimmed(parameter)
            guard lower(text.prefix(9)).elementsEqual("boundary=".utf8) else { continue }
            var value = text.dropFirst(9)
            if value.count > 1, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                value = value.dropFirst().dropLast()
            }
            return (1...70).contains(value.count) ? Array(value) : nil
        }
        return nil
    }

    /// Reads a form. It is nil where the bytes are not one, or have more parts than are read.
    ///
    /// - Parameter isWhole: whether that is the whole form. If it is the beginning of one, only the parts that are
    ///   complete are found.
    public init?(_ body: UnsafeRawBufferPointer, boundary: [UInt8], isWhole: Bool = true) {
        let mark = Array("--".utf8) + boundary
        let next = Array("\r\n".utf8) + mark
        guard body.starts(with: mark) else { return nil }
        var parts: [Part] = []
        var position = mark.count
        while true {
            // `--` ends the form, and a line end begins a part.
            let rest = body[position...]
            if rest.starts(with: "--".utf8) || !isWhole && rest.count < 2 { break }
            guard rest.starts(with: "\r\n".utf8), parts.count < Self.mostParts else { return nil }
            let header = position + 2
            guard let content = Self.endOfHeader(body, from: header),
                let end = Self.find(next, in: body, from: content)
            else {
                if isWhole { return nil }
                break
            }
            let whole = position - mark.count..<end + 2
            guard let part = Self.part(body, header: header..<content, content: content..<end, whole: whole) else {
                return nil
            }
            parts.append(part)
            position = end + next.count
        }
        self.parts = parts
    }

    /// The content of the first part with that name which is no file. It is nil where there is none.
    public func field(_ name: StaticString) -> Range<Int>? {
        name.withUTF8Buffer { name in parts.first { !$0.isFile && $0.name.elementsEqual(name) }?.content }
    }

    // MARK: Parts

    private static func part(
        _ body: UnsafeRawBufferPointer,
        header: Range<Int>,
        content: Range<Int>,
        whole: Range<Int>
    ) -> Part? {
        for line in body[header].split(separator: UInt8(ascii: "\n")) {
            let name = "content-disposition:"
            guard lower(line.prefix(name.utf8.count)).elementsEqual(name.utf8) else { continue }
            let text = line.dropFirst(name.utf8.count)
            guard let field = parameter("name", in: text) else { return nil }
            return Part(
                name: Array(body[field]),
                fileName: parameter("filename", in: text),
                header: header,
                content: content,
                whole: whole
            )
        }
        return nil
    }

    /// Where the quoted value of a parameter stands.
    private static func parameter(_ name: String, in text: Slice<UnsafeRawBufferPointer>) -> Range<Int>? {
        let mark = Array("\(name)=\"".utf8)
        var position = text.startIndex
        while position + mark.count <= text.endIndex {
            let before = position == text.startIndex ? UInt8(ascii: " ") : text[position - 1]
            let isWhole = before == UInt8(ascii: " ") || before == UInt8(ascii: ";") || before == UInt8(ascii: "\t")
            if isWhole, lower(text[position..<position + mark.count]).elementsEqual(mark) {
                let start = position + mark.count
                guard let end = text[start...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
                return start..<end
            }
            position += 1
        }
        return nil
    }

    /// Where the content of a part begins, behind the empty line.
    private static func endOfHeader(_ body: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let limit = min(body.count, start + longestHeader)
        var position = start
        while position + 4 <= limit {
            if body[position] == UInt8(ascii: "\r"), body[position..<position + 4].elementsEqual("\r\n\r\n".utf8) {
                return position + 4
            }
            position += 1
        }
        return nil
    }

    private static func find(_ mark: [UInt8], in body: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var position = max(0, start)
        let last = body.count - mark.count
        while position <= last {
            // The first byte of the mark is rare in text, and the rest is compared only behind it.
            if body[position] == mark[0], body[position..<position + mark.count].elementsEqual(mark) { return position }
            position += 1
        }
        return nil
    }

    private static func lower(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
