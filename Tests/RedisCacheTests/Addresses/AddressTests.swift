import PluginKit
import Testing

@testable import RedisCache

@Suite("A server's address")
struct AddressTests {
    @Test("is read from every form of URL that redis-py knows")
    func urls() throws {
        let full = try RedisURL("rediss://us%40er:p%3Aa%2Fss%25@redis.internal:6380/3")
        #expect(full.endpoint == .tcp(host: "redis.internal", port: 6380))
        #expect(full.usesTLS)
        #expect(full.username == "us@er")
        #expect(full.password == "p:a/ss%")
        #expect(full.database == 3)
        let bare = try RedisURL("redis://h")
        #expect(bare.endpoint == .tcp(host: "h", port: 6379))
        #expect(bare.username == nil && bare.password == nil && bare.database == nil && !bare.usesTLS)
        #expect(try RedisURL("redis://:sesame@h/").password == "sesame")
        #expect(try RedisURL("REDIS://[::1]:7000/0").endpoint == .tcp(host: "::1", port: 7000))
        #expect(try RedisURL("redis://h?db=2").database == 2)
        #expect(try RedisURL("redis://").endpoint == .tcp(host: "localhost", port: 6379))
        let socket = try RedisURL("unix://:s@/run/my%20redis.sock?db=1")
        #expect(socket.endpoint == .unix(path: "/run/my redis.sock"))
        #expect(socket.password == "s")
        #expect(socket.database == 1)
        #expect(try RedisURL("redis://u:a@b@h").password == "a@b")
    }

    @Test(
        "that is no URL is refused in a sentence that repeats nothing of it",
        arguments: [
            "sesame", "http://sesame@h", "redis://:sesame@h:port", "redis://:sesame@h:0", "redis://:sesame@h/x",
            "redis://:ses%2zme@h", "redis://:sesame%ff@h", "redis://:sesame@h?timeout=3", "unix://:sesame@relative",
            "redis://:sesame@h:99999", "redis://:sesame@h/99999999999999999999", "redis://:sesame@[::1",
        ]
    )
    func wrongURLs(text: String) {
        let failure = #expect(throws: PluginFailure.self) { () throws in _ = try RedisURL(text) }
        #expect(failure?.status == .badConfiguration)
        #expect(failure?.message.hasPrefix("'url' ") == true)
        #expect(failure?.message.contains("ses") == false)
    }

    @Test(
        "is read from every form that lists of nodes have in LiteLLM's files",
        arguments: [
            #"[{"host":"a","port":7000},{"host":"b","port":"7001"}]"#, #"[["a",7000],["b","7001"]]"#,
            #"["a:7000","b:7001"]"#, #""a:7000, b:7001""#, #""[{\"host\":\"a\",\"port\":7000},[\"b\",7001]]""#,
        ]
    )
    func lists(json: String) throws {
        #expect(
            try NodeList.read(json, parameter: "x", defaultPort: 1) == [
                .tcp(host: "a", port: 7000), .tcp(host: "b", port: 7001),
            ]
        )
    }

    @Test("takes the port that goes without saying")
    func defaultPorts() throws {
        #expect(
            try NodeList.read(#"[{"host":"a"},"b","[::1]"]"#, parameter: "x", defaultPort: 26379) == [
                .tcp(host: "a", port: 26379), .tcp(host: "b", port: 26379), .tcp(host: "::1", port: 26379),
            ]
        )
    }

    @Test(
        "in a list that is none is refused, with the entry's number",
        arguments: [
            ("[]", "must be a list"), ("{}", "must be a list"), ("7", "must be a list"), ("[1]", "entry 1"),
            (#"["a",{"port":1}]"#, "entry 2"), (#"[["a"]]"#, "entry 1"), (#"[["a",70000]]"#, "entry 1"),
            (#"["a:b"]"#, "entry 1"), (#"[""]"#, "entry 1"),
        ]
    )
    func wrongLists(json: String, words: String) {
        let failure = #expect(throws: PluginFailure.self) { () throws in
            _ = try NodeList.read(json, parameter: "sentinel_nodes", defaultPort: 1)
        }
        #expect(failure?.message.hasPrefix("'sentinel_nodes'") == true)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
}
