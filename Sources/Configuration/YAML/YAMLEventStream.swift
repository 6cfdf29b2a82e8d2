import CLibYAML

/// libyaml's event parser over bytes in memory. It is a class, because libyaml keeps pointers into its parser.
final class YAMLEventStream {
    private let file: SourceFile
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ file: SourceFile) throws(SourceError) {
        self.file = file
        parser = .allocate(capacity: 1)
        input = .allocate(capacity: file.bytes.count)
        _ = input.initialize(from: file.bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            input.deallocate()
            throw SourceError(SourcePosition(file: file.path), "there is not enough memory to read the file")
        }
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// Returns the next event. It must not be called after an error or the end of the stream.
    func next() throws(SourceError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        let position = position(event.start_mark)
        let data = event.data
        switch event.type {
        case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, anchor: nil, tag: nil, position: position)
        case YAML_DOCUMENT_START_EVENT:
            return YAMLEvent(kind: .documentStart, anchor: nil, tag: nil, position: position)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, anchor: nil, tag: nil, position: position)
        case YAML_ALIAS_EVENT:
            let name = Self.string(data.alias.anchor) ?? ""
            return YAMLEvent(kind: .alias(name), anchor: nil, tag: nil, position: position)
        case YAML_SCALAR_EVENT:
            let scalar = data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            return YAMLEvent(
                kind: .scalar(text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                anchor: Self.string(scalar.anchor),
                tag: Self.string(scalar.tag),
                position: position
            )
        case YAML_SEQUENCE_START_EVENT:
            let start = data.sequence_start
            return YAMLEvent(
                kind: .sequenceStart,
                anchor: Self.string(start.anchor),
                tag: Self.string(start.tag),
                position: position
            )
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, anchor: nil, tag: nil, position: position)
        case YAML_MAPPING_START_EVENT:
            let start = data.mapping_start
            return YAMLEvent(
                kind: .mappingStart,
                anchor: Self.string(start.anchor),
                tag: Self.string(start.tag),
                position: position
            )
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, anchor: nil, tag: nil, position: position)
        default: return YAMLEvent(kind: .streamStart, anchor: nil, tag: nil, position: position)
        }
    }

    private static func string(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(file: file.path, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    // MARK: Errors

    private func syntaxError() -> SourceError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the file cannot be understood"
        switch parser.pointee.error {
        case YAML_READER_ERROR:
            let place = SourceFile.position(
                of: Int(clamping: parser.pointee.problem_offset),
                in: file.bytes,
                path: file.path
            )
            return SourceError(place, "not YAML: \(problem)")
        case YAML_MEMORY_ERROR:
            return SourceError(SourcePosition(file: file.path), "there is not enough memory to read the file")
        default:
            let place = position(parser.pointee.problem_mark)
            if isIndentedByTab(line: place.line) {
                return SourceError(place, "a tab indents this line; YAML wants spaces")
            }
            let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
            return SourceError(place, "not YAML: \(context)\(problem)")
        }
    }

    private func isIndentedByTab(line: Int) -> Bool {
        let lines = file.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: line, omittingEmptySubsequences: false)
        guard line >= 1, line <= lines.count else { return false }
        let indentation = lines[line - 1].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return indentation.contains(UInt8(ascii: "\t"))
    }
}
