/// Splits the source of a JSON string into pieces like those that a model sends. Each has a few words. The text is
/// never split within an escape, a pair of surrogates or a character.
enum TextPieces {
    private static let enough = 24
    private static let most = 96

    static func of(_ source: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        var position = 0
        while position < source.count {
            let unit = length(of: source, at: position)
            let isSpace = source[position] == UInt8(ascii: " ")
            let size = position - start
            // A word is sent with the space before it.
            if (isSpace && size >= enough) || size + unit > most, size > 0 {
                pieces.append(source[start..<position])
                start = position
            }
            position = min(position + unit, source.count)
        }
        if start < source.count { pieces.append(source[start...]) }
        return pieces
    }

    /// Returns how many bytes from `position` on must stay together.
    private static func length(of source: [UInt8], at position: Int) -> Int {
        let byte = source[position]
        guard byte == UInt8(ascii: "\\") else {
            var end = position + 1
            while byte >= 0xC0, end < source.count, source[end] & 0xC0 == 0x80 { end += 1 }
            return end - position
        }
        guard position + 1 < source.count, source[position + 1] == UInt8(ascii: "u") else { return 2 }
        let isHigh =
            position + 3 < source.count && source[position + 2] | 0x20 == UInt8(ascii: "d")
            && "89abAB".utf8.contains(source[position + 3])
        return isHigh ? 12 : 6
    }
}
