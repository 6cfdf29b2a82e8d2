public import NIOCore

/// Is told how the operations of one event loop's port end. It is bound to that loop.
public protocol OperationObserver: AnyObject {
    /// Whether the next look-up is measured although the plugin may answer it within the call, for which the clock is read
    /// twice. Everything else is measured.
    func measuresNext() -> Bool

    /// An operation has ended, or nobody waits for it any more.
    ///
    /// - Parameters:
    ///   - failure: why it failed, be it for all of its items. It is nil where it succeeded.
    ///   - duration: how long it took. It is nil where that was not measured.
    func ended(_ operation: PluginOperation, failure: OperationFailure?, duration: TimeAmount?)

    /// An operation was refused before the plugin was called.
    func refused(_ operation: PluginOperation, _ failure: OperationFailure)
}

/// What a plugin is asked to do.
public enum PluginOperation: Int, Sendable, CaseIterable {
    case get, set, delete, ping, flush

    /// Its name in metrics.
    public var name: String {
        switch self {
        case .get: "get"
        case .set: "set"
        case .delete: "delete"
        case .ping: "ping"
        case .flush: "flush"
        }
    }
}

extension OperationMemory.Kind {
    /// The operation as it is reported.
    var operation: PluginOperation {
        switch self {
        case .get: .get
        case .set: .set
        case .delete: .delete
        case .ping: .ping
        case .flush: .flush
        }
    }
}

extension PluginPort {
    /// Notes when an operation begins whose duration is measured in any case.
    func noteBegin(of block: OperationBlock) {
        guard let observer, block.memory.kind != .get || observer.measuresNext() else { return }
        block.use.began = .now()
    }

    /// Notes that an operation goes on after its call, so that it is measured.
    func notePending(_ block: OperationBlock) {
        if observer != nil, block.use.began == nil { block.use.began = .now() }
    }

    /// Reports the end of an operation that somebody waited for.
    func report(_ block: OperationBlock, _ failure: OperationFailure?) {
        guard let observer else { return }
        observer.ended(
            block.memory.kind.operation,
            failure: failure ?? block.memory.failureOfEveryItem,
            duration: block.use.began.map { .now() - $0 }
        )
    }

    /// Reports that nobody waits for an operation any more, whose results must not be read.
    func reportUnfinished(_ block: OperationBlock, _ failure: OperationFailure) {
        observer?.ended(
            block.memory.kind.operation,
            failure: failure,
            duration: block.use.began.map { .now() - $0 }
        )
    }
}
