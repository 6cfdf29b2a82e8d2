/// What a configuration file says, value by value, so that it can be compared with another one.
public struct ConfigurationOutline: Sendable, Hashable {
    /// One value of the file, or a list or mapping that is empty.
    public struct Entry: Sendable, Hashable {
        /// The place of the value, such as `model_list[gpt-4o].litellm_params.rpm`.
        public let path: String
        public let value: Value
    }

    /// A value.
    public enum Value: Sendable, Hashable {
        /// A value that may be shown, as it is written.
        case shown(String)
        /// A value that must not be shown, because it is secret, may be, or comes from the environment. `shown` says
        /// where it comes from.
        case hidden(Secret, shown: String)
    }

    /// The values in the order of the file. No two have the same path.
    public let entries: [Entry]

    /// - Parameter environment: the variables that the file may refer to.
    init(_ root: YAMLNode, in environment: MergedEnvironment) {
        var reader = Reader(environment: environment)
        reader.read(root, at: "", .shown)
        entries = reader.entries
    }

    /// The outline of a file without any value.
    init() { entries = [] }
}

extension ConfigurationOutline {
    private struct Reader {
        let environment: MergedEnvironment
        var entries: [Entry] = []

        private static let reference = "os.environ/"
        /// Sections and mappings in which every value may be secret.
        private static let hiddenMappings: Set<String> = ["environment_variables", "headers", "extra_headers"]
        /// What the names of secret values end with.
        private static let hiddenEndings = ["key", "keys", "password", "secret", "token", "credentials", "passphrase"]
        /// The keys whose values name an item of a list.
        private static let names = ["model_name", "name", "path"]

        /// What is known of a value from the names of what it is in.
        enum Visibility {
            case shown
            /// The key of the value, or of the list that it is in, says that it is secret. A mapping in such a list has
            /// keys of its own.
            case hiddenByKey
            case hidden
        }

        mutating func read(_ node: YAMLNode, at path: String, _ visibility: Visibility) {
            switch node.content {
            case .scalar(let scalar):
                entries.append(Entry(path: path, value: value(of: scalar, isHidden: visibility != .shown)))
            case .sequence(let items) where items.isEmpty: entries.append(Entry(path: path, value: .shown("[]")))
            case .mapping(let members) where members.isEmpty: entries.append(Entry(path: path, value: .shown("{}")))
            case .sequence(let items):
                var seen: [[UInt8]: Int] = [:]
                for (index, item) in items.enumerated() {
                    let name = Self.name(of: item) ?? String(index)
                    let count = (seen[Array(name.utf8)] ?? 0) + 1
                    seen[Array(name.utf8)] = count
                    read(item, at: "\(path)[\(name)\(count > 1 ? "#\(count)" : "")]", visibility)
                }
            case .mapping(let members):
                for member in members {
                    let name = path.isEmpty ? member.key : "\(path).\(member.key)"
                    read(member.value, at: name, visibility == .hidden ? .hidden : Self.visibility(under: member.key))
                }
            }
        }

        private func value(of scalar: YAMLScalar, isHidden: Bool) -> Value {
            if scalar.text.utf8.starts(with: Self.reference.utf8) {
                let name = String(scalar.text.dropFirst(Self.reference.count))
                return .hidden(Secret(environment[name] ?? ""), shown: scalar.text)
            }
            // A text with an at sign may be a URL with a password, and one with a reference in it is part of a secret.
            let text = Array(scalar.text.utf8)
            let isDoubtful = scalar.value == .text && (text.contains(UInt8(ascii: "@")) || scalar.text.contains("sk-"))
            let isPartReference = scalar.text.contains(Self.reference)
            guard isHidden || isDoubtful || isPartReference else { return .shown(scalar.text) }
            return .hidden(Secret(scalar.text), shown: "not shown")
        }

        private static func name(of item: YAMLNode) -> String? {
            for key in names {
                if case .scalar(let scalar) = item[key]?.content { return scalar.text }
            }
            return nil
        }

        private static func visibility(under key: String) -> Visibility {
            let key = key.lowercased()
            if hiddenMappings.contains(key) { return .hidden }
            return hiddenEndings.contains { key.hasSuffix($0) } ? .hiddenByKey : .shown
        }
    }
}
