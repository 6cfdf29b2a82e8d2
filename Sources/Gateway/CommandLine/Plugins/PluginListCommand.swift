import ArgumentParser
import JSON
import PluginHost

/// `gateway plugins list`: lists the plugins of the plugin directory.
struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the plugins, and why those that cannot be used cannot.",
        discussion: """
            A line has the type, the version, the vendor, the language, the capabilities and the file's SHA-256 digest, \
            with tabs between them. Each plugin is loaded in a process of its own, which it may crash.
            """
    )

    @OptionGroup var plugins: PluginOptions

    @Flag(help: "Print the list as JSON.")
    var json = false

    func run() throws {
        let directory = plugins.directory
        let types = try OneLine.orExit { () throws(PluginError) in try directory.list() }
        let listed = types.map { ListedPlugin($0, in: directory) }
        if json { return print(ListedPlugin.json(listed)) }
        if types.isEmpty { StandardError.print("there is no cache plugin in \(directory.path)") }
        for plugin in listed { print(plugin.line) }
    }
}

/// What is known of a plugin of the directory.
struct ListedPlugin {
    let type: PluginType
    /// The file. It is nil where it may not be loaded.
    let file: VettedPlugin?
    let digest: FileDigest?
    let probe: PluginProbe?
    /// Why the plugin cannot be used. It is nil where it can.
    let refusal: String?

    /// Looks at the file, and has the plugin loaded in a process of its own.
    init(_ type: PluginType, in directory: PluginDirectory) {
        self.type = type
        do {
            let file = try directory.locate(type)
            self.file = file
            digest = try? FileDigest(of: file.path)
            let probe = PluginProbe.run(type, in: directory)
            self.probe = probe
            refusal = probe.refusal
        } catch {
            (file, digest, probe, refusal) = (nil, nil, nil, "\(error)")
        }
    }

    var line: String {
        guard refusal == nil, let probe, let file else { return "\(type)\t-\tunusable: \(refusal ?? "")" }
        let columns = [
            probe.version, probe.vendor ?? "-", file.facts.language, probe.capabilities,
            digest?.description ?? "-",
        ]
        return ([type.name] + columns).joined(separator: "\t")
    }

    static func json(_ plugins: [ListedPlugin]) -> String {
        var writer = JSONWriter()
        writer.array { array in
            for plugin in plugins { plugin.write(to: &array) }
        }
        return writer.text
    }

    private func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("type", type.name)
            json.member("file", file?.path)
            json.member("sha256", digest?.description)
            json.member("language", file?.facts.language)
            json.member("remark", file?.facts.remark)
            json.member("version", refusal == nil ? probe?.version : nil)
            json.member("vendor", probe?.vendor)
            json.member("summary", refusal == nil ? probe?.summary : nil)
            json.member("capabilities") { json in
                json.array { array in
                    for name in (probe?.capabilities ?? "").split(separator: ", ") { array.string(String(name)) }
                }
            }
            json.member("refusal", refusal)
        }
    }
}
