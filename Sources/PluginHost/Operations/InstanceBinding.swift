/// What the ports of an instance need of it: the functions they call, the limits, and the receivers of their reports.
struct InstanceBinding {
    let plugin: LoadedPlugin
    let functions: PluginFunctions
    /// `gateway.inquiry/1`. It is nil where the plugin does not offer it.
    let inquire: PluginInquiry.Function?
    /// The plugin's own handle. It is a constant, and is given only to functions that the interface lets event loops
    /// call.
    let cache: OpaquePointer
    let gate: PluginCallGate
    let limits: LoadedPlugin.Limits
    let capabilities: PluginCapabilities
    /// The largest value that is read, in bytes.
    let largestValue: Int
    let breakers: BackendBreakers
    let services: HostServices
}
