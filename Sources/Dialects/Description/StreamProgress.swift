/// How far a streamed answer has come. It is whole when its end came, nothing failed, it has at least one choice, and each of
/// its choices has ended.
public struct StreamProgress: Sendable {
    /// Whether the model was asked for the usage.
    public let usageIsAsked: Bool
    private var unfinished: Set<Int64> = []
    private var finished: Set<Int64> = []
    private var hasChoices = false
    private var isDone = false
    private var hasFailed = false

    /// Whether an event has two members of one name: such a stream cannot be put together to an answer in one piece.
    public private(set) var isAmbiguous = false

    /// A stream of which nothing has come.
    public init(usageIsAsked: Bool) {
        self.usageIsAsked = usageIsAsked
    }

    /// Whether the answer is complete.
    public var isWhole: Bool { isDone && !hasFailed && hasChoices && unfinished.isEmpty }

    /// Notes the event that ends the stream.
    public mutating func noteDone() { isDone = true }

    /// Notes an event by which the model failed. The answer is never whole.
    public mutating func noteFailure() { hasFailed = true }

    /// Notes an event with two members of one name.
    public mutating func noteAmbiguity() { isAmbiguous = true }

    /// Notes a part of a choice.
    ///
    /// - Parameter isLast: whether it ends the choice. What comes of it afterwards does not open it again.
    public mutating func notePart(ofChoice index: Int64, isLast: Bool) {
        hasChoices = true
        if isLast {
            unfinished.remove(index)
            finished.insert(index)
        } else if !finished.contains(index) {
            unfinished.insert(index)
        }
    }
}
