import Foundation
import Testing

/// `GET /ui`, `GET /ui/data` and `gateway top`.
@Suite("The page and its figures", .timeLimit(.minutes(2)))
struct DashboardTests {
    static let master = ["Authorization": "Bearer sk-master"]
    /// A name that is markup.
    static let model = #"<img src=x onerror=alert(1)>"#

    static func configuration(_ key: String = "sk-master", _ more: String = "") -> String {
        """
        model_list:
          - model_name: "\(model)"
            litellm_params: {model: openai/m, api_base: UPSTREAM/v1, api_key: sk-upstream}
        litellm_settings:
          cache: true
          cache_params: {type: local}
        general_settings:
          master_key: \(key)
        \(more)
        """
    }

    /// Asks five questions of which three are in the cache already.
    /// - Returns: the key of the entry that was asked for most.
    static func ask(_ gateway: GatewayProcess) async throws -> String {
        var key: String?
        for question in ["one", "one", "two", "one", "two"] {
            let answer = try await gateway.chat(question, model: model, headers: master)
            #expect(answer.status == 200, "\(answer.text)")
            key = answer["x-litellm-cache-key"] ?? key
        }
        return try #require(key)
    }

    @Test("In a browser: what is shown, the key in memory only, the keyboard, narrow screens, light and dark, deletion")
    func browser() async throws {
        try await withGateway(Self.configuration(), arguments: GatewayProcess.pidFile) {
            gateway,
            upstream async throws in
            let key = try await Self.ask(gateway)
            try gateway.configure(
                Self.configuration("sk-master", "  hit_ratio_x: 1\n  max_connections: many"),
                upstream
            )
            #expect(try await gateway.reload().status == 78)
            try gateway.configure(Self.configuration("sk-master", "  max_connections: 500"), upstream)
            #expect(try await gateway.reload().status == 0)
            let script = Repository.root.appending(path: "Tests/Dashboard").path
            let result = try await Command.run(
                Command.find("python3"),
                ["-B", script, gateway.url, "sk-master", key, Self.model]
            )
            #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
            let entry = try await gateway.get("/cache/entry?key=\(key)", headers: Self.master)
            #expect(entry.status == 404, "it was deleted")
            let calls = upstream.calls
            #expect(try await gateway.chat("two", model: Self.model, headers: Self.master).wasForwarded("miss"))
            #expect(upstream.calls == calls + 1)
        }
    }

    @Test("The page has no data, and a policy under which nothing but its own script and style is used")
    func page() async throws {
        try await withGateway(Self.configuration()) { gateway, _ async throws in
            let page = try await gateway.get("/ui")
            #expect(page.status == 200 && page["content-type"] == "text/html; charset=utf-8")
            #expect(page["cache-control"] == "no-store" && page["referrer-policy"] == "no-referrer")
            #expect(page["x-content-type-options"] == "nosniff" && page["x-frame-options"] == "DENY")
            let policy = try #require(page["content-security-policy"])
            for part in [
                "default-src 'none'", "script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            ] {
                #expect(policy.contains(part), "\(policy)")
            }
            #expect(!policy.contains("unsafe"))
            #expect(page.text.hasPrefix("<!doctype html>") && page.text.contains(#"data-key="needed""#))
            #expect(!page.text.contains("img src=x") && !page.text.contains(Repository.root.path))
            let addresses = page.text.matches(of: #/https?:\/\/[^\s"']+/#).map { String($0.output) }
            #expect(
                Set(addresses) == ["http://www.w3.org/2000/svg"],
                "names of a form of markup, which nothing asks for"
            )
            #expect(try await gateway.get("/ui/").text == page.text)
            #expect(try await gateway.post("/ui", "").status == 405)
            let connection = try await gateway.connect()
            try await connection.send(GatewayProcess.request("HEAD", "/ui", nil))
            let head = try await connection.readHead()
            #expect(head.status == 200 && head["content-security-policy"] == policy)
        }
        try await withGateway(Configurations.local) { gateway, _ async throws in
            #expect(try await gateway.get("/ui").text.contains(#"data-key="none""#))
            #expect(try await gateway.get("/ui/data").status == 200)
        }
    }

    @Test("The figures are for holders of the master key, and have what is now, the events and no secret")
    func data() async throws {
        let keys = "  keys: [{name: team, key: sk-team-0123456789}]"
        try await withGateway(Self.configuration("sk-master", keys)) { gateway, _ async throws in
            _ = try await Self.ask(gateway)
            #expect(try await gateway.get("/ui/data").status == 401)
            let tenant = ["Authorization": "Bearer sk-team-0123456789"]
            #expect(try await gateway.get("/ui/data", headers: tenant).status == 403)
            let answer = try await gateway.get("/ui/data", headers: Self.master)
            let data = answer.json
            #expect(answer.status == 200 && data["state"].string == "serving" && data["generation"].int == 1)
            #expect(data["cache"]["cache_type"].string == "local" && data["cache"]["entries"].int == 2)
            #expect(try #require(data["connections"]["open"].int) >= 1)
            #expect(try #require(data["memory"]["resident"].int) > 1 << 20)
            let began = try #require(data["began"].double)
            #expect(abs(began - Date.now.timeIntervalSince1970) < 60)
            #expect(data["events"][0]["kind"].string == "start" && data["events"][0]["severity"].string == "notice")
            #expect(!answer.text.contains("sk-") && answer.body.count < 10_000)
        }
    }

    @Test("With a listener for administration, the page is there and nowhere else")
    func listener() async throws {
        let arguments = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
        let service = try Service(Mock.configuration, arguments)
        let port = try await service.listening()
        #expect(try await service.logged(#/listening on http:\S* for administration/#))
        let match = service.log.firstMatch(of: #/listening on http://127.0.0.1:(\d+) for administration/#)
        let admin = try #require(match.flatMap { Int($0.output.1) })
        for path in ["/ui", "/ui/data", "/cache/entry"] {
            let request = GatewayProcess.request("GET", path, nil)
            #expect(try await Mock.ask(port, request).status == 404)
            #expect(try await Mock.ask(admin, request).status != 404)
        }
        try await service.stop()
    }

    @Test("An outage of the backend, its end and a deployment that fails are events, across reloads")
    func events() async throws {
        let server = try await RedisServer.start()
        let cached = Configurations.cached("type: redis\nhost: 127.0.0.1\nport: \(server.port)")
        try await withGateway(cached, arguments: GatewayProcess.pidFile) { gateway, upstream async throws in
            try await gateway.cacheIsReady()
            func events() async throws -> [String] {
                try await gateway.get("/ui/data").json["events"].array.map {
                    "\($0["kind"].string ?? "") \($0["severity"].string ?? ""): \($0["text"].string ?? "")"
                }
            }
            try await server.kill()
            for number in 0..<12 { _ = try await gateway.chat("question \(number)") }
            try await eventually("the outage is an event") {
                try await events().contains { $0.hasPrefix("cache warning: ") && $0.contains("left alone for a while") }
            }
            try gateway.configure(cached.replacingOccurrences(of: "gpt-4\n", with: "gpt-5\n"), upstream)
            #expect(try await gateway.reload().status == 0)
            try await server.restart()
            try await eventually("its end is an event", within: .seconds(20)) {
                _ = try await gateway.chat("again")
                return try await events().contains {
                    $0.hasPrefix("cache recovery: ") && $0.contains("is in use again")
                }
            }
            let all = try await events()
            #expect(all.contains { $0.hasPrefix("start notice: gateway ") }, "\(all)")
            #expect(all.contains { $0.hasPrefix("reload notice: the configuration is reloaded: ") }, "\(all)")
            #expect(!all.contains { $0.contains(".so") }, "files are for the log: \(all)")
        }
    }

    @Test("`gateway top` prints the figures once where its output is no terminal")
    func topOnce() async throws {
        try await withGateway(Self.configuration()) { gateway, _ async throws in
            _ = try await Self.ask(gateway)
            let address = "http://127.0.0.1:\(gateway.port)"
            let key = ["GATEWAY_MASTER_KEY": "sk-master"]
            for arguments in [["top", "--admin", address], ["top", "--once", "--admin", address]] {
                let result = try await gateway.ask(arguments, environment: key)
                #expect(result.status == 0, "\(result.standardError)")
                #expect(result.standardOutput.hasPrefix("gateway ") && result.standardOutput.contains("local up"))
                #expect(result.standardOutput.contains("serves 1 model, 1 deployment"))
                #expect(!result.standardOutput.contains("\u{1B}"))
            }
            try gateway.directory.write("sk-master\n", to: "key")
            #expect(try await gateway.ask(["top", "--admin", address, "--key-file", "key"]).status == 0)
            let refused = try await gateway.ask(["top", "--admin", address])
            #expect(refused.status == 1 && refused.standardError.contains("wants its master key"))
            let file = try await gateway.ask(["top", "--admin", address, "--key-file", "none"])
            #expect(file.status == 1 && file.standardError.contains("the key file none cannot be used: no such file"))
            let nobody = try await gateway.ask(["top", "--admin", "http://127.0.0.1:1"])
            #expect(nobody.status == 1)
            #expect(nobody.standardError == "gateway: the gateway at 127.0.0.1:1 is not reached: connection refused\n")
            #expect(try await gateway.ask(["top", "--interval", "0"]).status == 64)
            #expect(try await gateway.ask(["top", "--admin", "nonsense"]).status == 64)
        }
    }

    @Test("`gateway top` in a terminal: it draws, follows its size, and gives the terminal back however it ends")
    func topInTerminal() async throws {
        try await withGateway(Self.configuration()) { gateway, _ async throws in
            _ = try await Self.ask(gateway)
            let script = Repository.root.appending(path: "Tests/Dashboard/terminal.py").path
            let result = try await Command.run(
                Command.find("python3"),
                ["-B", script, Repository.gateway.path, "http://127.0.0.1:\(gateway.port)", "sk-master"]
            )
            #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
        }
    }
}
