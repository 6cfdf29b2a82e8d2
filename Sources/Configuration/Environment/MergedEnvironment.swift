/// The variables a configuration sees, and what they say about `os.environ/NAME`.
struct MergedEnvironment {
    private(set) var variables: [String: String]

    init(process: [String: String]) {
        variables = process
    }

    /// Adds what a `.env` file says. A variable that the process already has stays as it is, in expansions too.
    /// Throws where `${NAME}` makes the values grow beyond all measure.
    mutating func add(_ file: EnvironmentFile) throws(SourceError) {
        var added: [String: String] = [:]
        var size = 0
        for binding in file.bindings {
            let value = Self.expanding(binding.value) { variables[$0] ?? added[$0] }
            size += value.utf8.count
            if size > Self.expansionLimit {
                throw SourceError(binding.position, "the values grow larger than 4 MiB here; use fewer ${NAME}")
            }
            added[binding.name] = value
        }
        variables.merge(added) { process, _ in process }
    }

    /// Exports a member of `environment_variables`, over whatever was there.
    mutating func export(_ name: String, _ value: String) {
        variables[name] = value
    }

    /// The variable's value, or nil where it is not set.
    subscript(_ name: String) -> String? { variables[name] }

    /// Whether the variable is set to something.
    func isSet(_ name: String) -> Bool { variables[name]?.isEmpty == false }

    /// The most that all values of a file may come to once expanded, in bytes.
    private static let expansionLimit = 4 << 20

    /// `${NAME}` and `${NAME:-default}` in a text; an unset name without a default is empty.
    private static func expanding(_ text: String, _ lookUp: (String) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${"), result.utf8.count <= expansionLimit {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            let inside = rest[start.upperBound..<end]
            let name = inside.prefix { $0 != ":" }
            let remainder = inside[name.endIndex...]
            result += rest[..<start.lowerBound]
            if remainder.isEmpty || remainder.hasPrefix(":-") {
                result += lookUp(String(name)) ?? String(remainder.dropFirst(2))
            } else {
                result += rest[start.lowerBound...end]
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
