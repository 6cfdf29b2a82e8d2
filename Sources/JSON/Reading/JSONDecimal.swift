/// The exact value of a number, whatever its spelling and size: significant digits times a power of ten.
///
/// The digits stay in the source, from the first to the last that is not zero; a decimal point may stand among them.
struct JSONDecimal {
    let isNegative: Bool
    /// The positions of the digits in the source. It is empty for zero.
    let digits: Range<Int>
    /// The position of the decimal point within `digits`. It is nil where the point is not among them.
    let point: Int?
    /// The power of ten that the last digit counts.
    let exponent: Int64

    /// Reads a number that the scanner has accepted. It is nil if the exponent does not fit 64 bits.
    init?(_ node: TapeNode, in bytes: UnsafePointer<UInt8>) {
        let end = Int(node.end)
        var position = Int(node.start)
        let negative = position < end && bytes[position] == UInt8(ascii: "-")
        if negative { position &+= 1 }
        var first: Int?
        var last = position
        var point: Int?
        while position < end, bytes[position] | 0x20 != UInt8(ascii: "e") {
            if bytes[position] == UInt8(ascii: ".") {
                point = position
            } else if bytes[position] != UInt8(ascii: "0") {
                first = first ?? position
                last = position
            }
            position &+= 1
        }
        guard let first else {
            // Zero has neither sign nor exponent.
            self.init(isNegative: false, digits: 0..<0, point: nil, exponent: 0)
            return
        }
        let unitsEnd = point ?? position
        let shift = last < unitsEnd ? unitsEnd &- 1 &- last : unitsEnd &- last
        guard let written = JSONDecimal.exponent(bytes, from: position, to: end) else { return nil }
        let (exponent, overflow) = written.addingReportingOverflow(Int64(shift))
        if overflow { return nil }
        let inner = point.flatMap { $0 > first && $0 < last ? $0 : nil }
        self.init(isNegative: negative, digits: first..<last &+ 1, point: inner, exponent: exponent)
    }

    private init(isNegative: Bool, digits: Range<Int>, point: Int?, exponent: Int64) {
        self.isNegative = isNegative
        self.digits = digits
        self.point = point
        self.exponent = exponent
    }

    var isZero: Bool { digits.isEmpty }

    var digitCount: Int { digits.count - (point == nil ? 0 : 1) }

    /// The value, if it is a whole number of 64 bits.
    func int64(in bytes: UnsafePointer<UInt8>) -> Int64? {
        if isZero { return 0 }
        // Up to 19 digits fit 64 bits without a sign.
        guard exponent >= 0, exponent < 19, digitCount + Int(exponent) <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for position in digits where position != point {
            magnitude = magnitude &* 10 &+ UInt64(bytes[position] &- 0x30)
        }
        for _ in 0..<exponent { magnitude = magnitude &* 10 }
        if isNegative, magnitude == Int64.min.magnitude { return .min }
        return Int64(exactly: magnitude).map { isNegative ? -$0 : $0 }
    }

    /// The exponent that starts with the `e` at `start`. It is 0 if there is none.
    private static func exponent(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int64? {
        guard start < end else { return 0 }
        var position = start &+ 1
        var negative = false
        if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            negative = bytes[position] == UInt8(ascii: "-")
            position &+= 1
        }
        var value: Int64 = 0
        while position < end {
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(bytes[position] &- 0x30)
            let (next, beyond) =
                negative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            if overflow || beyond { return nil }
            value = next
            position &+= 1
        }
        return value
    }
}
