/// What the ports of an instance know of it: what they call, within which limits, and to whom they report.
struct InstanceBinding {
    let functions: PluginFunctions
    /// The plugin's own handle: a constant, given only to functions that the interface lets event loops call.
    let cache: OpaquePointer
    let gate: PluginCallGate
    let limits: LoadedPlugin.Limits
    let capabilities: PluginCapabilities
    /// The largest value that is read, in bytes.
    let largestValue: Int
    let breaker: SharedBreaker
    let services: HostServices
}
