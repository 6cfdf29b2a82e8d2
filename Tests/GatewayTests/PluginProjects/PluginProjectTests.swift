import Testing

@testable import Gateway

@Suite("The project of a new plugin")
struct PluginProjectTests {
    @Test(
        "A project has its name everywhere, and no mark of a template is left",
        arguments: PluginProject.Language.allCases
    )
    func name(language: PluginProject.Language) throws {
        let project = try PluginProject(name: "my-cache_2", language: language)
        let paths = project.files.map(\.path)
        #expect(Set(paths).count == paths.count && paths.contains("README.md") && paths.contains("Makefile"))
        #expect(project.files.contains { $0.text.contains("\"my-cache_2") || $0.text.contains("(\"my-cache_2") })
        for file in project.files {
            #expect(!file.text.contains(#/@[A-Z]+@/#), "\(file.path)")
            #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
            #expect(!file.text.contains("memory-\(language)"), "\(file.path)")
        }
    }

    @Test("A name that no plugin may have, or that a bundled one has, is refused in one line")
    func refusal() {
        for name in ["", "../x", "My", "a b", "-a", "1a", String(repeating: "a", count: 33), "redis"] {
            do {
                _ = try PluginProject(name: name, language: .c)
                Issue.record("'\(name)' is accepted")
            } catch {
                #expect(!error.description.contains("\n"))
            }
        }
    }
}
