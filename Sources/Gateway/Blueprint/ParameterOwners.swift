import Configuration
import PluginHost

/// Knows the keys of `cache_params` that the chosen plugin does not declare.
///
/// Other plugins are loaded for this, but only where a key is known neither to the chosen one nor to LiteLLM.
final class ParameterOwners {
    private let directory: PluginDirectory
    private let type: String
    private let mayLoad: Bool
    private lazy var others = load()

    /// - Parameters:
    ///   - type: the chosen cache type.
    ///   - mayLoad: whether other plugins may be loaded, for which no digest is pinned.
    init(directory: PluginDirectory, type: String, mayLoad: Bool) {
        self.mayLoad = mayLoad
        self.directory = directory
        self.type = type
    }

    /// The remark on a key that the chosen plugin does not declare. It is nil where the key is unknown.
    func remark(on name: String) -> ParameterProblem? {
        if let message = ConfigurationReference.remark(onCacheParameter: name, of: type) {
            return problem(.warning, name, message)
        }
        if let owner = others.first(where: { $0.declares(name) }) {
            let message = ConfigurationReference.foreign(name, of: [owner.type.name], in: type)
            return problem(.warning, name, message)
        }
        let sections = ConfigurationReference.sections(having: name)
        guard !sections.isEmpty else { return nil }
        let message = "'\(name)' is no key of cache_params; it belongs \(sections.joined(separator: " or "))"
        return problem(.error, name, message)
    }

    private func problem(_ severity: ParameterProblem.Severity, _ name: String, _ message: String) -> ParameterProblem {
        ParameterProblem(parameter: name, severity: severity, message: message, isAboutName: true)
    }

    /// Loads the other plugins of the directory. Those that cannot be loaded are left out, since they are not needed.
    private func load() -> [LoadedPlugin] {
        guard mayLoad, let types = try? directory.list() else { return [] }
        return types.filter { $0.name != type }.compactMap { try? PluginLoader.standard(directory).load($0) }
    }
}

extension LoadedPlugin {
    /// Whether the plugin has a parameter of that name or alias.
    func declares(_ name: String) -> Bool {
        parameters.contains { $0.name == name || $0.aliases.contains(name) }
    }
}
