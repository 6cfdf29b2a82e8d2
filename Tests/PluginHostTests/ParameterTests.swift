import PluginAPI
import Testing

@testable import PluginHost

@Suite("Parameters of a plugin")
struct ParameterTests {
    private static let declared = [
        DeclaredParameter(
            name: "host",
            kind: .string,
            summary: "The server",
            environment: "T_HOST",
            aliases: ["server"]
        ),
        DeclaredParameter(
            name: "port",
            kind: .int,
            summary: "Its port",
            defaultValue: "6379",
            minimum: .whole(1),
            maximum: .whole(65535)
        ),
        DeclaredParameter(name: "weight", kind: .float, minimum: .real(0)),
        DeclaredParameter(name: "ssl", kind: .bool),
        DeclaredParameter(
            name: "timeout",
            kind: .duration,
            minimum: .whole(1_000_000),
            maximum: .whole(60_000_000_000)
        ),
        DeclaredParameter(name: "max_size", kind: .size, defaultValue: "256MB"),
        DeclaredParameter(name: "mode", kind: .choice, choices: ["lru", "fifo"]),
        DeclaredParameter(name: "nodes", kind: .stringList),
        DeclaredParameter(name: "startup_nodes", kind: .json),
        DeclaredParameter(name: "password", kind: .string, flags: .secret, summary: "Never shown"),
        DeclaredParameter(name: "pin", kind: .int, flags: .secret),
        DeclaredParameter(name: "s3_bucket_name", kind: .string, summary: "The bucket"),
        DeclaredParameter(name: "old", kind: .string, flags: .deprecated, replacedBy: "host"),
        DeclaredParameter(name: "noise", kind: .bool, flags: .ignored, summary: "kept for LiteLLM's files"),
    ]

    private func check(
        _ given: [(String, PluginParameterValue)],
        _ environment: [String: String] = [:]
    ) -> ParameterChecker.Outcome {
        ParameterChecker(pluginType: "test", parameters: Self.declared).check(given, environment: environment)
    }

    @Test("a parameter that nobody declared is an error that names the nearest, the host's own keys among them")
    func unknown() {
        let checker = ParameterChecker(pluginType: "s3", parameters: Self.declared, hostNames: ["namespace"])
        let messages = checker.check([("s3_bucket", .string("b")), ("namspace", .null), ("zebra", .int(1))]).problems
            .map(\.message)
        #expect(
            messages == [
                "unknown key 's3_bucket' in cache_params; did you mean 's3_bucket_name'?",
                "unknown key 'namspace' in cache_params; did you mean 'namespace'?",
                "unknown key 'zebra' in cache_params; 'gateway plugins describe s3' lists what there is",
            ]
        )
    }

    @Test(
        "parameters are read as they are declared",
        arguments: [
            ("port", .string("6380"), .integer(6380)), ("port", .double(80), .integer(80)),
            ("host", .int(6379), .text("6379")), ("host", .bool(true), .text("true")),
            ("weight", .string("0.5"), .real(0.5)), ("weight", .int(2), .real(2)),
            ("ssl", .string("Yes"), .boolean(true)), ("ssl", .int(0), .boolean(false)),
            ("timeout", .string("250ms"), .integer(250_000_000)), ("timeout", .double(0.5), .integer(500_000_000)),
            ("timeout", .string("30"), .integer(30_000_000_000)), ("timeout", .string("1m"), .integer(60_000_000_000)),
            ("max_size", .string("64KB"), .integer(65536)), ("max_size", .string("1.5 GiB"), .integer(1_610_612_736)),
            ("max_size", .int(10), .integer(10)), ("mode", .string("fifo"), .text("fifo")),
            ("nodes", .list([.string("a"), .int(1)]), .list(["a", "1"])),
            ("nodes", .string("a, b"), .list(["a", "b"])),
            (
                "startup_nodes", .list([.map([.init("host", .string("a\"\n")), .init("port", .int(1))]), .null]),
                .json(#"[{"host":"a\"\n","port":1},null]"#)
            ),
        ] as [(String, PluginParameterValue, ReadValue)]
    )
    func coercions(name: String, given: PluginParameterValue, read: ReadValue) {
        let outcome = check([(name, given)])
        #expect(outcome.problems == [])
        #expect(outcome.values.values[name] == read)
    }

    @Test(
        "a value of the wrong kind or out of range is one error, about the value",
        arguments: [
            ("port", .string("http"), "'port' must be an integer, not 'http'"),
            ("port", .int(70000), "'port' must be at most 65535, not '70000'"),
            ("port", .double(1e300), "'port' must be an integer, not '1e+300'"),
            ("port", .list([]), "'port' must be an integer, not a list"),
            ("timeout", .string("2h"), "'timeout' must be at most 1m, not '2h'"),
            ("timeout", .double(.nan), "'timeout' must be a duration"),
            ("max_size", .int(-1), "'max_size' must be a size"),
            ("max_size", .string("99999999999TB"), "'max_size' must be a size"),
            ("mode", .string("liru"), "'mode' must be one of 'lru', 'fifo'; did you mean 'lru'?"),
            ("ssl", .string("maybe"), "'ssl' must be true or false, not 'maybe'"),
            ("pin", .string("sesame"), "'pin' must be an integer, not text"),
        ] as [(String, PluginParameterValue, String)]
    )
    func wrong(name: String, given: PluginParameterValue, message: String) {
        let outcome = check([(name, given)])
        #expect(outcome.problems.count == 1)
        #expect(outcome.problems.first?.message.hasPrefix(message) == true, "\(outcome.problems)")
        #expect(outcome.problems.first?.isAboutName == false)
    }

    @Test(
        "a parameter with an unknown name is an error that names the nearest",
        arguments: [
            ("s3_bucket", "s3_bucket_name"), ("prot", "port"), ("pasword", "password"), ("max-size", "max_size"),
            ("sever", "server"),
        ]
    )
    func unknown(name: String, nearest: String) {
        let problem = check([(name, .int(1))]).problems.first
        #expect(problem?.isAboutName == true)
        #expect(problem?.severity == .error)
        #expect(problem?.message.hasSuffix("did you mean '\(nearest)'?") == true, "\(problem?.message ?? "")")
    }

    @Test("a parameter that is known elsewhere gets the remark from there, which is never asked for a declared one")
    func elsewhere() {
        let checker = ParameterChecker(pluginType: "s3", parameters: Self.declared)
        let outcome = checker.check([("host", .string("h")), ("bucket", .int(1)), ("prot", .int(1))]) { name in
            name == "prot"
                ? nil : ParameterProblem(parameter: name, severity: .warning, message: "of another", isAboutName: true)
        }
        #expect(outcome.problems.map(\.severity) == [.warning, .error])
        #expect(outcome.problems.map(\.message).first == "of another")
        #expect(!outcome.values.printable.contains { $0.name == "bucket" })
    }

    @Test("a value comes from the configuration, else the environment, else the default; empty and null mean absent")
    func sources() {
        #expect(check([("host", .string("a"))], ["T_HOST": "b"]).values.values["host"] == .text("a"))
        #expect(check([("server", .string("a"))]).values.values["host"] == .text("a"))
        #expect(check([("host", .null)], ["T_HOST": "b"]).values.values["host"] == .text("b"))
        #expect(check([], ["T_HOST": ""]).values.values["host"] == nil)
        #expect(check([]).values.values["port"] == .integer(6379))
    }

    @Test("a plugin gets the source of a value, so that a configured host takes precedence over an environment's URL")
    func sourcesForPlugins() {
        func source(_ name: String, _ given: [(name: String, value: PluginParameterValue)]) -> (Int32, UInt32) {
            ParameterLending.lend(check(given, ["T_HOST": "b"]).values) { params in
                var source: UInt32 = 99
                return (params.pointee.get_source(params, name, &source), source)
            }
        }
        #expect(source("host", [("server", .string("a"))]) == (GW_OK, GW_SOURCE_CONFIGURATION))
        #expect(source("host", []) == (GW_OK, GW_SOURCE_ENVIRONMENT))
        #expect(source("port", []) == (GW_OK, GW_SOURCE_DEFAULT))
        #expect(source("password", []) == (GW_MISS, 99))
        #expect(source("nothing", []) == (GW_EINVAL, 99))
    }

    @Test("a parameter that is deprecated, without effect, missing or given twice is reported")
    func remarks() {
        let outcome = check([("old", .string("x")), ("noise", .bool(true))])
        #expect(outcome.problems.map(\.severity) == [.warning, .warning])
        #expect(
            outcome.problems.map(\.message) == [
                "'old' is deprecated: use 'host'", "'noise' has no effect: kept for LiteLLM's files",
            ]
        )
        #expect(check([("host", .int(1)), ("server", .int(2))]).hasErrors)
        let required = [
            DeclaredParameter(name: "bucket", kind: .string, flags: .required, summary: "The bucket", environment: "B")
        ]
        let missing = ParameterChecker(pluginType: "s3", parameters: required).check([]).problems.first
        #expect(
            missing?.message
                == "'bucket' is missing: cache type 's3' needs it (The bucket), or set B in the environment"
        )
    }

    @Test("parameters reach a C plugin through gw_params with their types, and secrets are printed nowhere")
    func lending() {
        let values = check([("password", .string("sesame")), ("nodes", .string("a,b")), ("timeout", .int(5))]).values
        #expect(!"\(values)".contains("sesame"))
        #expect(values.printable.first { $0.name == "password" }?.value == "***")
        ParameterLending.lend(values) { params in
            var (slice, number) = (gw_slice(), Int64(0))
            #expect(params.pointee.get_string(params, "password", &slice) == GW_OK)
            #expect(
                String(decoding: UnsafeRawBufferPointer(start: slice.p, count: Int(slice.n)), as: UTF8.self) == "sesame"
            )
            #expect(params.pointee.get_int(params, "timeout", &number) == GW_OK)
            #expect(number == 5_000_000_000)
            #expect(params.pointee.get_int(params, "password", &number) == GW_EINVAL)
            #expect(params.pointee.get_int(params, "nothing", &number) == GW_EINVAL)
            #expect(params.pointee.get_string(params, "host", &slice) == GW_MISS)
            #expect(params.pointee.get_list(params, "nodes", 1, &slice) == GW_OK)
            #expect(params.pointee.get_list(params, "nodes", 2, &slice) == GW_MISS)
            #expect(params.pointee.get_json(params, "timeout", &slice) == GW_OK)
        }
    }

    @Test("parameters document themselves, for a terminal and as Markdown")
    func documentation() {
        let documentation = PluginDocumentation(parameters: Self.declared)
        #expect(documentation.text.contains("port  (integer; default 6379; 1 to 65535)\n      Its port"))
        #expect(documentation.text.contains("host  (text; environment T_HOST; also server)"))
        #expect(documentation.markdown.contains("| `port` | integer | `6379` |  | Its port |"))
        #expect(documentation.markdown.contains("| `password` | text, secret |  |  | Never shown |"))
    }

    @Test("parameters that hold secrets are shown without them, wherever the secrets stand")
    func nested() {
        let nodes = PluginParameterValue.list([
            .map([.init("host", .string("a")), .init("password", .string("hidden\"1")), .init("ssl", .bool(true))])
        ])
        let values = check([
            ("startup_nodes", nodes), ("host", .string("redis://user:hid@den2@h:1/0")),
            ("nodes", .list([.string("rediss://:hidden3@h"), .string("h?db=1&password=hidden4&x=y")])),
            ("old", .string(#"[{"host": "b", "api-key": 'hidden5'}]"#)),
        ]).values
        let shown = values.printable.map { "\($0.name)=\($0.value)" }.joined(separator: "\n")
        #expect(!shown.contains("hid") && !shown.contains("den2"), "\(shown)")
        for word in [
            "\"host\":\"a\"", "redis://***@h:1/0", "rediss://***@h", "h?db=1&password=***&x=y", "\"host\": \"b\"",
        ] {
            #expect(shown.contains(word), "\(shown)")
        }
        let redaction = Redaction(secrets: values.secrets)
        for secret in ["hidden\"1", "hid@den2", "hidden3", "hidden4", "hidden5"] {
            #expect(redaction.clean("refused '\(secret)'") == "refused '***'")
        }
        #expect(
            check([("port", .string("redis://:hidden@h"))]).problems.first?.message
                == "'port' must be an integer, not 'redis://***@h'"
        )
        let documentation = PluginDocumentation(parameters: [
            DeclaredParameter(name: "password", kind: .string, flags: .secret, defaultValue: "hidden"),
            DeclaredParameter(name: "url", kind: .string, defaultValue: "x://:hidden@h"),
        ])
        #expect(!(documentation.text + documentation.markdown).contains("hidden"))
    }
}
