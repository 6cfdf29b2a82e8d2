/// The prices of common models, by provider and model.
struct PriceTable: Sendable {
    /// The prices of `KnownPrices`.
    static let known = PriceTable(KnownPrices.lines)

    private(set) var prices: [ModelName: TokenPrices] = [:]

    /// - Parameter lines: as in `KnownPrices`. A line that is none is left out.
    init(_ lines: String) {
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3 || words.count == 4 else { continue }
            let amounts = words.dropFirst().compactMap { Self.dollars(forMillion: $0) }
            guard amounts.count == words.count - 1 else { continue }
            let cached = amounts.count == 3 ? amounts[2] : nil
            prices[ModelName(String(words[0]))] = TokenPrices(
                input: amounts[0],
                output: amounts[1],
                cachedInput: cached
            )
        }
    }

    /// The prices of a provider's model. A name that ends in a date stands for the same name without it, if it is not in
    /// the table itself: `gpt-4o-2024-08-06` costs what `gpt-4o` does. What follows the base of a fine-tuned model
    /// (`ft:gpt-4o-2024-08-06:organization::id`) makes no difference.
    func prices(of model: String, from provider: String) -> TokenPrices? {
        let model = Self.withoutTuning(model)
        let name = "\(provider)/\(model)"
        if let exact = prices[ModelName(name)] { return exact }
        guard let length = Self.lengthWithoutDate(name) else { return nil }
        return prices[ModelName(String(decoding: name.utf8.prefix(length), as: UTF8.self))]
    }

    private static func dollars(forMillion amount: some StringProtocol) -> Double? {
        // The exponent is added to the text, so that the price is the nearest number to what it says.
        guard let price = Double("\(amount)e-6"), price.isFinite, price >= 0 else { return nil }
        return price
    }

    private static func withoutTuning(_ model: String) -> String {
        guard model.utf8.starts(with: "ft:".utf8) else { return model }
        let base = model.utf8.dropFirst(3).prefix { $0 != UInt8(ascii: ":") }
        return "ft:" + String(decoding: base, as: UTF8.self)
    }

    /// How many bytes there are before the date of a snapshot: `-2024-08-06`, `-20240806` or `-0806`. It is nil where
    /// the name ends in none.
    private static func lengthWithoutDate(_ name: String) -> Int? {
        let bytes = Array(name.utf8)
        for shape in ["-dddd-dd-dd", "-dddddddd", "-dddd"] where bytes.count > shape.utf8.count {
            let matches = zip(bytes.suffix(shape.utf8.count), shape.utf8).allSatisfy { byte, expected in
                expected == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == expected
            }
            if matches { return bytes.count - shape.utf8.count }
        }
        return nil
    }
}
