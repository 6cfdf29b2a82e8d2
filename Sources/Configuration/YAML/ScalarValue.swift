/// The meaning of a scalar. Numbers too large for 64 bits stay text.
enum ScalarValue: Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case text
}

/// Resolves YAML 1.1's implicit types like PyYAML's SafeLoader, so that a file means here what it means to LiteLLM:
/// `on` is true, `010` is 8, `1:30` is 90, but `1e3` and `0o10` are text. Timestamps stay text.
extension ScalarValue {
    /// Resolves a plain scalar. It is nil where PyYAML takes it for a number and then cannot read it (`0x_`).
    static func resolving(_ text: String) -> ScalarValue? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
        default: break
        }
        let number = NumberText(text)
        if number.isFloat { return number.float.map(ScalarValue.float) }
        if number.isInteger { return number.integer }
        return .text
    }
}

/// A scalar that may be spelled as a number.
private struct NumberText {
    private let text: [UInt8]
    /// The text without its sign.
    private let body: ArraySlice<UInt8>
    private let isNegative: Bool

    init(_ string: String) {
        text = Array(string.utf8)
        isNegative = text.first == UInt8(ascii: "-")
        body = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
    }

    // MARK: Floats

    /// Whether PyYAML's expression for floats matches: a dot is required, and an exponent needs its sign.
    var isFloat: Bool {
        let lowered = String(decoding: body, as: UTF8.self)
        if [".inf", ".Inf", ".INF"].contains(lowered) { return true }
        let hasSign = body.count != text.count
        if !hasSign, [".nan", ".NaN", ".NAN"].contains(lowered) { return true }
        guard let dot = body.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let whole = body[..<dot]
        let rest = body[body.index(after: dot)...]
        let fraction = rest.prefix { $0.isDigit || $0 == .underscore }
        let exponent = rest.dropFirst(fraction.count)
        if whole.isEmpty {
            return !hasSign && fraction.first?.isDigit == true && Self.isExponent(exponent)
        }
        guard whole.first?.isDigit == true else { return false }
        if whole.allSatisfy({ $0.isDigit || $0 == .underscore }) { return Self.isExponent(exponent) }
        return exponent.isEmpty && Self.isSexagesimal(whole)
    }

    private static func isExponent(_ text: ArraySlice<UInt8>) -> Bool {
        guard let mark = text.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        let sign = text.dropFirst().first
        let digits = text.dropFirst(2)
        return (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")) && !digits.isEmpty
            && digits.allSatisfy(\.isDigit)
    }

    /// Whether the text is like `12:34:56`: digits, then one or more groups of one or two digits below 60.
    private static func isSexagesimal(_ text: ArraySlice<UInt8>) -> Bool {
        let groups = text.split(separator: .colon, omittingEmptySubsequences: false)
        guard groups.count > 1, let first = groups.first, first.first?.isDigit == true else { return false }
        guard first.allSatisfy({ $0.isDigit || $0 == .underscore }) else { return false }
        return groups.dropFirst().allSatisfy { group in
            switch group.count {
            case 1: group.allSatisfy(\.isDigit)
            case 2: group.allSatisfy(\.isDigit) && (group.first ?? 0) <= UInt8(ascii: "5")
            default: false
            }
        }
    }

    var float: Double? {
        let digits = String(decoding: body.filter { $0 != .underscore }, as: UTF8.self).lowercased()
        if digits == ".inf" { return isNegative ? -.infinity : .infinity }
        if digits == ".nan" { return .nan }
        var value = 0.0
        for group in digits.split(separator: ":") {
            guard let part = Self.parsed(group) else { return nil }
            value = value * 60 + part
        }
        return isNegative ? -value : value
    }

    private static func parsed(_ digits: Substring) -> Double? {
        let padded = (digits.first == "." ? "0" : "") + digits + (digits.last == "." ? "0" : "")
        return Double(padded.replacing(".e", with: ".0e"))
    }

    // MARK: Integers

    /// Whether PyYAML's expression for integers matches: binary, octal with a leading zero, decimal, hexadecimal, base
    /// 60.
    var isInteger: Bool {
        guard let first = body.first, first.isDigit else { return false }
        if first == UInt8(ascii: "0") {
            guard let second = body.dropFirst().first else { return true }
            let digits = body.dropFirst(2)
            switch second {
            case UInt8(ascii: "b"):
                return !digits.isEmpty && digits.allSatisfy { $0.isDigit(below: 2) || $0 == .underscore }
            case UInt8(ascii: "x"): return !digits.isEmpty && digits.allSatisfy { $0.isHexDigit || $0 == .underscore }
            default: return body.allSatisfy { $0.isDigit(below: 8) || $0 == .underscore }
            }
        }
        return body.allSatisfy { $0.isDigit || $0 == .underscore } || Self.isSexagesimal(body)
    }

    /// The integer. It is nil where no digit is left, and text where 64 bits do not hold the number.
    var integer: ScalarValue? {
        let digits = String(decoding: body.filter { $0 != .underscore }, as: UTF8.self)
        if digits.contains(":") { return sexagesimal(digits) }
        let (radix, significant): (Int, Substring) =
            switch true {
            case digits == "0": (10, digits[...])
            case digits.hasPrefix("0b"): (2, digits.dropFirst(2))
            case digits.hasPrefix("0x"): (16, digits.dropFirst(2))
            case digits.hasPrefix("0"): (8, digits.dropFirst())
            default: (10, digits[...])
            }
        if significant.isEmpty { return nil }
        return Int64((isNegative ? "-" : "") + significant, radix: radix).map(ScalarValue.int) ?? .text
    }

    private func sexagesimal(_ digits: String) -> ScalarValue? {
        var value: Int64 = 0
        for group in digits.split(separator: ":") {
            guard let part = Int64(group) else { return .text }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 60)
            let (sum, overflowedToo) = product.addingReportingOverflow(part)
            if overflowed || overflowedToo { return .text }
            value = sum
        }
        return .int(isNegative ? -value : value)
    }
}

extension UInt8 {
    fileprivate static let underscore = UInt8(ascii: "_")
    fileprivate static let colon = UInt8(ascii: ":")

    fileprivate var isDigit: Bool { isDigit(below: 10) }

    fileprivate func isDigit(below base: UInt8) -> Bool {
        self >= UInt8(ascii: "0") && self < UInt8(ascii: "0") + base
    }

    fileprivate var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
