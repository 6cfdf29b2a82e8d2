/// What a request asks a model to do: one of the calls of a `CallTable`.
///
/// It is a position in that table and nothing else, so that it costs nothing to copy, to compare, or to look something
/// up by. Call types of different tables must not be mixed. A process has one table.
public struct CallType: Sendable, Hashable {
    /// The position of the call in its table. Positions are 0, 1, and so on without a gap.
    public let position: Int

    init(position: Int) {
        self.position = position
    }
}

/// A set of calls of a table, with one bit for each call.
public struct CallTypeSet: Sendable, Hashable {
    /// The largest number of calls that a table may have.
    static let most = 64

    private var bits: UInt64 = 0

    /// Every call of any table.
    public static let all = CallTypeSet(bits: .max)

    private init(bits: UInt64) { self.bits = bits }

    /// Makes a set of the given calls.
    public init(_ types: some Sequence<CallType> = []) {
        for type in types { insert(type) }
    }

    /// Whether the set has no calls.
    public var isEmpty: Bool { bits == 0 }

    /// Whether the set contains a call.
    public func contains(_ type: CallType) -> Bool {
        bits >> UInt64(type.position) & 1 == 1
    }

    /// Adds a call to the set.
    public mutating func insert(_ type: CallType) {
        bits |= 1 << UInt64(type.position)
    }
}
