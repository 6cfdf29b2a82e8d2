extension UnsafeRawBufferPointer {
    /// Returns the position of the first CR or LF at or after `start`.
    ///
    /// It examines eight bytes at a time. An XOR turns a match into a zero byte of `x`. Subtracting 1 from a byte of
    /// `x` sets the top bit of the byte only where the byte was 0 or where its top bit was already set, which `& ~x`
    /// rules out. A borrow can only disturb higher bytes, so the lowest such bit is always right, and its byte is the
    /// first in memory.
    func lineEnd(from start: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var at = start
        while count &- at >= 8 {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let feeds = word ^ (ones &* 0x0A)
            let returns = word ^ (ones &* 0x0D)
            let found = ((feeds &- ones) & ~feeds | (returns &- ones) & ~returns) & (ones &* 0x80)
            if found != 0 { return at &+ found.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < count {
            if self[at] == 0x0A || self[at] == 0x0D { return at }
            at &+= 1
        }
        return nil
    }
}
