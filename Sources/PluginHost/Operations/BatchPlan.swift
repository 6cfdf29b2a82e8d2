/// How a batch is divided among operations of the plugin. Each operation takes consecutive items, up to a limit. Items
/// whose values are too large for the plugin are in no operation.
struct BatchPlan: Sequence, IteratorProtocol {
    enum Part: Equatable {
        /// The items of one operation, which are never empty.
        case operation(Range<Int>)
        /// An item that is not sent.
        case refused(Int)
    }

    /// The greatest number of items in an operation, even if the plugin sets no limit, because their memory is
    /// allocated at once.
    static let mostItems = 1024

    private let count: Int
    private let itemsPerOperation: Int
    private let fits: (Int) -> Bool
    private var position = 0

    /// - Parameters:
    ///   - itemsPerOperation: the plugin's own limit, or nil where it has none.
    ///   - fits: whether the plugin can take the item at an index.
    init(count: Int, itemsPerOperation: Int?, fits: @escaping (Int) -> Bool = { _ in true }) {
        self.count = count
        self.itemsPerOperation = Swift.max(1, Swift.min(itemsPerOperation ?? Self.mostItems, Self.mostItems))
        self.fits = fits
    }

    mutating func next() -> Part? {
        guard position < count else { return nil }
        let first = position
        while position < count, position - first < itemsPerOperation, fits(position) { position += 1 }
        guard position == first else { return .operation(first..<position) }
        position += 1
        return .refused(first)
    }
}
