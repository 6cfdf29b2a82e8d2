/// A look-up of one or more keys. It belongs to its port's event loop. Release it exactly once, when its values
/// are no longer needed, and do not touch it afterwards. [on the loop]
public final class PluginLookup: BlockOwner {
    /// The outcome for one key.
    public enum Outcome {
        /// The value in the plugin's memory, which is valid until the look-up's `release()`.
        case hit(UnsafeRawBufferPointer)
        case miss
        case failure(OperationFailure)
    }

    /// The state of the items of one operation.
    private enum Share {
        case waiting(OperationBlock)
        case read(OperationBlock)
        case failed(OperationFailure)
    }

    /// The plugin that is asked.
    public let plugin: LoadedPlugin
    private unowned let port: PluginPort
    private var shares: [(firstItem: Int, share: Share)] = []
    private var waiting = 0
    private var action: (() -> Void)?
    private var isReleased = false

    /// How many keys were requested.
    public private(set) var count = 0
    /// The plugin's words for the operation that failed last, without secrets.
    private var failureText: String?

    init(port: PluginPort) {
        self.port = port
        plugin = port.instance.plugin
    }

    /// Whether every outcome is there. It is true at once where the plugin answers inline.
    public var isDone: Bool { waiting == 0 }

    /// Calls `action` on the event loop once every outcome is there, or before this returns if they are there already.
    public func whenDone(_ action: @escaping () -> Void) {
        if isDone { action() } else { self.action = action }
    }

    /// The outcome for the key at `index`. It is a failure before the look-up is done.
    public func outcome(at index: Int) -> Outcome {
        guard index >= 0, index < count,
            let (firstItem, share) = shares.count == 1 ? shares.first : shares.last(where: { $0.firstItem <= index })
        else { return .failure(.cancelled) }
        switch share {
        case .waiting: return .failure(.cancelled)
        case .failed(let failure): return .failure(failure)
        case .read(let block): return port.outcome(of: block, at: index - firstItem)
        }
    }

    /// The plugin's words for the failure at `index`, without secrets. It is nil where it said nothing.
    public func failureText(at index: Int) -> String? {
        for case (let firstItem, .read(let block)) in shares
        where firstItem <= index && index < firstItem + block.count {
            return port.failureText(of: block)
        }
        return failureText
    }

    /// Gives the values back to the plugin, or stops waiting for them if the look-up is not done.
    public func release() {
        guard !isReleased else { return }
        isReleased = true
        for (_, share) in shares {
            switch share {
            case .waiting(let block): port.abandon(block)
            case .read(let block): port.recycle(block)
            case .failed: break
            }
        }
        shares.removeAll(keepingCapacity: true)
        waiting = 0
        count = 0
        action = nil
        port.keep(self)
    }

    // MARK: For the port

    func begin(count: Int) {
        self.count = count
        failureText = nil
        isReleased = false
    }

    func add(_ block: OperationBlock) {
        shares.append((block.use.firstItem, .waiting(block)))
        waiting += 1
    }

    func addFailure(_ failure: OperationFailure, firstItem: Int) {
        shares.append((firstItem, .failed(failure)))
    }

    func settled(_ block: OperationBlock, failure: OperationFailure?) -> Bool {
        if failure != nil { failureText = port.failureText }
        settle(block, failure.map { .failed($0) } ?? .read(block))
        return failure == nil
    }

    func gaveUp(_ block: OperationBlock, failure: OperationFailure) {
        settle(block, .failed(failure))
    }

    private func settle(_ block: OperationBlock, _ share: Share) {
        guard let index = shares.firstIndex(where: { $0.firstItem == block.use.firstItem }) else { return }
        shares[index].share = share
        waiting -= 1
        guard waiting == 0, let action else { return }
        self.action = nil
        action()
    }
}
