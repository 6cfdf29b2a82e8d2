import JSON
import NIOCore

extension LogFormat {
    /// Writes the line of a request that has ended, with its line end.
    ///
    /// - Parameter time: when it ended.
    func writeLine(
        of transaction: borrowing Transaction,
        _ endpoints: EndpointNames,
        at time: String,
        to buffer: inout ByteBuffer
    ) {
        switch self {
        case .text:
            buffer.writeString(time)
            buffer.writeStaticString(" access")
            AccessRecord.forEachField(of: transaction, endpoints) { name, value in
                buffer.writeStaticString(" ")
                buffer.writeStaticString(name)
                buffer.writeStaticString("=")
                switch value {
                case .text(let text): buffer.write(field: text)
                case .word(let word): buffer.writeStaticString(word)
                case .integer(let number): buffer.writeString(String(number))
                case .dollars(let amount): buffer.writeString(amount.description)
                case .duration(let duration): buffer.write(milliseconds: duration)
                case .flag: buffer.writeStaticString("true")
                }
            }
        case .json:
            buffer.writeJSON { json in
                json.object { line in
                    line.member("time", time)
                    line.member("type", "access")
                    AccessRecord.forEachField(of: transaction, endpoints) { name, value in
                        line.member(name) { json in
                            switch value {
                            case .text(let text): json.string(text)
                            case .word(let word):
                                // These words need no escapes.
                                json.value {
                                    $0.writeStaticString("\"")
                                    $0.writeStaticString(word)
                                    $0.writeStaticString("\"")
                                }
                            case .integer(let number): json.integer(number)
                            case .dollars(let amount): json.number(amount)
                            case .duration(let duration): json.value { $0.write(milliseconds: duration) }
                            case .flag: json.bool(true)
                            }
                        }
                    }
                }
            }
        }
        buffer.writeStaticString("\n")
    }
}

extension ByteBuffer {
    /// Appends the value of a field of a text line: as it is, or as a JSON string where it could end the field or the line,
    /// or control a terminal.
    fileprivate mutating func write(field text: String) {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 } && !text.isEmpty
        if isPlain { writeString(text) } else { writeJSON { $0.string(text) } }
    }

    /// Appends a duration in milliseconds, with three digits after the point.
    fileprivate mutating func write(milliseconds duration: TimeAmount) {
        let microseconds = max(0, duration.nanoseconds) / 1_000
        writeString(String(microseconds / 1_000))
        let rest = microseconds % 1_000
        writeStaticString(rest < 10 ? ".00" : rest < 100 ? ".0" : ".")
        writeString(String(rest))
    }
}
