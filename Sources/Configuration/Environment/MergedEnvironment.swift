/// The variables that a configuration sees, and their values for `os.environ/NAME`.
struct MergedEnvironment {
    private(set) var variables: [String: String]

    init(process: [String: String]) {
        variables = process
    }

    /// Adds the variables of a `.env` file. A variable that the process already has keeps its value, in expansions too.
    /// It throws where `${NAME}` makes the values grow beyond `expansionLimit`.
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

    /// Exports a member of `environment_variables`, which replaces an earlier value.
    mutating func export(_ name: String, _ value: String) {
        variables[name] = value
    }

    /// The variable's value. It is nil where the variable is not set.
    subscript(_ name: String) -> String? { variables[name] }

    /// Whether the variable has a value that is not empty.
    func isSet(_ name: String) -> Bool { variables[name]?.isEmpty == false }

    /// The greatest size of all expanded values of a file together, in bytes.
    private static let expansionLimit = 4 << 20

    /// Expands `${NAME}` and `${NAME:-default}` in a text. An unset name without a default is empty.
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
