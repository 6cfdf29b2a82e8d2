import Text

/// A value as the plugin reads it.
enum ReadValue: Sendable, Equatable {
    case text(String)
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case list([String])
    case json(String)
}

/// Reads configured values as the types that a plugin declares.
struct ParameterReading: Error, Equatable {
    /// The expected type, as it follows "must be ".
    let expected: String

    static func read(
        _ value: PluginParameterValue,
        as parameter: DeclaredParameter
    ) throws(ParameterReading) -> ReadValue {
        switch parameter.kind {
        case .string:
            guard let text = value.written else { throw ParameterReading(expected: "text") }
            return .text(text)
        case .int:
            return .integer(try bounded(integer(value), parameter) { String($0) })
        case .float:
            return .real(try bounded(real(value), parameter))
        case .bool:
            return .boolean(try boolean(value))
        case .duration:
            return .integer(try bounded(duration(value), parameter) { Quantity.duration($0) })
        case .size:
            return .integer(try bounded(size(value), parameter) { Quantity.size($0) })
        case .choice:
            let list = parameter.choices.map { "'\($0)'" }.joined(separator: ", ")
            guard let text = value.written, parameter.choices.contains(text) else {
                let nearest = value.written.flatMap { NearestName.nearest(to: $0, among: parameter.choices) }
                throw ParameterReading(expected: "one of \(list)" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
            }
            return .text(text)
        case .stringList:
            return .list(try list(value))
        case .json:
            return .json(value.json)
        }
    }

    private static func integer(_ value: PluginParameterValue) throws(ParameterReading) -> Int64 {
        switch value {
        case .int(let number): return number
        case .double(let number):
            if let exact = Int64(exactly: number) { return exact }
        case .string(let text):
            if let number = Int64(Quantity.trimmed(text)) { return number }
        case .null, .bool, .list, .map: break
        }
        throw ParameterReading(expected: "an integer")
    }

    private static func real(_ value: PluginParameterValue) throws(ParameterReading) -> Double {
        switch value {
        case .int(let number): return Double(number)
        case .double(let number) where number.isFinite: return number
        case .string(let text):
            if let number = Double(Quantity.trimmed(text)), number.isFinite { return number }
        default: break
        }
        throw ParameterReading(expected: "a number")
    }

    private static func boolean(_ value: PluginParameterValue) throws(ParameterReading) -> Bool {
        switch value {
        case .bool(let flag): return flag
        case .int(1): return true
        case .int(0): return false
        case .string(let text):
            switch Quantity.trimmed(text).lowercased() {
            case "true", "yes", "on", "1", "t", "y": return true
            case "false", "no", "off", "0", "f", "n": return false
            default: break
            }
        default: break
        }
        throw ParameterReading(expected: "true or false")
    }

    private static func duration(_ value: PluginParameterValue) throws(ParameterReading) -> Int64 {
        let expected = "a duration: seconds, or a number with ms, s, m, h or d, such as '250ms'"
        let read: Int64? =
            switch value {
            case .int(let seconds): Quantity.whole(Double(seconds), times: 1e9)
            case .double(let seconds): Quantity.whole(seconds, times: 1e9)
            case .string(let text): Quantity.nanoseconds(text)
            default: nil
            }
        guard let read else { throw ParameterReading(expected: expected) }
        return read
    }

    private static func size(_ value: PluginParameterValue) throws(ParameterReading) -> Int64 {
        let expected = "a size: bytes, or a number with KB, MB, GB or TB, such as '256MB'"
        let read: Int64? =
            switch value {
            case .int(let bytes) where bytes >= 0: bytes
            case .double(let bytes): Quantity.whole(bytes, times: 1)
            case .string(let text): Quantity.bytes(text)
            default: nil
            }
        guard let read else { throw ParameterReading(expected: expected) }
        return read
    }

    private static func list(_ value: PluginParameterValue) throws(ParameterReading) -> [String] {
        guard case .list(let items) = value else {
            // A single text is read as a list of its comma-separated parts, as in the environment.
            guard let text = value.written else { throw ParameterReading(expected: "a list of texts") }
            return text.split(separator: ",").map { Quantity.trimmed(String($0)) }.filter { !$0.isEmpty }
        }
        var texts: [String] = []
        for item in items {
            guard let text = item.written else { throw ParameterReading(expected: "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    private static func bounded(
        _ number: Int64,
        _ parameter: DeclaredParameter,
        _ spell: (Int64) -> String
    ) throws(ParameterReading) -> Int64 {
        if case .whole(let minimum) = parameter.minimum, number < minimum {
            throw ParameterReading(expected: "at least \(spell(minimum))")
        }
        if case .whole(let maximum) = parameter.maximum, number > maximum {
            throw ParameterReading(expected: "at most \(spell(maximum))")
        }
        return number
    }

    private static func bounded(_ number: Double, _ parameter: DeclaredParameter) throws(ParameterReading) -> Double {
        if case .real(let minimum) = parameter.minimum, number < minimum {
            throw ParameterReading(expected: "at least \(minimum)")
        }
        if case .real(let maximum) = parameter.maximum, number > maximum {
            throw ParameterReading(expected: "at most \(maximum)")
        }
        return number
    }
}
