/// Numbers that may carry a unit.
struct Quantity {
    /// Factors by unit; the empty unit is that of a bare number.
    let units: [String: Double]

    /// Seconds.
    static let duration = Quantity(units: [
        "": 1, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400,
    ])

    /// Bytes. `KB` is 1024 bytes as `KiB` is: a cache is memory.
    static let size = Quantity(
        units: [
            "": 1, "b": 1, "k": 0x1p10, "kb": 0x1p10, "kib": 0x1p10, "m": 0x1p20, "mb": 0x1p20, "mib": 0x1p20,
            "g": 0x1p30, "gb": 0x1p30, "gib": 0x1p30, "t": 0x1p40, "tb": 0x1p40, "tib": 0x1p40,
        ]
    )

    /// The quantity that a text says. Nil where it is negative or not a number with one of the units.
    func read(text: String) -> Double? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let number = Double(digits), let factor = units[unit] else { return nil }
        return number * factor
    }
}
