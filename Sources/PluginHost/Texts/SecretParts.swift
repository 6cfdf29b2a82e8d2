/// Finds the secret parts of a configured text that is not secret as a whole: passwords in the addresses of servers,
/// and values whose names imply a secret, as in `{"host": "a", "password": "b"}` or `?password=b`. It makes one pass
/// over the bytes.
enum SecretParts {
    private static let words = [
        "password", "passwd", "passphrase", "secret", "token", "credential", "api_key", "apikey", "access_key",
        "private_key",
    ]
    private static let wholeNames = ["auth", "authorization", "pass", "pwd"]
    /// The name of a file that holds a secret is not secret.
    private static let places = ["_file", "_path", "_uri"]

    /// Whether a parameter or member of this name holds a secret.
    static func isSecret(name: String) -> Bool { isSecret(name: Array(name.utf8)[...]) }

    private static func isSecret(name: ArraySlice<UInt8>) -> Bool {
        guard name.count <= 256 else { return false }
        let lower = name.map {
            (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0
        }
        if places.contains(where: { lower.suffix($0.utf8.count).elementsEqual($0.utf8) }) { return false }
        return wholeNames.contains { lower.elementsEqual($0.utf8) }
            || words.contains { word in lower.firstRange(of: Array(word.utf8)) != nil }
    }

    /// The text with `***` in place of its secrets.
    static func hidden(in text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = ranges(in: bytes)
        return ranges.isEmpty ? text : String(decoding: Redaction.blotting(ranges, in: bytes), as: UTF8.self)
    }

    /// Each secret part of a text, as it is written there.
    static func secrets(in text: String) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        return ranges(in: bytes).flatMap { range -> [[UInt8]] in
            let part = bytes[range]
            // In `user:password`, the password is also secret by itself.
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")), isUser(range, in: bytes) else {
                return [Array(part)]
            }
            return [Array(part), Array(part[(colon + 1)...])]
        }
    }

    private static func isUser(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        range.upperBound < bytes.count && bytes[range.upperBound] == UInt8(ascii: "@")
    }

    private static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var position = 0
        var addressesEnd = 0
        while position < bytes.count {
            if position >= addressesEnd, bytes[position...].starts(with: "://".utf8) {
                position += 3
                addressesEnd = bytes[position...].firstIndex(where: endsAddress) ?? bytes.count
                ranges += users(in: bytes[position..<addressesEnd])
                continue
            }
            guard isWord(bytes[position]) else {
                position += 1
                continue
            }
            let end = bytes[position...].firstIndex { !isWord($0) } ?? bytes.count
            if isSecret(name: bytes[position..<end]), let value = value(after: end, in: bytes) {
                ranges.append(value)
                position = max(value.upperBound, end)
            } else {
                position = end
            }
        }
        return ranges.filter { !$0.isEmpty }
    }

    /// The user information of one or more addresses, separated by commas, without the first one's scheme. It extends
    /// to the last `@`, since passwords may have unescaped ones; each address is also examined by itself.
    private static func users(in addresses: ArraySlice<UInt8>) -> [Range<Int>] {
        guard let last = addresses.lastIndex(of: UInt8(ascii: "@")) else { return [] }
        var users = [addresses.startIndex..<last]
        for address in addresses.split(separator: UInt8(ascii: ",")) {
            guard let end = address.lastIndex(of: UInt8(ascii: "@")) else { continue }
            let scheme = address.firstRange(of: Array("://".utf8))
            users.append(min(scheme?.upperBound ?? address.startIndex, end)..<end)
        }
        return users
    }

    /// The value after a name that ends at `position`: after `=` or `:`, in quotes or up to the next delimiter.
    private static func value(after position: Int, in bytes: [UInt8]) -> Range<Int>? {
        var position = position
        func skipSpace() { while position < bytes.count, bytes[position] == 0x20 { position += 1 } }
        func isQuote() -> Bool { position < bytes.count && (bytes[position] == 0x22 || bytes[position] == 0x27) }
        if position < bytes.count, bytes[position] == 0x5C { position += 1 }
        if isQuote() { position += 1 }
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") || bytes[position] == UInt8(ascii: ":")
        else {
            return nil
        }
        position += 1
        skipSpace()
        // A quote is escaped where the text is a text within a text.
        let isEscaped = position < bytes.count && bytes[position] == 0x5C
        if isEscaped { position += 1 }
        guard isQuote() else {
            let end = bytes[position...].firstIndex { $0 <= 0x20 || "&,;}])\"'".utf8.contains($0) } ?? bytes.count
            return position..<end
        }
        let quote = bytes[position]
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != quote {
            position += bytes[position] == 0x5C && !isEscaped ? 2 : 1
        }
        let end = min(position, bytes.count)
        return start..<(isEscaped && end > start && bytes[end - 1] == 0x5C ? end - 1 : end)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
            || byte == 0x2D
    }

    private static func endsAddress(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x3C || byte == 0x3E || byte == 0x3F
    }
}
