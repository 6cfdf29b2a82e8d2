import PluginHost

/// The files of a new plugin's project: a complete plugin that builds with what `make install` installs.
struct PluginProject {
    /// The languages for which there are projects.
    enum Language: String, CaseIterable {
        case c, cpp, rust, swift
    }

    /// A file below the project's folder.
    struct File: Equatable {
        let path: String
        let text: String
    }

    /// The types of the plugins that come with the gateway.
    private static let bundled = ["local", "redis", "s3"]

    /// The plugin's type, which is the name of the project's folder too.
    let name: String
    let files: [File]

    /// - Throws: if no plugin may have the name, or a bundled one has it.
    init(name: String, language: Language) throws(PluginProjectError) {
        do throws(PluginError) {
            self.name = try PluginType(name).name
        } catch {
            throw PluginProjectError(description: error.description)
        }
        guard !Self.bundled.contains(name) else {
            throw PluginProjectError(description: "the gateway has a cache '\(name)' already; choose another name")
        }
        files = Self.templates[language, default: []].map { template in
            File(
                path: template.path,
                text: template.text.replacing("@NAME@", with: name)
            )
        }
    }
}

/// Why no project was made, in one line.
struct PluginProjectError: Error, Equatable, CustomStringConvertible {
    let description: String
}
