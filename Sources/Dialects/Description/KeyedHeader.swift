/// A request header that changes what a model answers. It is sent to the model, and its values are part of the cache key.
public struct KeyedHeader: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name in lower case.
    public let name: String
    /// Whether the header lists values of which neither the order nor the number matters, separated by commas. The
    /// same values in another order then make the same key.
    public let isSet: Bool
    /// The bytes of the name.
    public let bytes: [UInt8]

    /// A header, whose name is in lower case.
    public init(_ name: String, isSet: Bool = false) {
        self.name = name
        self.isSet = isSet
        bytes = Array(name.utf8)
    }

    /// A header whose value counts as it is.
    public init(stringLiteral name: String) {
        self.init(name)
    }
}
