import Text

extension Quantity {
    /// Reads a duration in seconds. It is nil where the node is not a duration, and never negative or infinite.
    static func seconds(_ node: YAMLNode) -> Double? {
        number(node, seconds)
    }

    /// Reads a size in bytes. It is nil where the node is not a size, and never negative or infinite.
    static func bytes(_ node: YAMLNode) -> Double? {
        number(node) { bytes($0).map(Double.init) }
    }

    /// Reads a number without a unit. It is nil where the node is none, and never negative or infinite.
    static func plain(_ node: YAMLNode) -> Double? {
        number(node) { Double($0) }
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
