import Foundation
import Testing

/// Images and audio, which are cached where the configuration lists them.
@Suite("Images and audio", .timeLimit(.minutes(2)))
struct MediaCacheTests {
    private static let listed = """
        model_list:
          - model_name: voice
            litellm_params: {model: openai/tts-1, api_base: UPSTREAM/v1, api_key: sk-upstream}
          - model_name: gpt-4
            litellm_params: {model: openai/gpt-4-0613, api_base: UPSTREAM/v1, api_key: sk-upstream}
        litellm_settings:
          cache: True
          cache_params:
            type: local
            max_entry_size: 64KB
            supported_call_types: [speech, atranscription, translation, image_generation, image_edit, image_variation]
        general_settings:
          default_deployment: gpt-4

        """

    /// Says in bytes that are no text which answer this is, and in what the request asked for.
    private static let script: RecordingUpstream.Script = { request, number in
        if request.uri.contains("/images/") {
            return .json(#"{"created":1,"data":[{"b64_json":"\#(number)"}]}"#)
        }
        return Answer(
            headers: [("content-type", request.uri.contains("/speech") ? "audio/mpeg" : "text/plain; charset=utf-8")],
            body: .bytes([0xFF, 0xFB, 0x00, UInt8(number)])
        )
    }

    private func withMedia(
        _ configuration: String = listed,
        _ body: (GatewayProcess, RecordingUpstream) async throws -> Void
    ) async throws {
        try await withGateway(configuration) { gateway, upstream async throws in
            upstream.answer(Self.script)
            try await body(gateway, upstream)
        }
    }

    private static func form(
        _ fields: [(String, String)],
        file: String = "RIFF",
        named fileName: String = "a.wav",
        boundary: String = "XyZ"
    ) -> String {
        let parts = fields.map { name, value in
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        return parts.joined() + "--\(boundary)\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"\(fileName)\"\r\n"
            + "Content-Type: audio/wav\r\n\r\n\(file)\r\n--\(boundary)--\r\n"
    }

    private static func type(_ boundary: String = "XyZ") -> [String: String] {
        ["Content-Type": "multipart/form-data; boundary=\(boundary)"]
    }

    @Test("are answered from the cache byte for byte, with their content type")
    func json() async throws {
        try await withMedia { gateway, upstream async throws in
            let speech = #"{"model":"voice","input":"hello","voice":"alloy"}"#
            for hit in [false, true] {
                let answer = try await gateway.post("/v1/audio/speech", speech)
                #expect(answer.isHit == hit && answer.body == [0xFF, 0xFB, 0x00, 1], "\(answer.cacheStatus)")
                #expect(answer["content-type"] == "audio/mpeg")
            }
            #expect(upstream.requests[0].json["model"].string == "tts-1")
            #expect(upstream.requests[0].uri == "/v1/audio/speech")
            // What has another voice, LiteLLM's members or a key of its own.
            #expect(!(try await gateway.post("/v1/audio/speech", speech.replacing("alloy", with: "echo"))).isHit)
            #expect(try await gateway.post("/v1/audio/speech", String(speech.dropLast() + #","tags":["a"]}"#)).isHit)
            let named = String(speech.dropLast() + #","cache_key":"k"}"#)
            #expect(!(try await gateway.post("/v1/audio/speech", named)).isHit)
            #expect(try await gateway.post("/v1/audio/speech", named.replacing("hello", with: "bye")).isHit)
            let image = #"{"model":"gpt-4","prompt":"a cat"}"#
            #expect(try await gateway.post("/v1/images/generations", image).json["data"][0]["b64_json"].string == "4")
            #expect(try await gateway.post("/openai/deployments/gpt-4/images/generations?api-version=1", image).isHit)
            // Without a model it is the default deployment's, as it is.
            let unnamed = try await gateway.post("/v1/images/generations", #"{"prompt":"a cat"}"#)
            #expect(unnamed.status == 200 && upstream.requests.last?.text == #"{"prompt":"a cat"}"#)
            #expect(try await gateway.post("/v1/images/generations", #"{"prompt":"a cat"}"#).isHit)
            #expect(upstream.calls == 5)
        }
    }

    @Test(
        "in forms are the same whatever the boundary, and reach the provider with its model and without LiteLLM's parts"
    )
    func forms() async throws {
        try await withMedia { gateway, upstream async throws in
            func ask(_ path: String, _ form: String, _ boundary: String = "XyZ") async throws -> Response {
                try await gateway.post(path, form, headers: Self.type(boundary))
            }
            let path = "/v1/audio/transcriptions"
            let first = try await ask(path, Self.form([("model", "voice"), ("tags[]", "a"), ("language", "de")]))
            #expect(first.body == [0xFF, 0xFB, 0x00, 1] && first.cacheStatus == "gateway; fwd=miss; stored")
            let request = try #require(upstream.requests.first)
            #expect(request.text == Self.form([("model", "tts-1"), ("language", "de")]))
            #expect(request["content-type"] == "multipart/form-data; boundary=XyZ" && request.uri == path)
            #expect(request["authorization"] == "Bearer sk-upstream")
            let fields = [("model", "voice"), ("language", "de")]
            let again = try await ask(path, Self.form(fields, named: "other.wav", boundary: "Other"), "Other")
            #expect(again.isHit && again.body == first.body && again["content-type"] == "text/plain; charset=utf-8")
            for form in [
                Self.form(fields, file: "RIFX"), Self.form(fields, named: "a.mp3"), Self.form([fields[0]]),
                Self.form([fields[0], ("language", "en")]), Self.form([("model", "gpt-4"), fields[1]]),
            ] {
                #expect(!(try await ask(path, form)).isHit)
            }
            #expect(!(try await ask("/v1/audio/translations", Self.form(fields))).isHit)
            // A large one is read on another thread.
            let large = Self.form(fields, file: String(repeating: "x", count: 300_000))
            #expect(try await ask(path, large).wasForwarded("miss"))
            #expect(try await ask(path, large).isHit)
            #expect(upstream.requests.last?.text == large.replacing("voice", with: "tts-1"))
            for other in ["/v1/images/edits", "/v1/images/variations"] {
                #expect(try await ask(other, Self.form(fields)).wasForwarded("miss"))
                #expect(try await ask(other, Self.form(fields)).isHit)
            }
            #expect(upstream.calls == 10)
        }
    }

    @Test("as streams, in forms that cannot be read, of two models or of none that there is, are not cached")
    func uncached() async throws {
        try await withMedia { gateway, upstream async throws in
            let path = "/v1/audio/transcriptions"
            let forms: [(String, String)] = [
                (Self.form([("model", "voice"), ("stream", "true")]), "gateway; fwd=bypass; detail=stream"),
                (Self.form([("model", "voice"), ("model", "gpt-4")]), "gateway; fwd=bypass"),
                ("--XyZ\r\n", "gateway; fwd=bypass"),
                (Self.form([("model", "voice"), ("caching", "false")]), "gateway; fwd=request"),
            ]
            for (form, status) in forms + forms {
                #expect(try await gateway.post(path, form, headers: Self.type()).cacheStatus == status)
            }
            let speech = #"{"model":"voice","input":"hello","voice":"alloy","stream_format":"sse"}"#
            for _ in 0..<2 {
                let answer = try await gateway.post("/v1/audio/speech", speech)
                #expect(answer.cacheStatus == "gateway; fwd=bypass; detail=stream")
            }
            #expect(upstream.calls == 10)
            let unknown = try await gateway.post(path, Self.form([("model", "nope")]), headers: Self.type())
            #expect(unknown.status == 404 && unknown.json["error"]["code"].string == "model_not_found")
            let wrong = try await gateway.post(
                path,
                Self.form([("model", "voice"), ("cache_key", "")]),
                headers: Self.type()
            )
            #expect(wrong.status == 400 && wrong.json["error"]["param"].string == "cache_key")
            // What is no form reaches the provider as it is.
            let json = try await gateway.post("/v1/images/edits", #"{"model":"voice","images":[]}"#)
            #expect(json.cacheStatus == "gateway; fwd=bypass")
            #expect(upstream.requests.last?.text == #"{"model":"tts-1","images":[]}"#)
        }
    }

    @Test("larger than an entry may be are delivered whole and not stored, and so are failures")
    func unstored() async throws {
        try await withMedia { gateway, upstream async throws in
            let speech = #"{"model":"voice","input":"long","voice":"alloy"}"#
            let long = [UInt8](repeating: 0xFB, count: 200_000)
            upstream.answer(with: Answer(headers: [("content-type", "audio/mpeg")], body: .bytes(long)))
            for _ in 0..<2 {
                let answer = try await gateway.post("/v1/audio/speech", speech)
                #expect(answer.body == long && answer.cacheStatus == "gateway; fwd=miss")
            }
            for answer in [
                Answer.json(#"{"error":{"message":"no"}}"#), .json(#"{"text":"#),
                Answer(headers: [], body: .bytes([1, 2])),
            ] {
                upstream.answer(with: answer)
                for _ in 0..<2 {
                    #expect(try await gateway.post("/v1/audio/speech", speech).cacheStatus == "gateway; fwd=miss")
                }
            }
            #expect(upstream.calls == 8)
        }
    }

    @Test("that are asked for by many at once are one call")
    func sharedCall() async throws {
        try await withMedia { gateway, upstream async throws in
            let gate = Gate()
            upstream.answer { _, _ in
                var answer = Answer(headers: [("content-type", "audio/mpeg")], body: .bytes([1, 2, 3]))
                answer.gate = gate
                return answer
            }
            let form = Self.form([("model", "voice")])
            try await withThrowingTaskGroup(of: Response.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await gateway.post("/v1/audio/transcriptions", form, headers: Self.type())
                    }
                }
                try await upstream.arrival(of: 1)
                try await Task.sleep(for: .milliseconds(200))
                gate.open()
                for try await answer in group { #expect(answer.body == [1, 2, 3]) }
            }
            #expect(upstream.calls == 1)
        }
    }

    @Test("are passed on where the configuration does not list them, as everything else is")
    func passedOn() async throws {
        let usual = Configurations.local + "general_settings:\n  default_deployment: gpt-4\n"
        try await withMedia(usual) { gateway, upstream async throws in
            let speech = #"{"model":"gpt-4","input":"hello","voice":"alloy"}"#
            let form = Self.form([("model", "gpt-4"), ("tags[]", "a")])
            for _ in 0..<2 {
                let answer = try await gateway.post("/v1/audio/speech?a=b", speech)
                #expect(answer.cacheStatus == "gateway; fwd=bypass" && answer["content-type"] == "audio/mpeg")
                let other = try await gateway.post("/v1/audio/transcriptions", form, headers: Self.type())
                #expect(other.cacheStatus == "gateway; fwd=bypass")
            }
            #expect(upstream.calls == 4 && upstream.requests[0].uri == "/v1/audio/speech?a=b")
            #expect(upstream.requests[1].text == form.replacing("gpt-4", with: "gpt-4-0613"))
        }
    }

    @Test("are what the openai package makes of them, missed and hit, sync and async")
    func package() async throws {
        try await withMedia { gateway, upstream async throws in
            upstream.answer { request, number in
                if request.uri.contains("/speech") {
                    return Answer(headers: [("content-type", "audio/mpeg")], body: .bytes([0xFF, 0xFB, UInt8(number)]))
                }
                if request.text.contains("srt") {
                    return Answer(headers: [("content-type", "text/plain")], body: .bytes(Array("\(number)".utf8)))
                }
                return request.uri.contains("/images/")
                    ? .json(#"{"created":1,"data":[{"b64_json":"\#(number)"}]}"#) : .json(#"{"text":"\#(number)"}"#)
            }
            let lines = try await Python.run(
                """
                import asyncio, io, json, openai
                client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key='x', max_retries=0)
                other = openai.AsyncOpenAI(base_url='\(gateway.url)/v1', api_key='x', max_retries=0)
                def recording():
                    file = io.BytesIO(b'RIFF' * 50_000)
                    file.name = 'talk.wav'
                    return file
                speech = dict(model='voice', input='hello', voice='alloy')
                image = dict(model='gpt-4', prompt='a cat')
                async def alike():
                    await other.audio.speech.create(**speech)
                    text = await other.audio.transcriptions.create(model='voice', file=recording())
                    picture = await other.images.generate(**image)
                    await other.close()
                    return [text.text, picture.data[0].b64_json]
                for _ in range(2):
                    print(client.audio.speech.create(**speech).read().hex())
                    print(client.audio.transcriptions.create(model='voice', file=recording()).text)
                    print(client.audio.transcriptions.create(model='voice', file=recording(), response_format='srt'))
                    print(client.audio.translations.create(model='voice', file=recording()).text)
                    print(client.images.generate(**image).data[0].b64_json)
                    print(client.images.edit(model='gpt-4', image=recording(), prompt='blue').data[0].b64_json)
                print(*asyncio.run(alike()))
                raw = client.audio.transcriptions.with_raw_response
                for extra in [{}, {'tags': ['a'], 'litellm_trace_id': 't'}, {'cache_key': 'k'}]:
                    answer = raw.create(model='voice', file=recording(), extra_body=extra)
                    print(answer.headers['cache-status'].split(';')[1].strip())
                """
            )
            let answers = ["fffb01", "2", "3", "4", "5", "6"]
            #expect(lines == answers + answers + ["2 5", "hit", "hit", "fwd=miss"])
            #expect(upstream.calls == 7)
        }
    }
}
