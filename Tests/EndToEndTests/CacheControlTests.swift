import Foundation
import Testing

/// What a client may say about caching in the body and in headers, and what the answer says about it.
@Suite("Cache controls", .timeLimit(.minutes(1)))
struct CacheControlTests {
    // MARK: What answers say

    @Test("A miss says that it was stored; a hit reports its age, its remaining time to live, and its key")
    func headers() async throws {
        try await withGateway { gateway, _ async throws in
            let began = ContinuousClock.now
            let miss = try await gateway.chat("hello")
            #expect(miss.status == 200)
            #expect(miss.cacheStatus.hasPrefix("gateway"))
            #expect(miss.wasForwarded("miss"))
            #expect(miss.cacheStatus.contains("stored"))
            #expect(miss["x-litellm-cache-key"] == nil)
            #expect(miss["age"] == nil)
            let hit = try await gateway.chat("hello")
            #expect(hit.isHit)
            #expect(hit.body == miss.body)
            #expect(hit["content-type"] == miss["content-type"])
            // Some seconds may have passed on a busy machine.
            let passed = Int(began.duration(to: .now).components.seconds) + 1
            let age = try #require(hit["age"].flatMap { Int($0) })
            #expect((0...passed).contains(age))
            let ttl = hit.cacheStatus.firstMatch(of: #/ttl=(\d+)/#).flatMap { Int($0.output.1) }
            #expect(ttl.map { (599 - age...600 - age).contains($0) } == true, "\(hit.cacheStatus) at the age of \(age)")
            #expect(hit["x-litellm-cache-key"]?.isEmpty == false)
        }
    }

    @Test("Member order, white space, number spelling and escapes do not matter; anything else does")
    func canonicalKey() async throws {
        try await withGateway { gateway, upstream async throws in
            let path = "/v1/chat/completions"
            let bodies = [
                #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hé"}],"temperature":1}"#,
                #"{ "temperature" : 1.0, "messages" : [ { "content" : "h\u00e9", "role" : "user" } ], "model" : "gpt-3.5-turbo" }"#,
                #"{"messages":[{"role":"user","content":"hé"}],"temperature":1e0,"model":"gpt-3.5-turbo"}"#,
            ]
            for body in bodies { #expect(try await gateway.post(path, body).content == "answer 1") }
            #expect(upstream.calls == 1)
            let different = bodies[0].replacingOccurrences(of: ":1}", with: ":1.1}")
            #expect(try await gateway.post(path, different).content == "answer 2")
            let stranger = bodies[0].replacingOccurrences(of: ":1}", with: #":1,"unheard_of":0}"#)
            #expect(try await gateway.post(path, stranger).content == "answer 3")
            #expect(try await gateway.chat("hé", model: "gpt-4", #""temperature":1"#).content == "answer 4")
        }
    }

    @Test("`metadata` does not matter; `user` does")
    func leftOut() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello", #""metadata":{"trace":"1"}"#)
            #expect(try await gateway.chat("hello", #""metadata":{"trace":"2"}"#).isHit)
            #expect(try await gateway.chat("hello", #""user":"anna""#).wasForwarded("miss"))
            #expect(upstream.calls == 2)
        }
    }

    // MARK: The body's `cache` object

    @Test("no-cache asks the model and stores the new answer")
    func noCache() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            let fresh = try await gateway.chat("hello", #""cache":{"no-cache":true}"#)
            #expect(fresh.wasForwarded("request"))
            #expect(fresh.content == "answer 2")
            #expect(try await gateway.chat("hello").content == "answer 2")
            #expect(upstream.calls == 2)
        }
    }

    @Test("no-store keeps nothing, but may be answered from the cache")
    func noStore() async throws {
        try await withGateway { gateway, upstream async throws in
            let unkept = try await gateway.chat("hello", #""cache":{"no-store":true}"#)
            #expect(!unkept.cacheStatus.contains("stored"))
            #expect(try await gateway.chat("hello").wasForwarded("miss"))
            #expect(try await gateway.chat("hello", #""cache":{"no-store":true}"#).isHit)
            #expect(upstream.calls == 2)
        }
    }

    @Test("An answer stored with ttl 1 is gone after a second, while another one stays")
    func ttl() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("short", #""cache":{"ttl":1}"#)
            _ = try await gateway.chat("long")
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await gateway.chat("long").isHit)
            #expect(try await gateway.chat("short").wasForwarded("miss"))
            #expect(upstream.calls == 3)
        }
    }

    @Test("s-maxage takes only what is young enough, by either spelling", arguments: ["s-maxage", "s-max-age"])
    func sMaxAge(name: String) async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello", #""cache":{"\#(name)":600}"#).isHit)
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await gateway.chat("hello", #""cache":{"\#(name)":0}"#).content == "answer 2")
            #expect(try await gateway.chat("hello").content == "answer 2", "what was too old is replaced")
            #expect(upstream.calls == 2)
        }
    }

    @Test("Namespaces do not see one another's answers")
    func namespace() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello", #""cache":{"namespace":"a"}"#)
            #expect(try await gateway.chat("hello", #""cache":{"namespace":"b"}"#).wasForwarded("miss"))
            #expect(try await gateway.chat("hello").wasForwarded("miss"))
            #expect(try await gateway.chat("hello", #""cache":{"namespace":"a"}"#).content == "answer 1")
            #expect(upstream.calls == 3)
        }
    }

    @Test("With mode default_off only requests that say use-cache read and store")
    func defaultOff() async throws {
        try await withGateway(Configurations.cached("type: local\nmode: default_off")) {
            gateway,
            upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").content == "answer 2")
            _ = try await gateway.chat("hello", #""cache":{"use-cache":true}"#)
            #expect(try await gateway.chat("hello", #""cache":{"use-cache":true}"#).content == "answer 3")
            #expect(try await gateway.chat("hello").content == "answer 4")
            #expect(upstream.calls == 4)
        }
    }

    @Test(
        "A control of the wrong type or a negative number is a 400 that names it",
        arguments: [
            (#"{"ttl":"ten"}"#, "ttl"), (#"{"ttl":-1}"#, "ttl"), (#"{"s-maxage":[]}"#, "s-maxage"),
            (#"{"no-cache":1}"#, "no-cache"), (#"{"no-store":"yes"}"#, "no-store"), (#"{"namespace":5}"#, "namespace"),
        ]
    )
    func wrongControls(cache: String, member: String) async throws {
        try await withGateway { gateway, upstream async throws in
            let answer = try await gateway.chat("hello", #""cache":\#(cache)"#)
            #expect(answer.status == 400)
            #expect(answer.json["error"]["message"].string?.contains(member) == true, "\(answer.text)")
            #expect(answer.json["error"]["type"].string == "invalid_request_error")
            #expect(upstream.calls == 0)
        }
    }

    // MARK: Call types and time to live of the configuration

    @Test("Only the call types that are named are cached")
    func supportedCallTypes() async throws {
        let configuration = Configurations.cached("type: local\nsupported_call_types: [aembedding]")
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").content == "answer 2")
            _ = try await gateway.embed(["a"])
            #expect(try await gateway.embed(["a"]).isHit)
            #expect(upstream.calls == 3)
        }
    }

    @Test("The old completions endpoint is cached too, apart from chat")
    func completions() async throws {
        try await withGateway { gateway, upstream async throws in
            let body = #"{"model":"gpt-3.5-turbo-instruct","prompt":"once"}"#
            let first = try await gateway.post("/v1/completions", body)
            let second = try await gateway.post("/completions", body)
            #expect(first.json["choices"][0]["text"].string == "answer 1")
            #expect(second.isHit)
            #expect(second.body == first.body)
            #expect(upstream.calls == 1)
        }
    }

    @Test("cache_params.ttl is how long answers are kept, and a request's own ttl goes before it")
    func configuredTTL() async throws {
        try await withGateway(Configurations.cached("type: local\nttl: 30")) { gateway, _ async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello").cacheStatus.firstMatch(of: #/ttl=(30|2\d)\b/#) != nil)
            _ = try await gateway.chat("longer", #""cache":{"ttl":900}"#)
            #expect(try await gateway.chat("longer").cacheStatus.firstMatch(of: #/ttl=(900|89\d)\b/#) != nil)
        }
    }

    @Test("Without `cache` nothing is cached")
    func off() async throws {
        try await withGateway(Configurations.uncached) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            let second = try await gateway.chat("hello")
            #expect(second.content == "answer 2")
            #expect(!second.isHit)
            #expect(upstream.calls == 2)
        }
    }

    // MARK: The Cache-Control header

    @Test("Cache-Control: no-cache asks the model and stores; no-store does not store")
    func cacheControlHeader() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            let fresh = try await gateway.chat("hello", headers: ["Cache-Control": "no-cache"])
            #expect(fresh.wasForwarded("request"))
            #expect(try await gateway.chat("hello").content == "answer 2")
            _ = try await gateway.chat("other", headers: ["cache-control": "no-store"])
            #expect(try await gateway.chat("other").wasForwarded("miss"))
            #expect(upstream.calls == 4)
        }
    }

    @Test("Cache-Control: max-age bounds the age of what is taken")
    func maxAge() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello", headers: ["Cache-Control": "max-age=600"]).isHit)
            try await Task.sleep(for: .milliseconds(1_100))
            #expect(try await gateway.chat("hello", headers: ["Cache-Control": "max-age=0"]).content == "answer 2")
            #expect(upstream.calls == 2)
        }
    }

    @Test("Cache-Control: only-if-cached never calls the model: 504 without an answer, a hit with one")
    func onlyIfCached() async throws {
        try await withGateway { gateway, upstream async throws in
            let headers = ["Cache-Control": "only-if-cached"]
            let nothing = try await gateway.chat("hello", headers: headers)
            #expect(nothing.status == 504)
            #expect(nothing.json["error"]["message"].string?.isEmpty == false)
            #expect(upstream.calls == 0)
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello", headers: headers).isHit)
        }
    }

    @Test("Cache-Control: min-fresh takes only what stays fresh for so long")
    func minFresh() async throws {
        try await withGateway(Configurations.cached("type: local\nttl: 600")) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            #expect(try await gateway.chat("hello", headers: ["Cache-Control": "min-fresh=500"]).isHit)
            let fresher = try await gateway.chat("hello", headers: ["Cache-Control": "min-fresh=601"])
            #expect(fresher.cacheStatus == "gateway; fwd=request; stored" && fresher.content == "answer 2")
            let refused = try await gateway.chat("hello", headers: ["Cache-Control": "min-fresh=601, only-if-cached"])
            #expect(refused.status == 504)
            #expect(upstream.calls == 2)
        }
    }

    @Test("Pragma: no-cache asks the model, where there is no Cache-Control")
    func pragma() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            let fresh = try await gateway.chat("hello", headers: ["PRAGMA": "No-Cache"])
            #expect(fresh.cacheStatus == "gateway; fwd=request; stored" && fresh.content == "answer 2")
            let both = try await gateway.chat("hello", headers: ["Pragma": "no-cache", "Cache-Control": "max-age=600"])
            #expect(both.isHit && both.content == "answer 2")
            #expect(try await gateway.chat("hello", headers: ["Pragma": "x"]).isHit)
            #expect(upstream.calls == 2)
        }
    }

    @Test("Without windows there is nothing behind the time to live: a miss, also for max-stale")
    func gone() async throws {
        try await withGateway(Configurations.cached("type: local\nttl: 1")) { gateway, upstream async throws in
            _ = try await gateway.chat("hello")
            try await Task.sleep(for: .milliseconds(1_200))
            let stale = try await gateway.chat("hello", headers: ["Cache-Control": "max-stale"])
            #expect(stale.cacheStatus == "gateway; fwd=miss; stored")
            #expect(upstream.calls == 2)
        }
    }
}
