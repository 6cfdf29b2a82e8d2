import Configuration
import Glibc
import Testing

@Suite("The environment")
struct EnvironmentTests {
    private func dotEnv(_ text: String, _ environment: [String: String] = [:]) throws -> (
        values: [String: String], messages: [String]
    ) {
        let outcome = try load("model_list: []\n", dotEnv: text, environment)
        return (outcome.loaded.environment, outcome.messages)
    }

    // Each case was compared with dotenv_values of python-dotenv 1.2.2.
    @Test(
        "has a .env file's values as python-dotenv reads them",
        arguments: [
            ("A=1", "1"), ("A = \"value\"  # comment", "value"), ("export A=x", "x"), ("export\tA = x y  ", "x y"),
            ("A=", ""), ("A=\"\"", ""),
            ("A=x # c", "x"), ("A=x#c", "x#c"), ("A='x # c' # d", "x # c"), ("A=\"a\\nb\\\"c\"", "a\nb\"c"),
            ("A='a\\nb\\'c'", "a\\nb'c"),
            ("A=\"one\ntwo\" # end", "one\ntwo"), ("'A'=x", "x"), ("A=x\r\nB=y", "x"), ("# c\n\n  A=x", "x"),
            ("A=1\nA=2", "2"),
            ("A=a'b", "a'b"), ("A='x'\n", "x"), ("export=1\nA=2", "2"), ("A=\"\\q\"", "\\q"), ("A=#c", "#c"),
            ("A= # c", "# c"),
            ("B=b\nA=${B}-${C:-d}-${E}", "b-d-"), ("B=b\nA='${B}'", "b"), ("A=${B", "${B"), ("A=$B", "$B"),
            ("A=${P}", "process"),
            ("P=file\nA=${P}", "process"),
        ]
    )
    func values(text: String, value: String) throws {
        let (values, messages) = try dotEnv(text, ["P": "process"])
        #expect(messages == [])
        #expect(values["A"] == value)
    }

    @Test(
        "refuses nonsense in .env, naming the line and never the value",
        arguments: [
            ("A=1\nthis is nonsense\nB=2", ".env:2: a line must be NAME=value; this one has no '='"),
            ("=secret", ".env:1: a line must be NAME=value; this one has no name"),
            ("\n\n'A=secret", ".env:3: a line must be NAME=value; this one has no name"),
            ("A='secret", ".env:1: the quote that begins the value of 'A' is never closed"),
            ("A='x' secret", ".env:1: there is more text after the quoted value of 'A'; begin a comment with '#'"),
            ("A\nB=2", ".env:1: warning: a line must be NAME=value; this one has no '='"),
            ("A=\"one\ntwo\"\nnon sense", ".env:3: a line must be NAME=value; this one has no '='"),
        ]
    )
    func nonsense(text: String, message: String) throws {
        let (values, messages) = try dotEnv(text)
        #expect(messages == [message])
        if text.hasSuffix("B=2") { #expect(values["B"] == "2") }
    }

    @Test("is not made to grow without bound by .env")
    func growth() throws {
        var text = "A0=xxxxxxxxxx\n"
        for level in 1...60 { text += "A\(level)=${A\(level - 1)}${A\(level - 1)}\n" }
        #expect(try dotEnv(text).messages == [".env:19: the values grow larger than 4 MiB here; use fewer ${NAME}"])
    }

    @Test("has nothing of a .env that others could have written, and says how to mend that")
    func distrusted() throws {
        let folder = try Folder()
        try folder.write("config.yaml", "model_list: []\n".utf8)
        try folder.write(".env", "A=file".utf8)
        let file = folder.path + "/.env"
        for (mode, who) in [(0o666, "everybody"), (0o620, "its whole group"), (0o602, "everybody")]
            as [(mode_t, String)]
        {
            #expect(chmod(file, mode) == 0)
            let loaded = folder.load()
            #expect(loaded.environment["A"] == nil)
            #expect(
                folder.messages(loaded) == [
                    ".env: warning: this file is ignored: it can be changed by \(who), who could change what the gateway "
                        + "does; run 'chmod go-w .env' if you trust what is in it"
                ]
            )
            let named = folder.load(environmentFile: ".env")
            #expect(named.environment["A"] == "file", "whoever names it wants it")
            #expect(folder.messages(named).first?.hasPrefix(".env: warning: this file is not safe: it can be") == true)
        }
        #expect(chmod(file, 0o644) == 0)
        #expect(folder.load().environment["A"] == "file" && folder.messages(folder.load()) == [])
        // Only root can change the owner of a file.
        if chown(file, 12_345, 12_345) == 0 {
            let loaded = folder.load()
            #expect(loaded.environment["A"] == nil)
            #expect(folder.messages(loaded).first?.contains("it belongs to user 12345") == true)
            #expect(folder.messages(loaded).first?.contains("run 'chown root .env'") == true)
        }
    }

    @Test("of the process beats .env, and environment_variables beat both")
    func precedence() throws {
        let outcome = try load(
            "model_list: []\nenvironment_variables: {C: yaml, D: os.environ/B, E: true, F: 1.50, G: ~}\n",
            dotEnv: "A=file\nB=file\nC=file",
            ["B": "process", "C": "process"]
        )
        #expect(outcome.messages == [])
        #expect(
            outcome.loaded.environment
                == ["A": "file", "B": "process", "C": "yaml", "D": "process", "E": "true", "F": "1.50", "G": ""]
        )
    }

    @Test("says where environment_variables are wrong")
    func variables() throws {
        let outcome = try load("model_list: []\nenvironment_variables:\n  A: [1]\n  B=C: x\n  D: os.environ/NOWHERE\n")
        #expect(
            outcome.messages == [
                "config.yaml:3:6: 'A' in environment_variables must be a string, not a list",
                "config.yaml:4:3: 'B=C' cannot be the name of an environment variable",
                "config.yaml:5:6: the environment variable 'NOWHERE' is not set; set it, or put it into .env",
            ]
        )
    }

    @Test("needs an explicit file to exist, but no .env")
    func files() throws {
        let folder = try Folder()
        try folder.write("config.yaml", "model_list: []".utf8)
        #expect(folder.messages(folder.load()) == [])
        #expect(
            folder.messages(folder.load(environmentFile: "x.env")) == [
                "x.env: there is no such file; name an existing environment file"
            ]
        )
        try folder.write("x.env", "A=1".utf8)
        #expect(folder.load(environmentFile: "x.env").environment == ["A": "1"])
        #expect(
            folder.messages(folder.load(environmentFile: ".")) == [
                ".: this is a directory; name the environment file itself"
            ]
        )
    }

    @Test("gives the master key where the file has none")
    func masterKey() throws {
        let empty = "model_list: []\ngeneral_settings:\n"
        #expect(try load(empty).settings.masterKey == nil)
        #expect(try load(empty, ["GATEWAY_MASTER_KEY": "g"]).settings.masterKey == Secret("g"))
        #expect(
            try load(empty, ["GATEWAY_MASTER_KEY": "g", "LITELLM_MASTER_KEY": "l"]).settings.masterKey == Secret("l")
        )
        #expect(try load(empty + "  master_key: f\n", ["LITELLM_MASTER_KEY": "l"]).settings.masterKey == Secret("f"))
        #expect(
            try load(empty + "  master_key: os.environ/K\n", ["K": ""]).messages
                == ["config.yaml:3:15: 'master_key' in general_settings is empty; set it, or remove the line"]
        )
    }
}
