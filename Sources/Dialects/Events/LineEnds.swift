extension UnsafeRawBufferPointer {
    /// Where the first CR or LF is, from `start` on.
    ///
    /// Eight bytes at a time: a byte of `x - 0x01…` borrows into its top bit only where it was 0, that is, where the byte was
    /// the one looked for, or had its top bit set, which `~x` rules out. The lowest such bit is always right, and its byte the
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
