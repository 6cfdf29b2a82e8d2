/// A set of names of models, given by names and by patterns in which `*` stands for any part of a name.
public struct ModelNames: Sendable {
    private let names: [[UInt8]]
    private let patterns: [ModelPattern]

    /// Makes the set of what is named.
    public init(_ given: [String]) {
        patterns = given.compactMap { ModelPattern($0) }
        names = given.filter { ModelPattern($0) == nil }.map { Array($0.utf8) }
    }

    /// Whether a name is in the set, byte for byte.
    public func contains(_ name: String) -> Bool {
        names.contains { name.utf8.elementsEqual($0) } || patterns.contains { $0.match(name) != nil }
    }
}
