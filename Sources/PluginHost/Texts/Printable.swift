/// Makes text from outside fit for one line of a log or a message.
enum Printable {
    /// `text` without control characters, cut to `limit` characters.
    static func text(_ text: String, limit: Int = 500) -> String {
        var line = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else {
                line.append("…")
                break
            }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            line.append(isControl ? " " : scalar)
            count += 1
        }
        return String(line)
    }

    /// Reads up to `limit` bytes of a C string that the other side owns. It is nil for NULL.
    static func text(cString pointer: UnsafePointer<CChar>?, limit: Int = 4096) -> String? {
        guard let pointer else { return nil }
        var bytes: [UInt8] = []
        while bytes.count < limit, pointer[bytes.count] != 0 {
            bytes.append(UInt8(bitPattern: pointer[bytes.count]))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
