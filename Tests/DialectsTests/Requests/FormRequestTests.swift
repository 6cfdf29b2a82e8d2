import Dialects
import HTTPSyntax
import ResponseCache
import Testing

@Suite("A request that is a form") struct FormRequestTests {
    private static let call = DialectTable([OpenAI.dialect]).calls.first { $0.path == "/audio/transcriptions" }

    private static func part(_ name: String, _ content: String, _ more: String = "", type: String? = nil) -> String {
        "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n"
            + (type.map { "Content-Type: \($0)\r\n" } ?? "") + "\r\n\(content)\r\n"
    }

    private static let model = part("model", "whisper-1")
    private static let file = part("file", "RIFF", #"; filename="a.wav""#, type: "audio/wav")

    private func read(_ parts: [String], pathModel: String? = nil) throws -> (FormRequest, [UInt8]) {
        let (request, bytes) = try optional(parts, pathModel: pathModel)
        return (try #require(request), bytes)
    }

    private func optional(_ parts: [String], pathModel: String? = nil) throws -> (FormRequest?, [UInt8]) {
        let form = try #require(Self.call).request
        let bytes = Array((parts.joined() + "--B--\r\n").utf8)
        let request = try bytes.withUnsafeBytes { body -> FormRequest? in
            try MultipartForm(body, boundary: Array("B".utf8))?.readRequest(body, form, pathModel: pathModel)
        }
        return (request, bytes)
    }

    private func key(_ parts: [String]) throws -> CacheKey {
        let (request, bytes) = try read(parts)
        let builder = try CacheKeyBuilder()
        let material = try CanonicalKeyTests.material()
        return try bytes.withUnsafeBytes {
            try builder.key(for: material, form: request.keyed.map { ($0.labels, $0.content) }, of: $0)
        }
    }

    @Test("names its model in a part, in the path, or not at all")
    func models() throws {
        let (request, bytes) = try read([Self.file, Self.model])
        #expect(request.read.model == "whisper-1")
        guard case .form(let range?) = request.read.modelPlace else {
            Issue.record("no place")
            return
        }
        #expect(bytes[range].elementsEqual("whisper-1".utf8))
        #expect(try read([Self.model], pathModel: "azure").0.read.model == "azure")
        #expect(try read([Self.file]).0.read.model == "")
        // A file of that name is none, and of two, servers take one or the other.
        #expect(try read([Self.part("model", "x", #"; filename="m""#)]).0.read.model == "")
        #expect(try optional([Self.model, Self.model]).0 == nil)
        #expect(throws: RequestError.self) { try read([Self.part("model", String(repeating: "m", count: 1025))]) }
    }

    @Test(
        "has another key if a part has another name, type, extension, content or place",
        arguments: [
            [file.replacing("file", with: "fil")], [file.replacing("audio/wav", with: "audio/x")],
            [file.replacing("a.wav", with: "a.mp3")], [file.replacing("RIFF", with: "RIFX")],
            [file.replacing("a.wav", with: "a")], [file, part("language", "de")], [part("language", "de"), file], [],
            [part("file", "RIFF", type: "audio/wav")], [file, file],
        ]
    )
    func otherKeys(parts: [String]) throws {
        #expect(try key([Self.model] + parts) != key([Self.model, Self.file]))
    }

    @Test("has the same key under another boundary, and with another name of the file before its extension")
    func sameKey() throws {
        let same = try key([Self.model, Self.file])
        #expect(try key([Self.model, Self.file.replacing("a.wav", with: "tmp/93b1.x.wav")]) == same)
        let form = try #require(Self.call).request
        let other = Array((Self.model + Self.file + "--B--").replacing("--B", with: "--longer").utf8)
        let key = try other.withUnsafeBytes { body -> CacheKey? in
            guard let read = try MultipartForm(body, boundary: Array("longer".utf8))?.readRequest(body, form) else {
                return nil
            }
            return try CacheKeyBuilder().key(
                for: CanonicalKeyTests.material(),
                form: read.keyed.map { ($0.labels, $0.content) },
                of: body
            )
        }
        #expect(key == same)
    }

    @Test("does not let a byte move from one part to the next")
    func boundaries() throws {
        let keys = try [[("a", "bc"), ("d", "e")], [("a", "b"), ("cd", "e")], [("a", "bcd"), ("", "e")]].map { parts in
            try key(parts.map { Self.part($0.0, $0.1) })
        }
        #expect(Set(keys).count == 3)
    }

    @Test(
        "loses the parts for the gateway alone, whether they are values or lists, and no others",
        arguments: [
            "tags", "tags[]", "litellm_metadata[a]", "cache[ttl]", "metadata", "metadata[a]", "num_retries",
            "mock_response",
            "api_key", "fallbacks[]",
        ]
    )
    func cuts(name: String) throws {
        for parts in [[name, "prompt"], ["prompt", name], [name, "prompt", name, name]] {
            let (request, bytes) = try read([Self.model] + parts.map { Self.part($0, "x") })
            let rest = bytes.without(request.read.cuts)
            #expect(String(decoding: rest, as: UTF8.self) == Self.model + Self.part("prompt", "x") + "--B--\r\n")
            #expect(
                try key([Self.model] + parts.map { Self.part($0, "x") }) == key([Self.model, Self.part("prompt", "x")])
            )
        }
        let kept = ["timestamp_granularities[]", "image[]", "response_format", "language", "tagss", "x[tags]", "user"]
        #expect(try read(kept.map { Self.part($0, "x") }).0.read.cuts.isEmpty)
    }

    @Test("may switch the cache off, name its key, and ask for a stream, which is not cached")
    func controls() throws {
        #expect(try read([Self.part("caching", "false")]).0.read.isCachingOff)
        #expect(try !read([Self.part("caching", "true")]).0.read.isCachingOff)
        #expect(try read([Self.part("cache_key", "k")]).0.cacheKey == Array("k".utf8))
        for key in ["", String(repeating: "k", count: 1025)] {
            #expect(throws: RequestError.self) { try read([Self.part("cache_key", key)]) }
        }
        for (value, isStream) in [("true", true), ("True", true), ("1", true), ("", true), ("false", false)] {
            let request = try read([Self.part("stream", value)]).0
            #expect(request.read.isStream == isStream && (request.bypass == .stream) == isStream, "\(value)")
        }
    }
}
