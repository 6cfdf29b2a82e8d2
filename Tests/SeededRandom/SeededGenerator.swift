/// SplitMix64 (Steele, Lea and Flood, 2014). The same seed gives the same values, so that a failure can be reproduced.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Returns true with a probability of `percent` in a hundred.
    public mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    /// Divides the bytes into up to four pieces at random places.
    public mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let cuts = (0..<Int.random(in: 0...3, using: &self))
            .map { _ in Int.random(in: 0...bytes.count, using: &self) }.sorted()
        return zip([0] + cuts, cuts + [bytes.count]).map { bytes[$0..<$1] }
    }

    /// The bytes with a few of them replaced, removed or inserted.
    public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            guard let place = bytes.indices.randomElement(using: &self) else { break }
            switch Int.random(in: 0..<3, using: &self) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
            case 1: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: place)
            }
        }
        return bytes
    }
}
