import Testing

@testable import S3Cache

@Suite("An object")
struct ObjectTests {
    private func object(_ path: String?, _ key: String) -> String? { ObjectLayout(path: path).object(key.utf8) }

    @Test("lies where LiteLLM puts it: s3_path, a slash, the key with every colon as a slash")
    func layout() {
        #expect(object(nil, "gateway:abc") == "gateway/abc")
        #expect(object("", "a:b:c") == "a/b/c")
        #expect(object("llm/cache", "a:b") == "llm/cache/a/b")
        #expect(object("llm/cache///", "a:b") == "llm/cache/a/b")
        #expect(object("ünï cödé+%", "a:b") == "ünï cödé+%/a/b")
    }

    @Test("has a name of UTF-8 that is 1,024 bytes long at most")
    func names() {
        #expect(ObjectLayout(path: nil).object([0x61, 0xFF]) == nil, "two such keys must not become one object")
        // Each part of 200 bytes has a mark that it goes on, of two.
        #expect(object("p", String(repeating: "k", count: 1_012))?.utf8.count == 1_024)
        #expect(object("p", String(repeating: "k", count: 1_013)) == nil)
        #expect(object(nil, "50%") == "50%25" && object(nil, "%2F") == "%252F")
    }

    @Test("has a name that no other key's has, and that is no way through folders")
    func escapes() {
        #expect(object(nil, "a/b:c") == "a%2Fb/c")
        #expect(object(nil, "a::b:") == "a/%/b/%")
        #expect(object(nil, "..:.:...") == "%2E%2E/%2E/...")
        #expect(object(nil, "/../x") == "%2F..%2Fx")
        let long = String(repeating: "k", count: 200)
        #expect(object(nil, long) == long && object(nil, long + "l") == long + "%/l")
        let characters = ["a", "%", ".", ":", "/", "2"]
        var names: Set<String> = []
        var keys = [""]
        for _ in 0..<5 {
            keys = keys.flatMap { key in characters.map { key + $0 } }
            for key in keys { if let name = object("p", key) { names.insert(name) } }
        }
        #expect(names.count == 6 + 36 + 216 + 1_296 + 7_776)
        #expect(names.allSatisfy { !$0.contains("//") && !$0.contains("/../") && !$0.hasSuffix("/") })
    }

    @Test("is found by every prefix of its key, and by no other")
    func prefixes() throws {
        let layout = ObjectLayout(path: "p")
        let long = String(repeating: "k", count: 450)
        for key in ["team-a:0123", "a/b::c", "50%:%2F%", "..:.:x", "a:", long, "a:\(long):.."] {
            let object = try #require(layout.object(key.utf8))
            for length in 0...key.utf8.count {
                let prefix = Array(key.utf8.prefix(length))
                let listing = try #require(layout.listing(prefix))
                #expect(object.hasPrefix(listing) && layout.covers(object, prefix), "\(key) \(length)")
            }
            #expect(!layout.covers(object, (key + "x").utf8) && !layout.covers(object, "other".utf8))
        }
        #expect(layout.listing("team-a".utf8) == "p/team-a" && layout.listing("a:..".utf8) == "p/a/")
        #expect(!layout.covers("elsewhere/a", "a".utf8))
        #expect(!layout.covers("p/a%b", "a".utf8), "no key has such a name")
    }

    @Test("has LiteLLM's headers, with an end where there is one")
    func metadata() {
        let some = ObjectMetadata(object: "p/k", ttlMilliseconds: 90_000, now: 1_440_938_160).headers
        #expect(
            some.map(\.name) == ["cache-control", "content-disposition", "content-language", "content-type", "expires"]
        )
        #expect(
            some.map(\.value) == [
                "immutable, max-age=90, s-maxage=90", "inline; filename=\"p/k.json\"", "en", "application/json",
                "Sun, 30 Aug 2015 12:37:30 GMT",
            ]
        )
        let none = ObjectMetadata(object: "k\"\u{1}é", ttlMilliseconds: 0, now: 0).headers
        #expect(none.map(\.name).contains("expires") == false)
        #expect(none.first?.value == "immutable, max-age=31536000, s-maxage=31536000")
        #expect(none.dropFirst().first?.value == "inline; filename=\"k___.json\"")
        #expect(
            ObjectMetadata(object: "k", ttlMilliseconds: 1, now: 0).headers.first?.value.contains("max-age=1,") == true
        )
    }

    @Test(
        "ends in the year 9999 at the latest, however long it may live",
        arguments: [1 << 53, UInt64.max - 998, .max]
    )
    func ages(ttl: UInt64) {
        let headers = ObjectMetadata(object: "k", ttlMilliseconds: ttl, now: 1_440_938_160).headers
        let end = headers.first { $0.name == "expires" }?.value
        #expect(end == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(!ObjectMetadata.isExpired(end, now: 1_440_938_160))
    }

    @Test("is over at its Expires, and never where that is no date")
    func expiry() {
        let end = "Sun, 30 Aug 2015 12:36:00 GMT"
        #expect(!ObjectMetadata.isExpired(end, now: 1_440_938_159))
        #expect(ObjectMetadata.isExpired(end, now: 1_440_938_160))
        #expect(!ObjectMetadata.isExpired("0", now: .max))
        #expect(!ObjectMetadata.isExpired(nil, now: .max))
    }
}
