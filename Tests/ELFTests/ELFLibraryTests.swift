import ELF
import Foundation
import Testing

@Suite("What the file of a shared library tells")
struct ELFLibraryTests {
    /// The bytes of a library that is compiled.
    private func compiled(
        _ source: String,
        _ arguments: [String] = [],
        compiler: String = "cc",
        language: String = "c"
    ) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "elf-\(UUID().uuidString).so").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let (process, input) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/\(compiler)")
        process.arguments = ["-x", language, "-shared", "-fPIC", "-", "-o", file] + arguments
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data(source.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try Array(Data(contentsOf: URL(filePath: file)))
    }

    /// Compiles a library and reads it.
    private func facts<Result>(
        _ source: String,
        _ arguments: [String] = [],
        compiler: String = "cc",
        language: String = "c",
        _ body: (ELFLibrary) throws -> Result
    ) throws -> Result {
        try compiled(source, arguments, compiler: compiler, language: language).withUnsafeBytes {
            try body(ELFLibrary(bytes: $0))
        }
    }

    @Test("Functions and data are exported unless they are hidden or static")
    func exports() throws {
        let source = """
            int shown(void) { return 0; }
            int shown_data = 1;
            static int internal(void) { return 1; }
            __attribute__((visibility("hidden"))) int hidden(void) { return internal(); }
            """
        try facts(source) { library in
            let names = try Set(library.exportedNames())
            #expect(names.isSuperset(of: ["shown", "shown_data"]))
            #expect(names.isDisjoint(with: ["internal", "hidden"]))
            #expect(try library.exportedFunctions().contains("shown"))
            #expect(try !library.exportedFunctions().contains("shown_data"))
        }
    }

    @Test("An executable stack is noticed, and so is a library without a word about its stack")
    func stack() throws {
        #expect(try !facts("int f;", ["-z", "noexecstack"]) { $0.wantsExecutableStack })
        #expect(try facts("int f;", ["-z", "execstack"]) { $0.wantsExecutableStack })
    }

    @Test("The libraries that it needs are named, and the paths in which they are looked for")
    func needs() throws {
        let arguments = ["-Wl,--no-as-needed", "-lm", "-Wl,-rpath,$ORIGIN/inner:/opt/lib"]
        try facts("int f;", arguments) { library in
            #expect(library.neededLibraries.contains("libm.so.6"))
            #expect(library.runPaths == ["$ORIGIN/inner", "/opt/lib"])
            #expect(!library.hasTextRelocations)
        }
    }

    @Test("The language is read from what its compiler leaves")
    func languages() throws {
        #expect(try facts("int f;") { $0.sourceLanguage } == .c)
        let cxx = try facts("#include <string>\nstd::string f() { return {}; }", compiler: "c++", language: "c++") {
            $0.sourceLanguage
        }
        #expect(cxx == .cxx)
        let rust = #"__attribute__((section(".comment"))) static const char c[] = "rustc version 1.80.0 (x)";"#
        #expect(try facts(rust + "const char *f(void) { return c; }") { $0.sourceLanguage } == .rust)
        let go = #"__attribute__((section(".go.buildinfo"))) int c = 1;"#
        #expect(try facts(go) { $0.sourceLanguage } == .go)
        let swift = #"__attribute__((section("swift5_types"))) int c = 1;"#
        #expect(try facts(swift) { $0.sourceLanguage } == .swift)
    }

    @Test("Truncations and flipped bytes are refused or read, and end nothing")
    func damage() throws {
        let original = try compiled("int shown(void) { return 0; }")
        func read(_ bytes: [UInt8]) -> Bool {
            bytes.withUnsafeBytes {
                guard let library = try? ELFLibrary(bytes: $0) else { return false }
                _ = (library.sourceLanguage, library.neededLibraries, library.wantsExecutableStack)
                _ = (library.runPaths, library.hasTextRelocations, try? library.exportedNames())
                return (try? library.exportedFunctions())?.contains("shown") == true
            }
        }
        let isRead = read(original)
        #expect(isRead)
        for length in stride(from: 0, to: original.count, by: max(1, original.count / 500)) {
            let isRead = read(Array(original.prefix(length)))
            #expect(!isRead, "\(length) of \(original.count) bytes")
        }
        var random = SystemRandomNumberGenerator()
        let sections = Int(original[40]) | Int(original[41]) << 8
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0..<4 {
                let area = Bool.random() ? 0..<64 : sections..<bytes.count
                bytes[Int.random(in: area, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = read(bytes)
        }
    }
}
