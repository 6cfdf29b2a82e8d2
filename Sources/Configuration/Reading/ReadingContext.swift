import CallTypes
import Text

/// The state of reading one file: the environment, the diagnostics, and the section being read.
struct ReadingContext {
    /// Longer times than this (about thirty years, in seconds) are mistakes, and overflow clocks.
    static let longestTime = 1e9

    /// The calls that the gateway serves.
    let calls: CallTable
    var environment: MergedEnvironment
    private(set) var diagnostics: [Diagnostic]
    /// The place for messages, such as ` in litellm_params`.
    var place = ""
    private var warned: Set<String> = []
    private var errorCount = 0
    private var warningCount = 0

    init(calls: CallTable, environment: MergedEnvironment, diagnostics: [Diagnostic] = []) {
        self.calls = calls
        self.environment = environment
        self.diagnostics = diagnostics
    }

    // MARK: Diagnostics

    /// Whether the limit of warnings has been reached.
    var isFullOfWarnings: Bool { warningCount >= Diagnostic.limit }

    /// Adds a diagnostic. Diagnostics beyond the limit of their kind are dropped.
    mutating func add(_ diagnostic: Diagnostic) {
        if diagnostic.isError {
            guard errorCount < Diagnostic.limit else { return }
            errorCount += 1
        } else {
            guard !isFullOfWarnings else { return }
            warningCount += 1
        }
        diagnostics.append(diagnostic)
    }

    mutating func error(_ position: SourcePosition, _ message: String) {
        add(Diagnostic(.error, at: position, message))
    }

    mutating func warn(_ position: SourcePosition, _ message: String) {
        add(Diagnostic(.warning, at: position, message))
    }

    /// Reports a warning once for the whole file, at its first occurrence.
    mutating func warnOnce(_ position: SourcePosition, _ message: String) {
        if warned.insert(message).inserted { warn(position, message) }
    }

    private mutating func mismatch(_ member: YAMLMember, _ expected: String) {
        error(
            member.value.position,
            "'\(member.key.quotable)'\(place) must be \(expected), not \(description(of: member.value))"
        )
    }

    /// Describes the kind of a value without revealing the value.
    private func description(of node: YAMLNode) -> String {
        guard case .scalar(let scalar) = node.content else { return node.kind }
        if let variable = scalar.variable { return "what the environment variable '\(variable.quotable)' holds" }
        switch scalar.value {
        case .int, .float: return "this number"
        case .null, .bool, .text: return node.kind
        }
    }

    /// Quotes a value that cannot be secret, for a message: as written, or as the variable that it came from.
    func quoted(_ node: YAMLNode) -> String {
        guard case .scalar(let scalar) = node.content else { return node.kind }
        return scalar.variable == nil ? "'\(scalar.text.quotable)'" : description(of: node)
    }

    // MARK: Environment

    /// Replaces the references to the environment in a member. It is nil, and an error is reported, where a variable is
    /// not set.
    mutating func resolved(_ member: YAMLMember) -> YAMLMember? {
        let (member, remarks) = resolving(member)
        remarks.forEach { add($0) }
        return remarks.contains(where: \.isError) ? nil : member
    }

    /// Replaces the references to the environment in a member, an unset variable by nothing. The remarks are to be
    /// reported if the member is used.
    func resolving(_ member: YAMLMember) -> (member: YAMLMember, remarks: [Diagnostic]) {
        var remarks: [Diagnostic] = []
        var member = member
        member.value = EnvironmentReference.resolve(member.value, in: environment, diagnostics: &remarks)
        return (member, remarks)
    }

    /// Replaces the references to the environment in the values of a mapping, also where they are a part of a text. What
    /// refers to a variable that is not set is left out, and an error is reported.
    mutating func resolvedWithin(_ member: YAMLMember) -> YAMLMember {
        guard case .mapping(let members) = member.value.content else { return member }
        var member = member
        member.value.content = .mapping(
            members.compactMap { part in
                var part = part
                var remarks: [Diagnostic] = []
                part.value = EnvironmentReference.resolveWithin(part.value, in: environment, diagnostics: &remarks)
                remarks.forEach { add($0) }
                return remarks.contains(where: \.isError) ? nil : part
            }
        )
        return member
    }

    // MARK: Values

    /// Reads any scalar as it is written. It is nil where the scalar is empty. It is used in request lines and headers,
    /// and so must have no control characters.
    mutating func text(_ member: YAMLMember) -> String? {
        guard case .scalar(let scalar) = member.value.content, scalar.value != .null else {
            mismatch(member, "a string")
            return nil
        }
        guard scalar.text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            error(
                member.value.position,
                "'\(member.key.quotable)'\(place) must not contain control characters, such as a line break at its end"
            )
            return nil
        }
        return scalar.text.isEmpty ? nil : scalar.text
    }

    /// Reads a string that must not be empty.
    mutating func name(_ member: YAMLMember) -> String? {
        guard case .scalar(let scalar) = member.value.content, scalar.text.isEmpty else { return text(member) }
        error(member.value.position, "'\(member.key.quotable)'\(place) must not be empty")
        return nil
    }

    mutating func flag(_ member: YAMLMember) -> Bool? {
        if case .scalar(let scalar) = member.value.content {
            if case .bool(let flag) = scalar.value { return flag }
            if scalar.value == .text, case .bool(let flag) = ScalarValue.resolving(scalar.text) { return flag }
        }
        mismatch(member, "true or false")
        return nil
    }

    mutating func count(_ member: YAMLMember, from least: Int = 0, upTo limit: Int) -> Int? {
        if case .scalar(let scalar) = member.value.content {
            let number: Int64? =
                switch scalar.value {
                case .int(let number): number
                case .float(let number): Int64(exactly: number)
                case .text: Int64(scalar.text)
                case .null, .bool: nil
                }
            if let number, let count = Int(exactly: number), (least...limit).contains(count) { return count }
        }
        mismatch(member, "a whole number from \(least) to \(limit)")
        return nil
    }

    /// Reads a number of any size that is not negative, as text too: `1e-6` is text in YAML 1.1.
    mutating func number(_ member: YAMLMember) -> Double? {
        if let number = Quantity.plain(member.value) { return number }
        mismatch(member, "a number from 0")
        return nil
    }

    /// Reads a number of seconds, or a number with a unit: `50ms`, `1.5s`, `2m`, `1h`.
    mutating func seconds(_ member: YAMLMember) -> Double? {
        if let seconds = Quantity.seconds(member.value), seconds > 0, seconds <= Self.longestTime {
            return seconds
        }
        mismatch(member, "a number of seconds above 0, or a time such as 50ms")
        return nil
    }

    /// Reads a number of bytes, or a number with a unit: `64KB`, `4MB`, `1GiB`, all powers of 1024.
    mutating func bytes(_ member: YAMLMember, from least: Int = 1) -> Int? {
        if let bytes = Quantity.bytes(member.value), bytes >= Double(least), bytes <= 0x1p40 {
            return Int(exactly: bytes.rounded())
        }
        let expected = least == 1 ? "a number of bytes above 0" : "at least \(least >> 20) MB"
        mismatch(member, "\(expected), or a size such as \(least == 1 ? "4MB" : "512MB")")
        return nil
    }

    /// Reads one of the given words.
    mutating func word(_ member: YAMLMember, among words: [String]) -> String? {
        guard let text = text(member) else { return nil }
        if words.contains(text) { return text }
        let hint = NearestName.nearest(to: text, among: words).map { "; did you mean '\($0)'?" } ?? ""
        let expected = words.map { "'\($0)'" }.joined(separator: " or ")
        error(member.value.position, "'\(member.key.quotable)'\(place) must be \(expected)\(hint)")
        return nil
    }
}
