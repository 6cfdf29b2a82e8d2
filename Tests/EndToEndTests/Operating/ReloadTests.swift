import Foundation
import Testing

@Suite("A reload", .timeLimit(.minutes(2)))
struct ReloadTests {
    private static func keyed(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }

    @Test("puts models, keys and policies in force, prints what changed, and keeps the entries of the cache")
    func adopts() async throws {
        let before = Configurations.local + "general_settings:\n  master_key: sk-one\n"
        try await withGateway(before, arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            let first = try await gateway.chat("hi", headers: Self.keyed("sk-one"))
            #expect(first.status == 200)
            let after = before.replacingOccurrences(of: "sk-one", with: "sk-two")
                .replacingOccurrences(of: "model_name: gpt-4\n", with: "model_name: gpt-5\n")
            try gateway.configure(after, upstream)
            let result = try await gateway.reload()
            #expect(result.status == 0)
            #expect(result.standardOutput.contains("+ model_list[gpt-5].model_name: gpt-5\n"))
            #expect(
                result.standardOutput.contains("~ general_settings.master_key: not shown, whose value has changed\n")
            )
            #expect(result.standardOutput.hasSuffix("reloaded: generation 2\n"))
            #expect(!(result.standardOutput + gateway.log).contains("sk-two"))
            #expect(try await gateway.chat("hi", headers: Self.keyed("sk-one")).status == 401)
            let second = try await gateway.chat("hi", headers: Self.keyed("sk-two"))
            #expect(second.isHit && second.content == first.content)
            #expect(try await gateway.chat("hi", model: "gpt-5", headers: Self.keyed("sk-two")).status == 200)
            #expect(try await gateway.chat("hi", model: "gpt-4", headers: Self.keyed("sk-two")).status == 404)
        }
    }

    @Test("changes nothing where the file is wrong, and says where in the log, to the command and on readiness")
    func refused() async throws {
        try await withGateway(arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            try gateway.configure(Configurations.local + "general_settings:\n  max_connections: many\n", upstream)
            let result = try await gateway.reload()
            #expect(result.status == 78)
            let line = "config.yaml:27:20: 'max_connections' in general_settings must be a whole number"
            #expect(result.standardError.contains(line), "\(result.standardError)")
            #expect(result.standardError.hasSuffix("gateway: not reloaded; generation 1 stays in force\n"))
            #expect(gateway.log.contains(line))
            let readiness = try await gateway.get("/health/readiness")
            #expect(readiness.status == 200)
            #expect(readiness.json["configuration"]["last_reload"].string == "refused")
            #expect(readiness.json["configuration"]["errors"].int == 1)
            #expect(readiness.json["configuration"]["generation"].int == 1)
            #expect(try await gateway.chat("hi").status == 200)
            // The file is mended.
            try gateway.configure(Configurations.local, upstream)
            #expect(try await gateway.reload().status == 0)
            let mended = try await gateway.get("/health/readiness").json["configuration"]
            #expect(mended["last_reload"].string == "adopted" && mended["generation"].int == 2)
            #expect(mended["errors"].int == nil)
        }
    }

    @Test("is refused where the configuration comes from a pipe, and the gateway stops all the same")
    func pipe() async throws {
        try await withGateway(arguments: GatewayProcess.pidFile) { gateway, _ async throws in
            let file = gateway.directory.url.appending(path: "config.yaml").path
            #expect(unlink(file) == 0 && mkfifo(file, 0o600) == 0)
            let result = try await gateway.reload()
            #expect(result.status == 78 && result.standardError.contains("is a pipe, which cannot be read again"))
            #expect(try await gateway.chat("hi").status == 200)
        }
    }

    @Test("lets requests that have begun end as they began, and closes no connection")
    func inProgress() async throws {
        try await withGateway(arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            let stream = ControlledStream()
            upstream.answer(with: .events(stream))
            let connection = try await gateway.asking("begun", #""stream":true"#)
            stream.sendChunk("one")
            #expect(try await connection.readHead().status == 200)
            let idle = try await gateway.connect()
            try await idle.send(GatewayProcess.request("GET", "/v1/models", nil))
            #expect(try await idle.readResponse().text.contains("gpt-4"))
            // Its model is gone, and everybody needs a key.
            let models = Configurations.local.replacingOccurrences(of: "gpt-", with: "other-")
            try gateway.configure(models + "general_settings:\n  master_key: sk-key\n", upstream)
            #expect(try await gateway.reload().status == 0)
            try await idle.send(GatewayProcess.request("GET", "/v1/models", nil))
            #expect(try await idle.readResponse().status == 401)
            try await idle.send(GatewayProcess.request("GET", "/v1/models", nil, headers: Self.keyed("sk-key")))
            #expect(try await idle.readResponse().text.contains("other-4"))
            stream.sendChunk("two")
            stream.finish()
            var events = EventReader(connection)
            var text = ""
            while let event = try await events.next() { text += event }
            #expect(text.contains("one") && text.contains("two"))
        }
    }

    @Test("reads .env again, follows SIGHUP, and applies the limits to connections that are open")
    func environment() async throws {
        let file = Configurations.local + "general_settings:\n  master_key: os.environ/THE_KEY\n"
        try await withGateway(file, dotEnv: "THE_KEY=sk-one\n") { gateway, upstream async throws in
            #expect(try await gateway.chat("hi", headers: Self.keyed("sk-one")).status == 200)
            let connection = try await gateway.connect()
            let values = String(repeating: "[],", count: 2_000)
            let body = #"{"model":"gpt-4","messages":[\#(values)1]}"#
            let request = GatewayProcess.request("POST", "/v1/chat/completions", body, headers: Self.keyed("sk-two"))
            try await connection.send(request)
            #expect(try await connection.readResponse().status == 401)
            try gateway.directory.write("THE_KEY=sk-two\n", to: ".env")
            try gateway.configure(file + "  max_json_values: 1000\n", upstream)
            gateway.signal(SIGHUP)
            #expect(try await gateway.logged(#/the configuration is reloaded: \d values? changed/#))
            try await connection.send(request)
            #expect(try await connection.readResponse().status == 413)
            #expect(try await gateway.chat("hi", headers: Self.keyed("sk-one")).status == 401)
        }
    }

    @Test("is made with --watch whenever a file changes, also by the symbolic links of a Kubernetes ConfigMap")
    func watch() async throws {
        let upstream = try await RecordingUpstream.start()
        func text(_ model: String) -> String {
            Configurations.local.replacingOccurrences(of: "UPSTREAM", with: upstream.url)
                .replacingOccurrences(of: "gpt-4\n", with: "\(model)\n")
        }
        let directory = try TemporaryDirectory()
        let files = FileManager.default
        func path(_ name: String) -> String { directory.url.appending(path: name).path }
        for (number, model) in ["m-one", "m-two"].enumerated() {
            try directory.write(text(model), to: "..data_\(number)/config.yaml")
        }
        try files.createSymbolicLink(atPath: path("..data"), withDestinationPath: "..data_0")
        try files.createSymbolicLink(atPath: path("config.yaml"), withDestinationPath: "..data/config.yaml")
        let command = try Command(
            Repository.gateway,
            ["--config", "config.yaml", "--port", "0", "--watch", "--plugin-dir", Repository.plugins.path],
            directory: directory.url
        )
        defer { command.signal(SIGKILL) }
        let match = try #require(try await command.standardError.first(#/listening on http://127.0.0.1:(\d+)/#))
        let port = try #require(Int(match.output.1))
        func models() async throws -> String {
            let connection = try await Connection.open(port: port)
            try await connection.send(GatewayProcess.request("GET", "/v1/models", nil))
            return try await connection.readResponse().text
        }
        #expect(try await models().contains("m-one"))
        // As the kubelet does it: a new link, renamed over the old one.
        try files.createSymbolicLink(atPath: path("..data_tmp"), withDestinationPath: "..data_1")
        #expect(rename(path("..data_tmp"), path("..data")) == 0)
        try await eventually("the other file is read") { try await models().contains("m-two") }
        // In place, as an editor does it.
        try text("m-three").write(toFile: path("..data_1/config.yaml"), atomically: false, encoding: .utf8)
        try await eventually("the changed file is read") { try await models().contains("m-three") }
        command.signal(SIGTERM)
        #expect(try await command.status == 0)
    }

    @Test("reads the trusted certificates again")
    func certificates() async throws {
        let (right, wrong) = (try await CertificateAuthority.make(), try await CertificateAuthority.make())
        let server = try await right.certificate("server", names: "IP:127.0.0.1")
        let models = try await TLSModels.start([server])
        let trusted = try TemporaryDirectory()
        let file = try trusted.write(try String(contentsOfFile: wrong.file, encoding: .utf8), to: "ca.pem")
        let configuration = """
            model_list:
              - model_name: gpt-3.5-turbo
                litellm_params: {model: openai/m, api_base: "https://127.0.0.1:\(models.ports[0])/v1", api_key: sk-upstream}
            litellm_settings: {num_retries: 0, ssl_verify: "\(file.path)"}

            """
        try await withGateway(configuration, arguments: GatewayProcess.pidFile) { gateway, _ async throws in
            #expect(try await gateway.chat("hello").status == 502)
            try trusted.write(try String(contentsOfFile: right.file, encoding: .utf8), to: "ca.pem")
            #expect(try await gateway.reload().status == 0)
            #expect(try await gateway.chat("hello").status == 200)
        }
    }

    @Test("is asked for over HTTP with the master key, as `gateway reload --admin` does")
    func overHTTP() async throws {
        let file = Configurations.authenticated
        try await withGateway(file) { gateway, upstream async throws in
            #expect(try await gateway.post("/config/reload", "").status == 401)
            #expect(try await gateway.get("/config").status == 401)
            #expect(try await gateway.get("/config/reload", headers: Self.keyed("sk-master")).status == 405)
            try gateway.configure(file.replacingOccurrences(of: "local", with: "local\n    ttl: 5"), upstream)
            let reload = ["reload", "--admin", "http://127.0.0.1:\(gateway.port)"]
            let key = ["GATEWAY_MASTER_KEY": "sk-master"]
            let result = try await gateway.ask(reload, environment: key)
            #expect(result.status == 0)
            #expect(result.standardOutput == "+ litellm_settings.cache_params.ttl: 5\nreloaded: generation 2\n")
            let keyless = try await gateway.ask(reload)
            #expect(keyless.status == 1 && keyless.standardError.contains("set GATEWAY_MASTER_KEY"))
            try gateway.configure("[", upstream)
            #expect(try await gateway.ask(reload, environment: key).status == 78)
            #expect(try await gateway.post("/config/reload", "", headers: Self.keyed("sk-master")).status == 422)
        }
    }

    @Test("is told beforehand by `gateway check --diff`, which shows no secret")
    func diff() async throws {
        let file = Configurations.authenticated
        try await withGateway(file, arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            let check = ["check", "next.yaml", "--diff", "--plugin-dir", Repository.plugins.path]
            func diff(_ text: String, _ way: [String]) async throws -> Command.Result {
                try gateway.directory.write(
                    text.replacingOccurrences(of: "UPSTREAM", with: upstream.url),
                    to: "next.yaml"
                )
                return try await gateway.ask(check + way, environment: ["GATEWAY_MASTER_KEY": "sk-master"])
            }
            let ways = [["--pid-file", "gateway.pid"], ["--admin", "http://127.0.0.1:\(gateway.port)"]]
            for way in ways {
                let none = try await diff(file, way)
                #expect(none.status == 0)
                #expect(
                    none.standardOutput == """
                        nothing would change in generation 1
                        the cache backend would be kept with its entries
                        next.yaml: ok

                        """
                )
                let other = file.replacingOccurrences(of: "sk-master", with: "sk-new")
                    .replacingOccurrences(of: "type: local", with: "type: local\n    max_size: 20 MB")
                let some = try await diff(other, way)
                #expect(
                    some.standardOutput == """
                        + litellm_settings.cache_params.max_size: 20 MB
                        ~ general_settings.master_key: not shown, whose value has changed
                        the cache backend would be replaced by another one
                        next.yaml: ok

                        """
                )
            }
            let nobody = try await diff(file, ["--pid-file", "no.pid"])
            #expect(nobody.status == 1)
            #expect(nobody.standardError.contains("the pid file no.pid cannot be used: no such file or directory"))
            #expect(try await diff(file, []).status == 64)
            #expect(try await gateway.get("/health/readiness").json["configuration"]["generation"].int == 1)
        }
    }

    @Test("finds no gateway where none is running, and says so")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("1234567\n", to: "gateway.pid")
        let cases = [
            (["--pid-file", "gateway.pid"], 1, "no gateway is running with the pid file gateway.pid; process 1234567"),
            (["--admin", "http://127.0.0.1:1"], 1, "the gateway at 127.0.0.1:1 is not reached: connection refused"),
            (["--admin", "unix:/no.sock"], 1, "the gateway at /no.sock is not reached: no such file or directory"),
            (["--admin", "localhost"], 64, "--admin localhost is no address; use http://HOST:PORT or unix:/PATH."),
            ([], 64, "No gateway is named; add --pid-file FILE, or --admin http://HOST:PORT."),
        ]
        for (arguments, status, message) in cases {
            let result = try await Command.run(Repository.gateway, ["reload"] + arguments, directory: directory.url)
            #expect(result.status == status && result.standardError.contains(message), "\(result.standardError)")
        }
    }

    @Test("finds the gateway that serves, also after another one was started by mistake and could not listen")
    func secondStart() async throws {
        try await withGateway(arguments: GatewayProcess.pidFile) { gateway, _ async throws in
            let second = try await gateway.ask(
                ["--config", "config.yaml", "--port", "\(gateway.port)", "--plugin-dir", Repository.plugins.path]
                    + GatewayProcess.pidFile
            )
            #expect(second.status == 1 && second.standardError.contains("cannot listen on"))
            #expect(try await gateway.reload().status == 0)
        }
    }

    @Test("removes the pid file when the gateway stops")
    func pidFile() async throws {
        var directory: TemporaryDirectory?
        try await withGateway(arguments: GatewayProcess.pidFile) { gateway, _ async throws in
            let text = try String(contentsOf: gateway.directory.url.appending(path: "gateway.pid"), encoding: .utf8)
            #expect(text == "\(gateway.processIdentifier)\n")
            directory = gateway.directory
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: directory?.url.path ?? "")
        #expect(!files.contains { $0.hasPrefix("gateway.pid") })
    }
}
