/// A 64-bit checksum that reads eight bytes at a time, over any division of the bytes into parts.
///
/// It guards against truncation and damage, not against forgery: whoever can write to the backend can write a valid
/// entry. `EntrySeal` guards against forgery. Each step is a bijection of the state for a given word and of the word
/// for a given state, so a change within one word is always detected. The length is mixed in at the end, so that
/// padding does not hide a truncation.
struct EntryChecksum {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var length: UInt64 = 0
    /// The bytes that do not fill a word yet, in its low bytes.
    private var word: UInt64 = 0
    private var filled = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var position = 0
        while filled != 0, position < bytes.count {
            push(bytes[position])
            position += 1
        }
        let count = bytes.count
        // The compiler keeps a local variable in a register, but not a member of `self`.
        var state = state
        while count &- position >= 8 {
            state = Self.mixed(
                state,
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            )
            position &+= 8
        }
        self.state = state
        while position < bytes.count {
            push(bytes[position])
            position += 1
        }
    }

    /// The checksum of all bytes so far.
    func finish() -> UInt64 {
        var last = self
        last.mix(word)
        last.mix(length)
        var value = last.state
        value ^= value >> 32
        value = value &* 0xD6E8_FEB8_6659_FD93
        value ^= value >> 32
        return value
    }

    private mutating func push(_ byte: UInt8) {
        word |= UInt64(byte) << UInt64(filled * 8)
        filled += 1
        if filled == 8 {
            mix(word)
            word = 0
            filled = 0
        }
    }

    private mutating func mix(_ word: UInt64) {
        state = Self.mixed(state, word)
    }

    @inline(__always)
    private static func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* 0xFF51_AFD7_ED55_8CCD
        return (product << 29 | product >> 35) &+ 0xC4CE_B9FE_1A85_EC53
    }
}
