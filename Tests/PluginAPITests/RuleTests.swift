import Foundation
import Testing

@Suite("The rules of the plugin interface")
struct RuleTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("docs/plugin-abi.md lists every rule of the header, in its order")
    func documented() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        }
        let header = try text("Sources/PluginAPI/include/gateway_cache_plugin.h")
        let document = try text("docs/plugin-abi.md")
        let rules = header.split(separator: "\n").compactMap { $0.firstMatch(of: #/^ \*   ([A-Z]-\d+)  /#)?.1 }
        let rows = document.split(separator: "\n").compactMap { $0.firstMatch(of: #/^\| ([A-Z]-\d+) \|/#)?.1 }
        #expect(rules.count > 30)
        #expect(rows == rules)
    }
}
