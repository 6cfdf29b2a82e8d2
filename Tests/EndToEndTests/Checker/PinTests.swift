import Foundation
import Testing

@Suite("Plugins may be pinned by their digests", .timeLimit(.minutes(1)))
struct PinTests {
    /// Compiles a plugin that would end the process if it were loaded, unless `isHarmless`.
    private func plugin(isHarmless: Bool) async throws -> (folder: TemporaryDirectory, digest: String) {
        let folder = try await OffendingLibrary.compiled(isHarmless ? [] : ["AT_LOAD=_exit(3)"])
        let sum = try await Command.run(Command.find("sha256sum"), [OffendingLibrary.library(in: folder)])
        return (folder, String(sum.standardOutput.prefix(64)))
    }

    private func configuration(_ pin: String?) -> String {
        Configurations.cached("type: offender" + (pin.map { "\nplugin_sha256: \"\($0)\"" } ?? ""))
            .replacingOccurrences(of: "UPSTREAM", with: "http://h")
    }

    private let wrong = String(repeating: "ab", count: 32)

    @Test("A plugin whose file has the digest is loaded, in whichever case the digits are")
    func right() async throws {
        let (folder, digest) = try await plugin(isHarmless: true)
        for pin in [digest, digest.uppercased()] {
            let checked = try await Checked.check(configuration(pin), "--require-pins", plugins: folder.url)
            #expect(checked.status == 0, "\(checked.messages)")
        }
    }

    @Test("None of a plugin's code runs if its file has another digest; the error has the place and both digests")
    func mismatch() async throws {
        let (folder, digest) = try await plugin(isHarmless: false)
        let checked = try await Checked.check(configuration(wrong), plugins: folder.url)
        let lines = checked.messages.filter { $0.contains(digest) && $0.contains(wrong) }
        #expect(checked.status == 1 && lines.count == 1, "\(checked.messages)")
        #expect(lines.first?.contains(#/^config\.yaml:\d+:\d+: /#) == true, "\(lines)")
        let isAtPin = configuration(wrong).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .contains {
                $0.element.contains("plugin_sha256") && lines.first?.hasPrefix("config.yaml:\($0.offset + 1):") == true
            }
        #expect(isAtPin, "\(lines)")
    }

    @Test("The gateway does not start, with exit code 78, if the digest is wrong, or missing under --require-pins")
    func serving() async throws {
        let (folder, digest) = try await plugin(isHarmless: false)
        func start(_ pin: String?, _ more: String...) async throws -> Command.Result {
            let directory = try TemporaryDirectory()
            let file = try directory.write(configuration(pin), to: "config.yaml")
            return try await Command.run(
                Repository.gateway,
                ["--config", file.path, "--port", "0", "--plugin-dir", folder.url.path] + more
            )
        }
        let mismatch = try await start(wrong)
        #expect(mismatch.status == 78 && mismatch.standardError.contains(digest), "\(mismatch)")
        let missing = try await start(nil, "--require-pins")
        #expect(missing.status == 78, "\(missing)")
        #expect(missing.standardError.contains("has no plugin_sha256 for the plugin 'offender'"), "\(missing)")
    }

    @Test("What is no digest is an error with its place", arguments: ["abc", String(repeating: "g", count: 64)])
    func malformed(pin: String) async throws {
        let checked = try await Checked.check(configuration(pin), plugins: nil)
        let isNamed = checked.messages.contains {
            $0.hasPrefix("config.yaml:") && $0.contains("'plugin_sha256' in cache_params must be 64 hexadecimal digits")
        }
        #expect(checked.status == 1 && isNamed, "\(checked.messages)")
    }

    @Test("A plugin cannot have a parameter of that name")
    func reserved() async throws {
        let row = #"ROW={.struct_size=sizeof(gw_param),.type=1,.name="plugin_sha256",.doc="x"}"#
        let folder = try await OffendingLibrary.compiled([row])
        let checked = try await Checked.check(configuration(nil), plugins: folder.url)
        #expect(checked.messages.contains { $0.contains("declares 'plugin_sha256'") }, "\(checked.messages)")
    }
}
