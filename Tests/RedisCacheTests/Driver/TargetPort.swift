import Synchronization

/// A port that is known later than the script that names it.
final class TargetPort: Sendable {
    private let value = Atomic<Int>(0)

    var port: UInt16 {
        get { UInt16(truncatingIfNeeded: value.load(ordering: .relaxed)) }
        set { value.store(Int(newValue), ordering: .relaxed) }
    }
}
