import Configuration
import Foundation
import Testing

@Suite("A file that cannot be a configuration")
struct FileTests {
    static let start = Array("model_list: []\nkey: ".utf8)

    static let cases: [([UInt8], String)] = [
        (Array("".utf8), "config.yaml: the file is empty; it needs at least a model_list"),
        (Array("# nothing\n".utf8), "config.yaml: the file is empty; it needs at least a model_list"),
        (Array("~\n".utf8), "config.yaml: the file is empty; it needs at least a model_list"),
        (start + [0xC3, 0x28], "config.yaml:2:6: the file is not valid UTF-8 here; save it as UTF-8"),
        (start + [0x61, 0x00], "config.yaml:2:7: there is a NUL byte here; remove it"),
        ([0xFF, 0xFE, 0x61, 0x00], "config.yaml: the file is UTF-16; save it as UTF-8"),
        ([0xFE, 0xFF, 0x00, 0x61], "config.yaml: the file is UTF-16; save it as UTF-8"),
        (start + [0x07], "config.yaml:2:6: not YAML: control characters are not allowed"),
        (Array("a: 1\n\tb: 2\n".utf8), "config.yaml:2:1: a tab indents this line; YAML wants spaces"),
        (Array("model_list:\n\t- a\n".utf8), "config.yaml:2:1: a tab indents this line; YAML wants spaces"),
        (Array("- a\n".utf8), "config.yaml:1:1: the file must be a mapping of keys to values, not a list"),
        (Array("sk-secret\n".utf8), "config.yaml:1:1: the file must be a mapping of keys to values, not a string"),
        (
            Array("model_list: []\n---\nmodel_list: []\n".utf8),
            "config.yaml:2:1: a second document begins here; a configuration is one document"
        ),
    ]

    @Test("is refused with its own reason", arguments: cases)
    func refused(bytes: [UInt8], message: String) throws {
        #expect(try load(bytes).messages == [message])
    }

    @Test("is refused when larger than 1 MiB, without reading 10 MB")
    func large() throws {
        let outcome = try load(repeatElement(UInt8(ascii: "#"), count: 10_000_000))
        #expect(outcome.messages == ["config.yaml: the file is larger than 1 MiB, the most that is read"])
        #expect(messages("/dev/zero") == ["/dev/zero: this is not a regular file; name the configuration file itself"])
    }

    @Test("is refused when it is a directory, missing, or below a file")
    func paths() {
        #expect(messages("/tmp") == ["/tmp: this is a directory; name the configuration file itself"])
        #expect(messages("/nowhere") == ["/nowhere: there is no such file; name an existing configuration file"])
        #expect(
            messages("/dev/null/x") == ["/dev/null/x: there is no such file; name an existing configuration file"]
        )
        #expect(messages("") == [": there is no such file; name an existing configuration file"])
    }

    @Test("is refused when this user may not read it")
    func unreadable() throws {
        let folder = try Folder()
        try folder.write("config.yaml", "model_list: []".utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path + "/config.yaml")
        // Root can read everything, so that only the missing models are refused.
        let isRoot = getuid() == 0
        let messages = folder.messages(folder.load())
        #expect(
            messages == (isRoot ? [] : ["config.yaml: the file may not be read by this user; check its permissions"])
        )
    }

    @Test("may begin with UTF-8's byte order mark")
    func byteOrderMark() throws {
        let outcome = try load([0xEF, 0xBB, 0xBF] + Array("modle_list: []\nmodel_list: []\n".utf8))
        #expect(
            outcome.messages == [
                "config.yaml:1:1: warning: unknown key 'modle_list' at the top level; did you mean 'model_list'?"
            ]
        )
    }

    private func messages(_ path: String) -> [String] {
        ConfigurationLoader.load(path: path, workingDirectory: "/nowhere", processEnvironment: [:], calls: Calls.table)
            .diagnostics.map(
                \.description
            )
    }
}
