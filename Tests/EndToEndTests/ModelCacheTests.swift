import Foundation
import Testing

@Suite("The cache of single models", .timeLimit(.minutes(1)))
struct ModelCacheTests {
    /// The models of the tests with what an entry says of the cache.
    private static func configuration(_ caches: [(model: String, cache: String)], _ more: String = "") -> String {
        let models = caches.map { model, cache in
            """
              - model_name: \(model)
                litellm_params: {model: openai/\(model)-x, api_base: UPSTREAM/v1, api_key: sk-upstream}
                cache: \(cache)

            """
        }
        return "model_list:\n" + models.joined()
            + "litellm_settings: {cache: true, cache_params: {type: local, ttl: 60}}\n" + more
    }

    @Test("is off, opt-in or of another time to live, and Cache-Status says so")
    func modes() async throws {
        let models = [
            ("plain", "{}"), ("off", "{mode: off}"), ("asked", "{mode: default_off}"), ("long", "{ttl: 500}"),
        ]
        try await withGateway(Self.configuration(models)) { gateway, upstream async throws in
            for (model, expected) in [
                ("plain", "gateway; hit; ttl=60"), ("off", "gateway; fwd=bypass; detail=off"),
                ("asked", "gateway; fwd=bypass"), ("long", "gateway; hit; ttl=500"),
            ] {
                #expect(try await gateway.chat("hi", model: model).status == 200)
                let second = try await gateway.chat("hi", model: model)
                // A second may have passed.
                let statuses = [
                    expected,
                    expected.replacingOccurrences(of: "60", with: "59").replacingOccurrences(of: "500", with: "499"),
                ]
                #expect(
                    statuses.contains(second["cache-status"] ?? ""),
                    "\(model): \(second["cache-status"] ?? "none")"
                )
            }
            #expect(upstream.requests.count == 6)
            let asked = #""cache":{"use-cache":true}"#
            _ = try await gateway.chat("hi", model: "asked", asked)
            #expect(try await gateway.chat("hi", model: "asked", asked).isHit)
            #expect(try await gateway.chat("hi", model: "long", #""cache":{"ttl":5}"#).isHit)
        }
    }

    @Test("takes in only requests that meet the conditions")
    func conditions() async throws {
        let rule = "{only_if: {max_temperature: 0.2, no_tools: true, max_messages: 1, max_bytes: 300}}"
        try await withGateway(Self.configuration([("m", rule)])) { gateway, _ async throws in
            let cool = #""temperature":0"#
            _ = try await gateway.chat("hi", model: "m", cool)
            #expect(try await gateway.chat("hi", model: "m", cool).isHit)
            let tool = #"{"type":"function","function":{"name":"f"}}"#
            for (members, detail) in [
                ("", "temperature"), (#""temperature":0.3"#, "temperature"), (cool + #","tools":[\#(tool)]"#, "tools"),
                (cool + #","x":"\#(String(repeating: "x", count: 300))""#, "bytes"),
            ] {
                for _ in 1...2 {
                    let answer = try await gateway.chat("hi", model: "m", members)
                    #expect(answer["cache-status"] == "gateway; fwd=bypass; detail=\(detail)", "\(members)")
                }
            }
            let body =
                #"{"model":"m","temperature":0,"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#
            for _ in 1...2 {
                let answer = try await gateway.post("/v1/chat/completions", body)
                #expect(answer["cache-status"] == "gateway; fwd=bypass; detail=messages")
            }
        }
    }

    @Test("leaves members out of the key that are to be ignored, and the model still gets them")
    func ignoredMembers() async throws {
        try await withGateway(Self.configuration([("m", "{ignore_members: [user]}"), ("n", "{}")])) {
            gateway,
            upstream async throws in
            let first = try await gateway.chat("hi", model: "m", #""user":"alice""#)
            let second = try await gateway.chat("hi", model: "m", #""user":"bob""#)
            #expect(second.isHit && second.content == first.content)
            #expect(upstream.requests.last?.json["user"].string == "alice")
            #expect(try await !gateway.chat("hi", model: "m", #""seed":1"#).isHit)
            _ = try await gateway.chat("hi", model: "n", #""user":"alice""#)
            #expect(try await !gateway.chat("hi", model: "n", #""user":"bob""#).isHit)
        }
    }

    @Test("is shared by the models of a caching group, in both directions and by no other")
    func groups() async throws {
        let groups = "router_settings:\n  caching_groups: [[a, b]]\n"
        try await withGateway(Self.configuration([("a", "{}"), ("b", "{}"), ("c", "{}")], groups)) {
            gateway,
            upstream async throws in
            let first = try await gateway.chat("one", model: "a")
            let second = try await gateway.chat("one", model: "b")
            #expect(second.isHit && second.content == first.content)
            _ = try await gateway.chat("two", model: "b")
            #expect(try await gateway.chat("two", model: "a").isHit)
            #expect(try await !gateway.chat("one", model: "c").isHit)
            #expect(upstream.requests.map { $0.json["model"].string } == ["a-x", "b-x", "c-x"])
        }
    }

    @Test("is refused where entries of one name contradict each other, or a group names a pattern")
    func refused() async throws {
        let directory = try TemporaryDirectory()
        for (models, more, message) in [
            ([("m", "{ttl: 1}"), ("m", "{ttl: 2}")], "", "'cache' of this entry of 'm' differs from that on line 4"),
            (
                [("m", "{}"), ("\"x/*\"", "{}")], "router_settings: {caching_groups: [[m, x/y]]}",
                "names 'x/y', which stands for"
            ),
            ([("m", "{}")], "router_settings: {caching_groups: [[m, n]]}", "names 'n', which no model_name covers"),
        ] {
            let text = Self.configuration(models, more).replacingOccurrences(of: "UPSTREAM", with: "http://127.0.0.1:1")
            let file = try directory.write(text, to: "config.yaml")
            let result = try await Command.run(
                Repository.gateway,
                ["check", file.path, "--plugin-dir", Repository.plugins.path]
            )
            #expect(result.status == 1 && result.standardError.contains(message), "\(result.standardError)")
        }
    }
}
