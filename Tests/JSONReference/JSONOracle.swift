/// An independent JSON reader to compare the gateway's with. It is recursive, works on values, and is slow.
///
/// Text is validated by the standard library's UTF-8 and UTF-16 decoders. Numbers are written out in full, without an
/// exponent, as strings.
public indirect enum OracleValue: Hashable {
    case object([String.UnicodeScalarView.Name: OracleValue])
    case array([OracleValue])
    case string(String.UnicodeScalarView.Name)
    case number(String)
    case literal(String)
}

extension String.UnicodeScalarView {
    /// A text that is compared by its scalars, because `String` considers canonically equivalent texts equal.
    public struct Name: Hashable {
        let scalars: [UInt32]

        init(_ text: String) {
            scalars = text.unicodeScalars.map(\.value)
        }

        var text: String { String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init))) }
    }
}

/// The oracle has found that the bytes are not JSON.
public struct OracleRejection: Error {
    public let offset: Int
}

/// The reader itself.
public struct JSONOracle {
    private var rest: ArraySlice<UInt8>

    /// Reads the value of the bytes.
    public static func read(_ bytes: [UInt8]) throws -> OracleValue {
        var oracle = JSONOracle(rest: bytes[...])
        let value = try oracle.value(depth: 0)
        oracle.blank()
        guard oracle.rest.isEmpty else { throw oracle.rejection }
        return value
    }

    /// Whether bytes are JSON.
    public static func accepts(_ bytes: [UInt8]) -> Bool {
        (try? read(bytes)) != nil
    }

    private var rejection: OracleRejection { OracleRejection(offset: rest.startIndex) }

    private mutating func blank() {
        rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }

    private mutating func take(_ expected: String) -> Bool {
        guard rest.starts(with: expected.utf8) else { return false }
        rest = rest.dropFirst(expected.utf8.count)
        return true
    }

    private mutating func value(depth: Int) throws -> OracleValue {
        blank()
        for literal in ["true", "false", "null"] where take(literal) { return .literal(literal) }
        if rest.first == UInt8(ascii: "\"") { return .string(try string()) }
        if take("[") { return try array(depth: depth + 1) }
        if take("{") { return try object(depth: depth + 1) }
        return try number()
    }

    private mutating func array(depth: Int) throws -> OracleValue {
        guard depth <= 128 else { throw rejection }
        var elements: [OracleValue] = []
        blank()
        if take("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth))
            blank()
        } while take(",")
        guard take("]") else { throw rejection }
        return .array(elements)
    }

    private mutating func object(depth: Int) throws -> OracleValue {
        guard depth <= 128 else { throw rejection }
        var members: [String.UnicodeScalarView.Name: OracleValue] = [:]
        blank()
        if take("}") { return .object([:]) }
        repeat {
            blank()
            let name = try string()
            blank()
            guard members[name] == nil, take(":") else { throw rejection }
            members[name] = try value(depth: depth)
            blank()
        } while take(",")
        guard take("}") else { throw rejection }
        return .object(members)
    }

    private mutating func string() throws -> String.UnicodeScalarView.Name {
        guard take("\"") else { throw rejection }
        var text = ""
        while !take("\"") {
            if rest.first == UInt8(ascii: "\\") {
                text += try escapes()
            } else {
                let run = rest.prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
                guard !run.isEmpty, !run.contains(where: { $0 < 0x20 }),
                    let part = String(validating: run, as: UTF8.self)
                else { throw rejection }
                text += part
                rest = rest.dropFirst(run.count)
            }
        }
        return .init(text)
    }

    /// Reads consecutive escapes as UTF-16, which is validated.
    private mutating func escapes() throws -> String {
        let short: [UInt8: UInt16] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
        ]
        var units: [UInt16] = []
        while take("\\") {
            guard let kind = rest.popFirst() else { throw rejection }
            if let unit = short[kind] {
                units.append(unit)
                continue
            }
            let digits = rest.prefix(4)
            guard kind == UInt8(ascii: "u"), digits.count == 4,
                digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw rejection }
            units.append(unit)
            rest = rest.dropFirst(4)
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw rejection }
        return text
    }

    private mutating func digits() throws -> String {
        let run = rest.prefix { (0x30...0x39).contains($0) }
        guard !run.isEmpty else { throw rejection }
        rest = rest.dropFirst(run.count)
        return String(decoding: run, as: UTF8.self)
    }

    private mutating func number() throws -> OracleValue {
        let negative = take("-")
        let whole = try digits()
        guard whole == "0" || !whole.hasPrefix("0") else { throw rejection }
        let fraction = take(".") ? try digits() : ""
        var exponent = ""
        if take("e") || take("E") {
            let minus = take("-")
            if !minus { _ = take("+") }
            exponent = (minus ? "-" : "") + (try digits())
        }
        return .number(JSONOracle.writeOut(negative, whole, fraction, exponent))
    }

    /// The number without an exponent. A number whose exponent has more than four digits stays as it is.
    static func writeOut(_ negative: Bool, _ whole: String, _ fraction: String, _ exponent: String) -> String {
        if (whole + fraction).allSatisfy({ $0 == "0" }) { return "0" }
        guard var shift = Int(exponent.isEmpty ? "0" : exponent), abs(shift) < 10_000 else {
            return "\(negative)/\(whole).\(fraction)e\(exponent)"
        }
        var before = Array(whole)
        var after = Array(fraction)
        while shift > 0 {
            before.append(after.isEmpty ? "0" : after.removeFirst())
            shift -= 1
        }
        while shift < 0 {
            after.insert(before.popLast() ?? "0", at: 0)
            shift += 1
        }
        let units = String(before.drop { $0 == "0" })
        while after.last == "0" { after.removeLast() }
        return (negative ? "-" : "") + units + "." + String(after)
    }
}
