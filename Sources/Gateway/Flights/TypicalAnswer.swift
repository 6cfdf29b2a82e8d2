/// The typical size of a model's answers in bytes and their duration in milliseconds, as moving averages. It is a
/// value.
struct TypicalAnswer {
    private var bytes = 2_000.0
    private var milliseconds = 2_000.0
    private static let weight = 0.2

    /// Includes an answer that was whole in the averages.
    mutating func note(bytes: Int, milliseconds: Int64) {
        self.bytes += (Double(bytes) - self.bytes) * Self.weight
        self.milliseconds += (Double(milliseconds) - self.milliseconds) * Self.weight
    }

    /// Whether at least half of a typical answer has arrived. Where nothing has arrived yet, the elapsed time is
    /// compared instead, because an answer in one piece arrives only at the end.
    func isHalf(bytes: Int, milliseconds: Int64) -> Bool {
        bytes > 0 ? Double(bytes) * 2 >= self.bytes : Double(milliseconds) * 2 >= self.milliseconds
    }
}
