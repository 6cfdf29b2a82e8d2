/// What a request asks a model to do: one of the calls of a `CallTable`.
///
/// It is a position in that table and nothing else, so that it costs nothing to copy, to compare, or to look something up by.
/// Call types of different tables have nothing to do with each other; a process has one table.
public struct CallType: Sendable, Hashable {
    /// Where the call stands in its table: 0, 1, and so on without a gap.
    public let position: Int

    init(position: Int) {
        self.position = position
    }
}

/// Some of the calls of a table, a bit for each.
public struct CallTypeSet: Sendable, Hashable {
    /// The most calls that a table may have.
    static let most = 64

    private var bits: UInt64 = 0

    /// Every call of a table, whichever it is.
    public static let all = CallTypeSet(bits: .max)

    private init(bits: UInt64) { self.bits = bits }

    /// The calls of `types`.
    public init(_ types: some Sequence<CallType> = []) {
        for type in types { insert(type) }
    }

    /// Whether none is among them.
    public var isEmpty: Bool { bits == 0 }

    /// Whether a call is among them.
    public func contains(_ type: CallType) -> Bool {
        bits >> UInt64(type.position) & 1 == 1
    }

    /// Adds a call.
    public mutating func insert(_ type: CallType) {
        bits |= 1 << UInt64(type.position)
    }
}
