import Dialects
import JSON
import ResponseCache
import Testing

@Suite struct CanonicalKeyTests {
    static func material() throws -> KeyMaterial {
        try KeyMaterial(
            tenant: "t",
            namespace: nil,
            clientNamespace: nil,
            callType: "completion",
            modelGroup: "m",
            modelGroupFingerprint: [],
            keyedValues: []
        )
    }

    /// The key of a body that is read as a request, even if it is not one.
    private func key(_ text: String) throws -> CacheKey {
        let body = try document(text)
        _ = try? body.readRequest(OpenAI.request)
        return try CacheKeyBuilder().key(for: Self.material(), body: body)
    }

    @Test(
        "The same meaning has the same key",
        arguments: [
            (#"{"a":1}"#, #"{ "a" : 1.0 }"#), (#"{"a":1}"#, #"{"a":1e0}"#), (#"{"a":1}"#, #"{"a":10e-1}"#),
            (#"{"a":0}"#, #"{"a":-0}"#), (#"{"a":0}"#, #"{"a":0e99999999999999999999}"#),
            (#"{"a":"A"}"#, #"{"\u0061":"\u0041"}"#),
            (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), (#"{"a":"/"}"#, #"{"a":"\/"}"#),
            ("{\"a\":\"\u{1F600}\"}", #"{"a":"\ud83d\ude00"}"#),
            (#"{"a":1}"#, #"{"a":1,"cache":{"ttl":5},"stream":true,"stream_options":{},"metadata":{"x":1}}"#),
            (#"{"a":1}"#, #"{"c\u0061che":{},"a":1}"#), (#"{"a":0.1}"#, #"{"a":1E-1}"#),
            (#"{"a":1e9223372036854775807}"#, #"{"a":10e9223372036854775806}"#),
        ]
    )
    func same(one: String, other: String) throws {
        #expect(try key(one) == key(other))
    }

    @Test(
        "Another meaning has another key",
        arguments: [
            (#"{"a":9007199254740992}"#, #"{"a":9007199254740993}"#), (#"{"a":0.1}"#, #"{"a":0.10000000000000001}"#),
            (#"{"a":1}"#, #"{"a":-1}"#), (#"{"a":1}"#, #"{"a":"1"}"#), (#"{"a":1}"#, #"{"a":[1]}"#),
            (#"{"a":1}"#, #"{"a":10}"#),
            ("{\"a\":\"\u{E9}\"}", "{\"a\":\"e\u{301}\"}"), (#"{"a":null}"#, "{}"), (#"{"a":[]}"#, #"{"a":{}}"#),
            (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#), (#"{"a":[[1],2]}"#, #"{"a":[[1,2]]}"#),
            (#"{"a":"US"}"#, #"{"a":"us"}"#),
            (#"{"a":1e99999999999999999999}"#, #"{"a":2e99999999999999999999}"#), (#"{"user":"a"}"#, #"{"user":"b"}"#),
            (#"{"a":{"cache":1}}"#, #"{"a":{}}"#), (#"{"a":{"stream":true}}"#, #"{"a":{"stream":false}}"#),
            (#"{"Cache":1}"#, "{}"), (#"{"a":"x"}"#, #"{"a":"x "}"#), (#"{"unknown":1}"#, "{}"),
            (#"{"input":1}"#, #"{"input":2}"#),
            (#"{"a":"bc"}"#, #"{"ab":"c"}"#), (#"{"a":["b","c"]}"#, #"{"a":["bc"]}"#),
            (#"{"a":true}"#, #"{"a":false}"#),
            (#"{"a":1e9223372036854775807}"#, #"{"a":1e9223372036854775808}"#),
        ]
    )
    func different(one: String, other: String) throws {
        #expect(try key(one) != key(other))
    }

    @Test("An input's key depends on it and on the rest of the body, but not on the inputs beside it") func embeddings()
        throws
    {
        let builder = try CacheKeyBuilder()
        func keys(_ text: String) throws -> [CacheKey] {
            let body = try document(text)
            let input = try #require(try body.readRequest(OpenAI.request).input)
            let common = try builder.embeddingKeys(for: Self.material(), body: body, apartFrom: input)
            return try #require(body.inputs(of: input)).map { try builder.key(of: $0, in: body, under: common) }
        }
        let one = try keys(#"{"model":"m","input":"a"}"#)
        #expect(try keys(#"{"input":["b","\u0061"],"model":"m","cache":{}}"#)[1] == one[0])
        #expect(try keys(#"{"model":"m","input":["a","b","a"]}"#).map { $0 == one[0] } == [true, false, true])
        #expect(try keys(#"{"model":"m","input":"a","dimensions":8}"#) != one)
        #expect(try keys(#"{"model":"m","input":[1,2]}"#) == keys(#"{"model":"m","input":[[1.0,2]]}"#))
        #expect(
            try keys(#"{"model":"m","input":[[1,2],[12]]}"#).count
                == Set(try keys(#"{"model":"m","input":[[1,2],[12]]}"#)).count
        )
        let body = try document(#"{"model":"m","input":"a"}"#)
        #expect(try builder.key(for: Self.material(), body: body) != one[0])
    }
}
