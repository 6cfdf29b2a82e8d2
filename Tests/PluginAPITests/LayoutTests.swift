import Foundation
import PluginAPI
import Testing

@Suite("The plugin interface's header")
struct LayoutTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let header = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/PluginAPI/include")

    @Test(
        "compiles without a warning, pedantically",
        arguments: [["-std=c11", "-x", "c"], ["-std=c++17", "-x", "c++"]]
    )
    func compiles(language: [String]) throws {
        let header = Self.header.appending(path: "gateway_cache_plugin.h").path
        let (status, text) = try Self.run(
            "/usr/bin/cc",
            language + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-include", header, "/dev/null"]
        )
        #expect(status == 0, "\(text)")
    }

    @Test("means the same layout to C and to Swift")
    func agrees() throws {
        #expect(try Self.layoutInC() == SwiftLayout.lines)
    }

    @Test(
        "still has the layout of earlier versions: plugins compiled then must work for ever",
        arguments: ["1.0"]
    )
    func frozen(version: String) throws {
        let frozen = try String(contentsOf: Self.tests.appending(path: "abi/v\(version)/layout.txt"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
        // A later minor version may only append fields, and so make a growable struct larger.
        let now = Dictionary(uniqueKeysWithValues: try Self.layoutInC().map(Self.parse))
        #expect(frozen.count > 100)
        for (name, value) in frozen.map(Self.parse) {
            let isGrowable = ["gw_result", "gw_item"].contains(name)
            let mayGrow =
                !name.contains(".") && (isGrowable || frozen.contains { $0.hasPrefix(name + ".struct_size ") })
            #expect(mayGrow ? now[name].map { $0 >= value } == true : now[name] == value, "\(name)")
        }
        #expect(now["gw_op"] == 64)
        #expect(now["gw_slice"] == 16)
    }

    @Test("has changed nothing that abidiff takes for a change since earlier versions", arguments: ["1.0"])
    func compared(version: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "abi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, includes) in [("then", Self.tests.appending(path: "abi/v\(version)")), ("now", Self.header)] {
            let source = Self.tests.appending(path: "abi/types.c").path
            let library = folder.appending(path: "\(name).so").path
            let (status, text) = try Self.run(
                "/usr/bin/cc",
                ["-std=c11", "-g", "-shared", "-fPIC", "-I", includes.path, source, "-o", library]
            )
            try #require(status == 0, "\(text)")
        }
        let (status, text) = try Self.run(
            "/usr/bin/abidiff",
            [folder.appending(path: "then.so").path, folder.appending(path: "now.so").path]
        )
        // Bit 2 is any change, bit 3 one that is certainly incompatible. A later minor version may have the first, since
        // structs have grown; the layout is compared above.
        let isSameVersion = "\(GW_ABI_MAJOR).\(GW_ABI_MINOR)" == version
        #expect(isSameVersion ? status == 0 : status & ~4 == 0, "\(text)")
    }

    private static func parse(_ line: String) -> (String, Int) {
        let parts = line.split(separator: " ")
        return (parts.first.map(String.init) ?? "", parts.last.flatMap { Int($0) } ?? -1)
    }

    private static func layoutInC() throws -> [String] {
        let program = FileManager.default.temporaryDirectory.appending(path: "layout-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: program) }
        let source = tests.appending(path: "abi/layout.c").path
        let (status, text) = try run(
            "/usr/bin/cc",
            ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", header.path, source, "-o", program]
        )
        try #require(status == 0, "\(text)")
        return try run(program, []).output.split(separator: "\n").map(String.init)
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
