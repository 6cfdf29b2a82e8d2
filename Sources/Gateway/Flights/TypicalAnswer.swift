/// How long the answers of a model typically are, in bytes and in milliseconds: a moving average. A value.
struct TypicalAnswer {
    private var bytes = 2_000.0
    private var milliseconds = 2_000.0
    private static let weight = 0.2

    /// Takes note of an answer that was whole.
    mutating func note(bytes: Int, milliseconds: Int64) {
        self.bytes += (Double(bytes) - self.bytes) * Self.weight
        self.milliseconds += (Double(milliseconds) - self.milliseconds) * Self.weight
    }

    /// Whether at least half of a typical answer has arrived. Where nothing has arrived yet, its time counts instead, since an
    /// answer in one piece arrives at the end.
    func isHalf(bytes: Int, milliseconds: Int64) -> Bool {
        bytes > 0 ? Double(bytes) * 2 >= self.bytes : Double(milliseconds) * 2 >= self.milliseconds
    }
}
