import Text

/// The tags of YAML 1.1 that have a meaning in a configuration.
enum YAMLTag {
    private static let prefix = "tag:yaml.org,2002:"
    static let sequence = prefix + "seq"
    static let mapping = prefix + "map"

    struct Failure: Error {
        let message: String
    }

    /// The meaning of a scalar under its tag. Quoted scalars without a tag are text.
    static func resolve(_ text: String, isPlain: Bool, tag: String?) -> Result<ScalarValue, Failure> {
        guard let tag else { return isPlain ? plain(text) : .success(.text) }
        let implicit = ScalarValue.resolving(text)
        switch tag {
        case "!", prefix + "str", prefix + "timestamp": return .success(.text)
        case prefix + "null": return .success(.null)
        case prefix + "bool":
            if case .bool(let flag) = implicit { return .success(.bool(flag)) }
            return .failure(Failure(message: "the tag !!bool does not fit this value"))
        case prefix + "int":
            if case .int(let number) = implicit { return .success(.int(number)) }
            return .failure(Failure(message: "the tag !!int does not fit this value"))
        case prefix + "float":
            if case .float(let number) = implicit { return .success(.float(number)) }
            if case .int(let number) = implicit { return .success(.float(Double(number))) }
            if let number = Double(text) { return .success(.float(number)) }
            return .failure(Failure(message: "the tag !!float does not fit this value"))
        default: return .failure(Failure(message: unknown(tag)))
        }
    }

    private static func plain(_ text: String) -> Result<ScalarValue, Failure> {
        guard let value = ScalarValue.resolving(text) else {
            return .failure(Failure(message: "this looks like a number but is none; quote it if it is text"))
        }
        return .success(value)
    }

    static func unknown(_ tag: String) -> String {
        let short = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
        return "the tag '\(short.quotable)' has no meaning here; use !!str, !!int, !!float, !!bool, !!null or none"
    }
}
