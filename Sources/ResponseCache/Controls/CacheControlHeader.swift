import Text

/// `Cache-Control` of a request (RFC 9111 section 5.2.1).
extension CacheControls {
    /// Adds the directives of the request's `Cache-Control` field. Call it once for each header line.
    ///
    /// Names are compared ignoring case, arguments may be quoted, and unknown directives are ignored. So is a directive
    /// whose argument is not a whole number of seconds: a client that is not understood is served as if it had sent
    /// nothing.
    public mutating func add(cacheControl value: some StringProtocol) {
        var scanner = DirectiveScanner(bytes: Array(value.utf8))
        while let directive = scanner.next() {
            if directive.isNamed("no-cache") {
                noCache = true
            } else if directive.isNamed("no-store") {
                noStore = true
            } else if directive.isNamed("only-if-cached") {
                onlyIfCached = true
            } else if directive.isNamed("max-age") {
                if let age = directive.seconds { restrict(maxAge: age) }
            } else if directive.isNamed("min-fresh") {
                if let time = directive.seconds { limits.minFresh = max(limits.minFresh ?? time, time) }
            } else if directive.isNamed("max-stale") {
                if directive.argument == nil {
                    limits.maxStale = limits.maxStale.strictest(.any)
                } else if let staleness = directive.seconds {
                    limits.maxStale = limits.maxStale.strictest(.upTo(staleness))
                }
            }
        }
    }

    /// Adds the directives of `Pragma`, for a request that has no `Cache-Control` (RFC 9111 section 5.4).
    public mutating func add(pragma value: some StringProtocol) {
        var scanner = DirectiveScanner(bytes: Array(value.utf8))
        while let directive = scanner.next() {
            if directive.isNamed("no-cache") { noCache = true }
        }
    }
}

extension FreshnessLimits.Staleness {
    /// Returns the stricter of two directives of one request. The first one has nothing to be compared with.
    fileprivate func strictest(_ other: Self) -> Self {
        switch (self, other) {
        case (.none, _): other
        case (.upTo(let one), .upTo(let two)): .upTo(min(one, two))
        case (.upTo, _): self
        case (.any, _): other
        }
    }
}

/// One directive: a name, which is never empty, and an optional argument without its quotes.
private struct Directive {
    let name: [UInt8]
    let argument: [UInt8]?

    /// Whether the name equals `lower`, ignoring the case of ASCII letters.
    func isNamed(_ lower: StaticString) -> Bool {
        name.withUnsafeBytes { $0.equalsIgnoringCase(0..<$0.count, lower) }
    }

    /// The argument as delta-seconds (RFC 9111 section 1.2.2), in milliseconds. A number that is too large is the
    /// longest time.
    var seconds: UInt64? {
        guard let argument, !argument.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in argument {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = min(value * 10 + UInt64(byte - UInt8(ascii: "0")), Milliseconds.longest / 1000)
        }
        return value * 1000
    }
}

/// Parses `#cache-directive`: names, `=`, tokens, quoted strings and commas.
private struct DirectiveScanner {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Directive? {
        while position < bytes.count {
            let name = scan { $0 != UInt8(ascii: "=") }
            var argument: [UInt8]?
            if position < bytes.count, bytes[position] == UInt8(ascii: "=") {
                position += 1
                argument = scan { _ in true }
            }
            position += 1
            if !name.isEmpty { return Directive(name: name, argument: argument) }
        }
        return nil
    }

    /// Reads up to an unquoted comma or a byte that is not accepted, and removes surrounding white space and quotes.
    private mutating func scan(while accepted: (UInt8) -> Bool) -> [UInt8] {
        var text: [UInt8] = []
        var quoted = false
        while position < bytes.count {
            let byte = bytes[position]
            if !quoted, byte == UInt8(ascii: ",") || !accepted(byte) { break }
            position += 1
            if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if quoted, byte == UInt8(ascii: "\\"), position < bytes.count {
                text.append(bytes[position])
                position += 1
            } else if quoted || (byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t")) {
                text.append(byte)
            }
        }
        return text
    }
}
