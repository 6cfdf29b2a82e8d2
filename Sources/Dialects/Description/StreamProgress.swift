/// How much of a streamed answer has arrived. The answer is whole when the stream has ended, nothing has failed, the
/// answer has begun, and every choice has ended.
public struct StreamProgress: Sendable {
    /// Whether the model was asked for the usage.
    public let usageIsAsked: Bool
    private var unfinished: Set<Int64> = []
    private var finished: Set<Int64> = []
    /// Whether the answer has begun, be it with a part of a choice.
    public private(set) var hasParts = false
    private var isDone = false
    private var hasFailed = false

    /// Whether an event had two members of the same name. Such a stream cannot be assembled into an answer in one
    /// piece.
    public private(set) var isAmbiguous = false

    /// Whether the answer must not be stored, although it is whole: its model refused to answer, for example.
    public private(set) var isUnfit = false

    /// Whether the last reason to end that was recorded is one with which the answer may be stored.
    public private(set) var hasFitReason = false

    /// The progress of a stream of which nothing has arrived.
    public init(usageIsAsked: Bool) {
        self.usageIsAsked = usageIsAsked
    }

    /// Whether the answer is complete.
    public var isWhole: Bool { isDone && !hasFailed && hasParts && unfinished.isEmpty }

    /// How many choices have begun.
    public var choiceCount: Int { unfinished.count + finished.count }

    /// Whether a part of that choice was recorded.
    public func hasBegun(choice index: Int64) -> Bool { unfinished.contains(index) || finished.contains(index) }

    /// Records that the answer has begun, even if it will have no choices.
    public mutating func noteBeginning() { hasParts = true }

    /// Records why the answer has ended, in place of what was recorded before.
    ///
    /// - Parameter reasonIsFit: whether the answer may be stored with that reason.
    public mutating func note(reasonIsFit: Bool) { hasFitReason = reasonIsFit }

    /// Records that the event that ends the stream has arrived.
    public mutating func noteDone() { isDone = true }

    /// Records an event that reports a failure of the model. The answer will never be whole.
    public mutating func noteFailure() { hasFailed = true }

    /// Records that the answer must not be stored, even if it becomes whole.
    public mutating func noteUnfit() { isUnfit = true }

    /// Records an event with two members of the same name.
    public mutating func noteAmbiguity() { isAmbiguous = true }

    /// Records a part of a choice.
    ///
    /// - Parameter isLast: whether the part ends the choice. Parts that arrive later do not open the choice again.
    public mutating func notePart(ofChoice index: Int64, isLast: Bool) {
        hasParts = true
        if isLast {
            unfinished.remove(index)
            finished.insert(index)
        } else if !finished.contains(index) {
            unfinished.insert(index)
        }
    }
}
