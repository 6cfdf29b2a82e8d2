import Configuration
import PluginHost
import ResponseCache

extension PluginLoader {
    /// Makes a loader that gives plugins this gateway's version.
    static func standard(_ directory: PluginDirectory) -> PluginLoader {
        PluginLoader(
            directory: directory,
            hostVersion: Version.description,
            hostNames: Set(ConfigurationReference.cacheKeys),
            leastKeyLimit: CacheKey.longest(namespaceLength: 1)
        )
    }
}

extension PluginParameterValue {
    /// Converts a configured parameter for a plugin. A text or a choice gets the characters as they are written in the
    /// file, so that the password `0123` is not the number 83, and the choice `off` is not a boolean.
    init(_ parameter: Configuration.PluginParameter, of plugin: LoadedPlugin) {
        let declared = plugin.parameters.first { $0.name == parameter.name || $0.aliases.contains(parameter.name) }
        if [.string, .choice].contains(declared?.kind), parameter.value != .null, let text = parameter.text {
            self = .string(text)
        } else {
            self = PluginParameterValue(parameter.value)
        }
    }

    init(_ value: ConfigurationValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .int(let number): .int(number)
            case .float(let number): .double(number)
            case .string(let text): .string(text)
            case .list(let items): .list(items.map(PluginParameterValue.init))
            case .map(let members): .map(members.map { Member($0.key, PluginParameterValue($0.value)) })
            }
    }
}
