/// Describes for people where in a document a parse stopped, as in `messages[2].content`.
enum JSONPath {
    /// The greatest length of a path in bytes, which bounds a message whatever the names and the nesting are.
    static let longest = 160
    private static let longestName = 40

    /// The path to the value or container that the fault concerns, reconstructed from the state of the parser.
    static func describe(_ fault: JSONFault, parser: borrowing JSONParser, source: UnsafeRawBufferPointer) -> String {
        var path = ""
        for level in 0..<parser.open.count {
            let container = Int(parser.open[level])
            let isLast = level + 1 == parser.open.count
            if isLast, !fault.code.concernsValue { break }
            let stop = isLast ? parser.nodes.count : Int(parser.open[level + 1])
            if parser.nodes[container].kind == .object {
                guard let name = currentName(of: container, before: stop, parser: parser, fault: fault) else { break }
                if !path.isEmpty { path += "." }
                path += printable(source, from: Int(name.start) + 1, to: Int(name.end) - 1)
            } else {
                path += "[\(elements(of: container, before: stop, parser: parser))]"
            }
            if path.utf8.count > longest - longestName - 8 { return path + "..." }
        }
        return path
    }

    /// The name whose value is being read, or the repeated name where a name is repeated.
    private static func currentName(
        of container: Int,
        before stop: Int,
        parser: borrowing JSONParser,
        fault: JSONFault
    ) -> TapeNode? {
        if fault.code == .duplicateMember, stop == parser.nodes.count {
            for index in container + 1..<stop where Int(parser.nodes[index].start) == fault.offset {
                return parser.nodes[index]
            }
        }
        // The name of the member that is being read precedes a nested container, or is the last node of the tape.
        guard stop - 1 > container, parser.nodes[stop - 1].kind == .string else { return nil }
        return parser.nodes[stop - 1]
    }

    private static func elements(of container: Int, before stop: Int, parser: borrowing JSONParser) -> Int {
        var count = 0
        var index = container + 1
        while index < stop {
            index = max(Int(parser.nodes[index].next), index + 1)
            count += 1
        }
        return count
    }

    /// The source of a name, shortened, and without characters that could disturb a log or a terminal.
    private static func printable(_ source: UnsafeRawBufferPointer, from start: Int, to end: Int) -> String {
        guard start >= 0, start <= end, end <= source.count else { return "?" }
        let shown = source[start..<min(end, start + longestName)]
        let text = String(decoding: shown.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
        return end - start > longestName ? text + "..." : text
    }
}
