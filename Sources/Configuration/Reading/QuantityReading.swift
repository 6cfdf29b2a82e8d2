extension Quantity {
    /// The quantity that a node says. Nil where it is no such quantity. Never negative, never infinite.
    func read(_ node: YAMLNode) -> Double? {
        guard case .scalar(let scalar) = node.content else { return nil }
        let number: Double? =
            switch scalar.value {
            case .int(let number): Double(number)
            case .float(let number): number
            case .text: read(text: scalar.text)
            case .null, .bool: nil
            }
        guard let number, number.isFinite, number >= 0 else { return nil }
        return number
    }
}
