import CallTypes
import JSON
import Testing

@testable import ResponseCache

@Suite("Cache controls")
struct CacheControlsTests {
    private func read(_ text: String) throws -> CacheControls {
        let body = try document(text)
        return try CacheControls(object: body.root, in: body)
    }

    private func header(_ values: String...) -> CacheControls {
        var controls = CacheControls()
        for value in values { controls.add(cacheControl: value) }
        return controls
    }

    @Test("every member of the cache object is read")
    func members() throws {
        let controls = try read(
            #"{"ttl":1.5,"s-maxage":20,"no-cache":true,"no-store":true,"use-cache":true,"namespace":"té"}"#
        )
        #expect(controls.timeToLive == 1500)
        #expect(controls.limits.maxAge == 20_000)
        #expect(controls.noCache && controls.noStore && controls.useCache)
        #expect(controls.namespace == "té")
        #expect(try read(#"{"s-max-age":3}"#).limits.maxAge == 3000)
        #expect(try read(#"{"s-max-age":3,"s-maxage":2}"#).limits.maxAge == 2000)
        #expect(try read(#"{"ttl":1e999}"#).timeToLive == Milliseconds.longest)
    }

    @Test("tags are read as bytes, and are bounded in number and length")
    func tags() throws {
        #expect(try read(#"{"tags":["a","\u00fc"]}"#).tags == [Array("a".utf8), Array("ü".utf8)])
        #expect(try read(#"{"tags":null}"#).tags.isEmpty && read(#"{"tags":[]}"#).tags.isEmpty)
        func text(_ count: Int, _ length: Int) -> String {
            let tag = "\"" + String(repeating: "x", count: length) + "\""
            return #"{"tags":["# + [String](repeating: tag, count: count).joined(separator: ",") + "]}"
        }
        let tags = try read(text(CacheControls.mostTags, CacheControls.longestTag)).tags
        #expect(tags.count == CacheControls.mostTags && tags[0].count == CacheControls.longestTag)
        for (count, length, code) in [
            (CacheControls.mostTags + 1, 1, CacheControlsError.Code.tooManyTags),
            (1, CacheControls.longestTag + 1, .tagLength), (1, 100_000, .tagLength),
        ] {
            let error = #expect(throws: CacheControlsError.self) { try read(text(count, length)) }
            #expect(error?.code == code && error?.member == "cache.tags")
        }
    }

    @Test("null, false and unknown members are as good as absent")
    func absent() throws {
        let text =
            #"{"ttl":null,"s-maxage":null,"no-cache":false,"no-store":null,"use-cache":false,"namespace":null,"x":[1]}"#
        #expect(try read(text) == CacheControls())
        #expect(try read("null") == CacheControls())
        #expect(try CacheControls(object: nil, in: JSONDocument()) == CacheControls())
    }

    @Test(
        "a wrong type or a negative number names the member and its byte",
        arguments: [
            (#"{"ttl":"60"}"#, CacheControlsError.Code.notANumber, "cache.ttl", 7),
            (#"{"ttl":-1}"#, .negative, "cache.ttl", 7),
            (#"{"ttl":true}"#, .notANumber, "cache.ttl", 7),
            (#"{"s-maxage":-0.5}"#, .negative, "cache.s-maxage", 12),
            (#"{"s-max-age":[]}"#, .notANumber, "cache.s-max-age", 13),
            (#"{"no-cache":1}"#, .notABoolean, "cache.no-cache", 12),
            (#"{"no-store":"true"}"#, .notABoolean, "cache.no-store", 12),
            (#"{"use-cache":{}}"#, .notABoolean, "cache.use-cache", 13),
            (#"{"namespace":5}"#, .notAString, "cache.namespace", 13),
            (#"{"namespace":""}"#, .namespaceLength, "cache.namespace", 13),
            (#"{"tags":"a"}"#, .notAListOfTags, "cache.tags", 8),
            (#"{"tags":["a",7]}"#, .notAListOfTags, "cache.tags", 13),
            (#"{"tags":[""]}"#, .tagLength, "cache.tags", 9),
            ("[]", .notAnObject, "cache", 0),
        ]
    )
    func errors(_ text: String, _ code: CacheControlsError.Code, _ member: String, _ offset: Int) throws {
        let expected = CacheControlsError(code: code, member: member, offset: offset)
        #expect(throws: expected) { try read(text) }
        #expect("\(expected)".contains("'\(member)'"))
    }

    @Test("a member's name has at most 64 bytes")
    func nameLength() throws {
        #expect(try read(#"{"\#(String(repeating: "n", count: 64))":1}"#) == CacheControls())
        for name in [String(repeating: "n", count: 65), String(repeating: "\u{301}", count: 1 << 20)] {
            for value in ["1", "null"] {
                let expected = CacheControlsError(code: .nameTooLong, member: "cache", offset: 9)
                #expect(throws: expected) { try read(#"{"ttl":1,"\#(name)":\#(value)}"#) }
                #expect("\(expected)".contains("64 bytes"))
            }
        }
    }

    @Test("names are compared byte by byte: what only looks alike is another name")
    func lookalikes() throws {
        #expect(try read(#"{"ttl\u0301":"x","no-cache\u200b":1}"#) == CacheControls())
        #expect(try read(#"{"\u0074tl":1}"#).timeToLive == 1000)
        #expect(!header("no-cache\u{301}").noCache)
        #expect(header("no-cache\u{301}, NO-cache").noCache)
    }

    @Test("a namespace has at most 256 bytes")
    func namespaceLength() throws {
        #expect(try read(#"{"namespace":"\#(String(repeating: "n", count: 256))"}"#).namespace?.count == 256)
        #expect(throws: CacheControlsError.self) {
            try read(#"{"namespace":"\#(String(repeating: "n", count: 257))"}"#)
        }
    }

    @Test("request directives count in any case, quoted or not, over several lines")
    func directives() {
        let controls = header("No-Cache , max-age=\"60\"", "NO-STORE,only-if-cached, Max-Stale=5")
        #expect(controls.noCache && controls.noStore && controls.onlyIfCached)
        #expect(controls.limits == FreshnessLimits(maxAge: 60_000, maxStale: .upTo(5000)))
        #expect(header("max-stale").limits.maxStale == .any)
        #expect(header("min-fresh=5, Min-Fresh=\"9\", min-fresh=7").limits.minFresh == 9000)
        #expect(header("max-age=99999999999999999999999").limits.maxAge == Milliseconds.longest)
    }

    @Test("directives that nobody knows, or that are badly written, are ignored")
    func ignored() {
        for value in [
            "", ",,,", "=", "=5", "max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=x", "max-stale=x",
            "min-fresh", "min-fresh=-1",
            "no-transform, private=\"no-cache, no-store\"", "ext=\"a\\\"no-store, no-cache\"", "x=\"unended, no-store",
            "max-age=\u{1F600}", "s-maxage=5",
        ] {
            #expect(header(value) == CacheControls(), "\(value)")
        }
    }

    @Test("where body and header differ the stricter counts")
    func merged() throws {
        var controls = try read(#"{"s-maxage":10,"no-cache":true}"#)
        controls.add(cacheControl: "max-age=60, no-store, max-stale, max-stale=9")
        #expect(controls.noCache && controls.noStore)
        #expect(controls.limits == FreshnessLimits(maxAge: 10_000, maxStale: .upTo(9000)))
        controls.add(cacheControl: "max-age=1")
        #expect(controls.limits.maxAge == 1000)
    }

    @Test("Pragma: no-cache forbids reading and nothing else does")
    func pragma() {
        var controls = CacheControls()
        controls.add(pragma: "x, max-age=1")
        #expect(controls == CacheControls())
        controls.add(pragma: "No-Cache")
        #expect(controls.noCache)
    }

    @Test("the mode and the call types decide whether the cache is used at all")
    func policy() {
        let calls = CallTable(
            ["one", "other"].map { CallDefinition(name: $0, configuredNames: [$0], upstreamPath: "/\($0)") }
        )
        let (one, other) = (calls.all[0], calls.all[1])
        var wanted = CacheControls()
        wanted.useCache = true
        let optIn = CachePolicy(optIn: true, callTypes: CallTypeSet([one]))
        #expect(optIn.use(of: one, CacheControls()).isBypassed)
        #expect(optIn.use(of: other, wanted).isBypassed)
        #expect(optIn.use(of: one, wanted) == CacheUse(mayRead: true, mayStore: true, isBypassed: false))
        let always = CachePolicy()
        #expect(
            always.use(of: other, header("no-cache"))
                == CacheUse(mayRead: false, mayStore: true, isBypassed: false)
        )
        #expect(
            always.use(of: other, header("no-store"))
                == CacheUse(mayRead: true, mayStore: false, isBypassed: false)
        )
    }
}
