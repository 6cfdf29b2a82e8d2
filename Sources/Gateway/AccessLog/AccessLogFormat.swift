import HTTPSyntax
import JSON
import NIOCore
import Text

extension LogFormat {
    /// Writes the line of a request that has ended, with its line end.
    ///
    /// - Parameters:
    ///   - second: when it ended, to the second: `2026-11-27T18:40:00.`
    ///   - milliseconds: the rest of that time, 0 to 999.
    func writeLine(
        of transaction: borrowing Transaction,
        _ endpoints: EndpointNames,
        at second: String,
        milliseconds: Int,
        to line: inout WireText
    ) {
        switch self {
        case .text:
            line.write(string: second)
            line.write(threeDigits: milliseconds)
            line.write("Z access")
            AccessRecord.forEachField(of: transaction, endpoints) { name, value in
                line.write(" ")
                line.write(name)
                line.write("=")
                line.write(value)
            }
        case .json:
            var time = WireText(capacity: 64)
            time.write(string: second)
            time.write(threeDigits: milliseconds)
            time.write("Z")
            var writer = JSONWriter(reserving: 1_024)
            writer.object { object in
                object.member("time", time.withBytes { String(decoding: $0, as: UTF8.self) })
                object.member("type", "access")
                AccessRecord.forEachField(of: transaction, endpoints) { name, value in
                    object.member(name) { $0.write(value) }
                }
            }
            writer.buffer.withUnsafeReadableBytes { line.write($0) }
        }
        line.write("\n")
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ value: AccessRecord.Value) {
        switch value {
        case .id, .text, .word: string(value.description)
        case .integer(let number): integer(number)
        case .dollars(let amount): number(amount)
        case .duration(let duration):
            var text = WireText(capacity: 64)
            text.write(milliseconds: duration)
            self.value(appending: { buffer in text.withBytes { _ = buffer.writeBytes($0) } })
        case .flag: bool(true)
        }
    }
}

extension WireText {
    fileprivate mutating func write(_ value: AccessRecord.Value) {
        switch value {
        case .id(.own(let number)): write(hexadecimal: number)
        case .id(.client(let text)), .text(let text): write(field: text)
        case .word(let word): write(word)
        case .integer(let number): write(decimal: Int64(clamping: number))
        case .dollars(let amount): write(string: amount.description)
        case .duration(let duration): write(milliseconds: duration)
        case .flag: write("true")
        }
    }

    /// Appends a text as it is, or as a JSON string where it could end the field or the line, or control a terminal.
    private mutating func write(field text: String) {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 } && !text.isEmpty
        write(string: isPlain ? text : text.jsonLiteral)
    }

    /// Appends a duration in milliseconds, with three digits after the point.
    fileprivate mutating func write(milliseconds duration: TimeAmount) {
        let microseconds = max(0, duration.nanoseconds) / 1_000
        write(decimal: microseconds / 1_000)
        write(".")
        write(threeDigits: Int(microseconds % 1_000))
    }

    fileprivate mutating func write(threeDigits number: Int) {
        write(number < 10 ? "00" : number < 100 ? "0" : "")
        write(decimal: Int64(number))
    }
}
