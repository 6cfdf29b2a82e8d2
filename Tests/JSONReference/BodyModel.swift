public import SeededRandom

/// A JSON value that can be written in many ways.
public indirect enum BodyModel {
    /// An object with distinct names.
    case object([(name: String, value: BodyModel)])
    case array([BodyModel])
    case string(String)
    /// The significant digits, without zeros at either end, and the power of ten of the last one. Zero has no digits.
    case number(negative: Bool, digits: String, exponent: Int)
    case literal(String)
}

extension BodyModel {
    private static let texts = [
        "", "a", "b", "model", "caf\u{E9}", "cafe\u{301}", "\u{1F600}", "\u{65E5}\u{672C}", "q\"\\/", "\n\t\u{0}\u{1F}",
        "\u{7F}",
        "\u{FFFF}", "\u{E000}", "long enough for the eight-byte scan to take several steps", "stream", "input", "A",
        "aa",
    ]

    /// A random value of any kind, nested at most `depth` deep.
    public static func random(depth: Int, using random: inout SeededGenerator) -> BodyModel {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 4), using: &random) {
        case 0: return .literal(["true", "false", "null"].randomElement(using: &random) ?? "null")
        case 1, 2: return .string(text(using: &random))
        case 3: return number(using: &random)
        case 4, 5:
            return .array(
                (0..<Int.random(in: 0..<5, using: &random)).map { _ in .random(depth: depth - 1, using: &random) }
            )
        default: return object(depth: depth, using: &random)
        }
    }

    /// A random object, nested at most `depth` deep.
    public static func object(depth: Int, using random: inout SeededGenerator) -> BodyModel {
        var names: Set<[UInt8]> = []
        var members: [(name: String, value: BodyModel)] = []
        for _ in 0..<Int.random(in: 0..<7, using: &random) {
            let name = text(using: &random)
            // Every name begins with a letter, so that none is one that a request leaves out of its key.
            guard names.insert(Array(name.utf8)).inserted else { continue }
            members.append(("x" + name, .random(depth: depth - 1, using: &random)))
        }
        return .object(members)
    }

    private static func text(using random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1..<3, using: &random)).map { _ in texts.randomElement(using: &random) ?? "" }.joined()
    }

    private static func number(using random: inout SeededGenerator) -> BodyModel {
        if random.chance(10) { return .number(negative: false, digits: "", exponent: 0) }
        let length = random.chance(80) ? Int.random(in: 1..<5, using: &random) : Int.random(in: 15..<40, using: &random)
        var digits = (0..<length).map { _ in String(Int.random(in: 0...9, using: &random)) }
        digits[0] = String(Int.random(in: 1...9, using: &random))
        digits[length - 1] = String(Int.random(in: 1...9, using: &random))
        return .number(
            negative: random.chance(40),
            digits: digits.joined(),
            exponent: Int.random(in: -25...25, using: &random)
        )
    }

    /// The value in one of its spellings.
    public func spelled(using random: inout SeededGenerator) -> String {
        let space = { (random: inout SeededGenerator) in
            random.chance(70) ? "" : [" ", "\n", "\t\r\n  "].randomElement(using: &random) ?? ""
        }
        let before = space(&random)
        switch self {
        case .literal(let literal): return before + literal + space(&random)
        case .string(let text): return before + BodyModel.quoted(text, using: &random) + space(&random)
        case .number(let negative, let digits, let exponent):
            return before + BodyModel.spelled(negative, digits, exponent, using: &random) + space(&random)
        case .array(let elements):
            let parts = elements.map { $0.spelled(using: &random) }
            return before + "[" + space(&random) + parts.joined(separator: ",") + "]" + space(&random)
        case .object(let members):
            let parts = members.shuffled(using: &random).map { member in
                space(&random) + BodyModel.quoted(member.name, using: &random) + space(&random) + ":"
                    + member.value.spelled(using: &random)
            }
            return before + "{" + space(&random) + parts.joined(separator: ",") + "}" + space(&random)
        }
    }

    private static func quoted(_ text: String, using random: inout SeededGenerator) -> String {
        let short: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\u{8}": "\\b",
            "\u{C}": "\\f",
        ]
        var out = "\""
        for scalar in text.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if let escape = short[scalar], random.chance(50) {
                out += escape
            } else if mustEscape || random.chance(15) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: random.chance(50))
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// The digits with the point at a random place, for which the exponent makes up, and with insignificant zeros.
    private static func spelled(
        _ negative: Bool,
        _ digits: String,
        _ exponent: Int,
        using random: inout SeededGenerator
    ) -> String {
        if digits.isEmpty {
            return ["0", "-0", "0.0", "0e5", "-0.000E-3", "0e99999999999999999999"].randomElement(using: &random) ?? "0"
        }
        let sign = negative ? "-" : ""
        let trailing = Int.random(in: 0..<3, using: &random)
        let all = digits + String(repeating: "0", count: trailing)
        let whole = Int.random(in: 0...all.count, using: &random)
        let fraction = all.count - whole
        let units = whole == 0 ? "0" : String(all.prefix(whole))
        let point = fraction == 0 ? "" : "." + String(all.suffix(fraction))
        let power = exponent - trailing + fraction
        var written = ""
        if power != 0 || random.chance(20) {
            let plus = power >= 0 && random.chance(50) ? "+" : ""
            let zeros = random.chance(20) ? "00" : ""
            written = (random.chance(50) ? "e" : "E") + (power < 0 ? "-" : plus) + zeros + String(abs(power))
        }
        return sign + units + point + written
    }
}

extension BodyModel {
    /// The value with one change at a random place. It may happen to be equal, which the oracle decides.
    public func changed(using random: inout SeededGenerator) -> BodyModel {
        switch self {
        case .object(var members) where !members.isEmpty && random.chance(80):
            let at = Int.random(in: 0..<members.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: members.remove(at: at)
            case 1: members[at].name += "\u{301}\(members.count)x"
            default: members[at].value = members[at].value.changed(using: &random)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && random.chance(80):
            let at = Int.random(in: 0..<elements.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: elements.remove(at: at)
            case 1: elements.swapAt(at, 0)
            default: elements[at] = elements[at].changed(using: &random)
            }
            return .array(elements)
        case .number(let negative, let digits, let exponent) where !digits.isEmpty && random.chance(80):
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return .number(negative: !negative, digits: digits, exponent: exponent)
            case 1: return .number(negative: negative, digits: digits + "1", exponent: exponent - 1)
            default: return .number(negative: negative, digits: digits, exponent: exponent + 1)
            }
        case .string(let text) where random.chance(70):
            return .string(random.chance(50) ? text + " " : text.replacing("e\u{301}", with: "\u{E9}") + "\u{0}")
        default: return .random(depth: 1, using: &random)
        }
    }
}
