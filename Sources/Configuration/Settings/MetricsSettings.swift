/// What is counted, and who may ask for it.
public struct MetricsSettings: Sendable, Hashable {
    /// Whether requests are counted and `/metrics` answers.
    public var isOn: Bool
    /// Whether `/metrics` wants the master key: at every listener, at none, or, where it is nil, everywhere but at a
    /// listener for administration.
    public var requiresKey: Bool?

    /// By default, requests are counted.
    public init(isOn: Bool = true, requiresKey: Bool? = nil) {
        self.isOn = isOn
        self.requiresKey = requiresKey
    }
}
