import ArgumentParser
import Glibc
import PluginAPI
import PluginConformance
import PluginHost
import Subprocess

/// `gateway plugins probe-one`: loads one plugin and tells what it says about itself, for `PluginProbe`.
struct PluginProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe-one", shouldDisplay: false)

    @Option var file: String?
    @Option var type: String?
    @OptionGroup var plugins: PluginOptions

    func run() throws {
        Subprocess.endWithParent()
        _ = fcntl(Subprocess.report, F_SETFD, FD_CLOEXEC)
        var lines: [(String, String)] = []
        do {
            var path = file ?? ""
            if let type { path = try PluginLoader.standard(plugins.directory).load(PluginType(type)).path }
            lines = Self.lines(try TestedPlugin(library: path))
        } catch {
            lines = [("refusal", "\(error)")]
        }
        Self.write(lines + [("end", "")])
        // The exit handlers of the library are not to be trusted.
        _exit(0)
    }

    private static func lines(_ plugin: TestedPlugin) -> [(String, String)] {
        let raw = plugin.descriptor.pointee
        let texts: [(String, UnsafePointer<CChar>?)] = [
            ("type", raw.type), ("version", raw.version), ("summary", raw.summary), ("vendor", raw.vendor),
            ("license", raw.license), ("documentation", raw.doc_url),
        ]
        var lines = texts.compactMap { name, text in text.map { (name, String(cString: $0)) } }
        lines.append(("capabilities", PluginCapabilities(rawValue: raw.capabilities).description))
        lines.append(("threads", PluginThreadModel(rawValue: raw.threads).map { "\($0)" } ?? "unknown"))
        if raw.default_ttl_ms > 0 { lines.append(("default-ttl", "\(raw.default_ttl_ms / 1_000) s")) }
        lines += plugin.parameterNames.map { ("parameter", $0) }
        if let ask = raw.get_extension {
            lines += ExtensionNames.reserved.filter { $0.withCString { ask($0) } != nil }.map { ("extension", $0) }
        }
        return lines
    }

    private static func write(_ lines: [(String, String)]) {
        let text = lines.map { name, value in
            "\(name)\t" + String(String.UnicodeScalarView(value.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
                + "\n"
        }.joined()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(Subprocess.report, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
