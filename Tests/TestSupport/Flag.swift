import Synchronization

/// A flag that any thread may raise or read.
package final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    package init() {}

    package var isUp: Bool {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
