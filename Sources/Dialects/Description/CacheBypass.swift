/// Why the cache has no part in a request: neither is the answer taken from it, nor is it stored.
public struct CacheBypass: Sendable, Hashable {
    /// A token (RFC 8941 section 3.3.4) that `Cache-Status` reports as the detail.
    public let detail: StaticString

    /// A reason with a token of the API family's own.
    public init(_ detail: StaticString) {
        self.detail = detail
    }

    /// The request reads or changes what the provider keeps between requests.
    public static let stateful = CacheBypass("stateful")
    /// The request lets the model use a tool that the provider runs, which has effects or reads changing data.
    public static let tool = CacheBypass("tool")

    /// The request asks for a stream, and the call's streams cannot be kept.
    public static let stream = CacheBypass("stream")

    public static func == (left: CacheBypass, right: CacheBypass) -> Bool {
        left.detail.withUTF8Buffer { left in right.detail.withUTF8Buffer { left.elementsEqual($0) } }
    }

    public func hash(into hasher: inout Hasher) {
        detail.withUTF8Buffer { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// What the configuration lets the cache serve although the result may have changed meanwhile.
public struct CacheAllowance: Sendable, Hashable {
    /// Whether answers to requests that continue an earlier answer are cached (`cache_params.cache_stateful`).
    public let stateful: Bool
    /// The types of the tools run by providers whose results may be cached (`cache_params.cache_tools`), as bytes.
    private let tools: [[UInt8]]

    /// Allows nothing, unless the arguments say so.
    public init(stateful: Bool = false, tools: [String] = []) {
        self.stateful = stateful
        self.tools = tools.map { Array($0.utf8) }
    }

    /// Whether the results of a tool of that type may be cached. `web_search` also allows its versions, such as
    /// `web_search_20250305`.
    public func allows(tool type: some Sequence<UInt8>) -> Bool {
        let type = Array(type)
        return tools.contains { type == $0 || type.starts(with: $0 + [UInt8(ascii: "_")]) }
    }
}
