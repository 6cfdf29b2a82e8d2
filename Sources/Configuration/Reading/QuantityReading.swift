import Text

extension Quantity {
    /// The duration that a node says, in seconds. Nil where it says none. Never negative, never infinite.
    static func seconds(_ node: YAMLNode) -> Double? {
        number(node, seconds)
    }

    /// The size that a node says, in bytes. Nil where it says none. Never negative, never infinite.
    static func bytes(_ node: YAMLNode) -> Double? {
        number(node) { bytes($0).map(Double.init) }
    }

    private static func number(_ node: YAMLNode, _ read: (String) -> Double?) -> Double? {
        guard case .scalar(let scalar) = node.content else { return nil }
        let number: Double? =
            switch scalar.value {
            case .int(let number): Double(number)
            case .float(let number): number
            case .text: read(scalar.text)
            case .null, .bool: nil
            }
        guard let number, number.isFinite, number >= 0 else { return nil }
        return number
    }
}
