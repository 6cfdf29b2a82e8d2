import Testing

/// Embeddings are cached input by input.
@Suite("Embeddings", .timeLimit(.minutes(1)))
struct EmbeddingTests {
    /// The vectors in the order of the answer, after checking that the indices count from 0.
    private func vectors(_ answer: Response) -> [[Double]] {
        let data = answer.json["data"].array
        #expect(data.map { $0["index"].int } == Array(data.indices))
        return data.map { $0["embedding"].array.compactMap(\.double) }
    }

    @Test("Only the inputs that are not cached go upstream; order and index are the request's, usage is the sum")
    func partialHit() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.embed(["aa", "c"])
            let mixed = try await gateway.embed(["bbb", "aa", "dddd", "c"])
            #expect(mixed.status == 200)
            #expect(upstream.requests.last?.json["input"].array.map(\.string) == ["bbb", "dddd"])
            #expect(vectors(mixed) == [[3.5, 98], [2.5, 97], [4.5, 100], [1.5, 99]])
            #expect(mixed.json["usage"]["prompt_tokens"].int == 12)
            #expect(mixed.json["usage"]["total_tokens"].int == 12)
            #expect(mixed.json["object"].string == "list")
            #expect(mixed.json["model"].string == "text-embedding-ada-002")
        }
    }

    @Test("A batch whose every input is cached is a hit, in any order")
    func fullHit() async throws {
        try await withGateway { gateway, upstream async throws in
            let miss = try await gateway.embed(["aa", "c"])
            #expect(miss.wasForwarded("miss"))
            let hit = try await gateway.embed(["c", "aa"])
            #expect(hit.isHit)
            #expect(vectors(hit) == [[1.5, 99], [2.5, 97]])
            #expect(hit.json["usage"]["total_tokens"].int == 6)
            #expect(upstream.calls == 1)
        }
    }

    @Test("One input alone and the same one in a list are the same entry")
    func stringInput() async throws {
        try await withGateway { gateway, upstream async throws in
            let alone = try await gateway.post(
                "/embeddings",
                #"{"model":"text-embedding-ada-002","input":"aa"}"#
            )
            #expect(vectors(alone) == [[2.5, 97]])
            #expect(try await gateway.embed(["aa"]).isHit)
            #expect(upstream.calls == 1)
        }
    }

    @Test("Other parameters of the request are part of the key")
    func parameters() async throws {
        try await withGateway { gateway, upstream async throws in
            _ = try await gateway.embed(["aa"])
            _ = try await gateway.embed(["aa"], #""dimensions":8"#)
            #expect(upstream.calls == 2)
            #expect(try await gateway.embed(["aa"], #""dimensions":8"#).isHit)
        }
    }

    @Test("The same input twice in one batch gets the same vector twice")
    func repeatedInput() async throws {
        try await withGateway { gateway, _ async throws in
            #expect(vectors(try await gateway.embed(["aa", "aa"])) == [[2.5, 97], [2.5, 97]])
            let hit = try await gateway.embed(["aa", "c", "aa"])
            #expect(vectors(hit) == [[2.5, 97], [1.5, 99], [2.5, 97]])
        }
    }

    @Test("An answer without usage is stored too, and merged without one")
    func withoutUsage() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer { request, number in
                var answer = Answer.standard(request, number)
                guard case .bytes(let bytes) = answer.body else { return answer }
                let text = String(decoding: bytes, as: UTF8.self)
                answer.body = .bytes(Array(text.replacing(#/,"usage":{[^}]*}/#, with: "").utf8))
                return answer
            }
            let miss = try await gateway.embed(["aa", "c"])
            #expect(miss.cacheStatus == "gateway; fwd=miss; stored" && !miss.text.contains("usage"))
            let hit = try await gateway.embed(["c", "aa"])
            #expect(hit.isHit && vectors(hit) == [[1.5, 99], [2.5, 97]], "\(hit.cacheStatus)")
            #expect(!hit.text.contains("usage"))
            let mixed = try await gateway.embed(["aa", "bbb"])
            #expect(vectors(mixed) == [[2.5, 97], [3.5, 98]] && !mixed.text.contains("usage"))
            #expect(upstream.requests.last?.json["input"].array.map(\.string) == ["bbb"])
            upstream.answer(Answer.standard)
            let told = try await gateway.embed(["aa", "dddd"])
            #expect(vectors(told) == [[2.5, 97], [4.5, 100]])
            #expect(!told.text.contains("usage"), "the usage of only a part would be wrong")
            #expect(upstream.calls == 3)
        }
    }

    @Test("A hit that is past its time by less than a second says ttl=-1")
    func stale() async throws {
        let configuration = Configurations.cached("type: local\nttl: 1\nstale_if_error: 60")
        try await withGateway(configuration) { gateway, upstream async throws in
            _ = try await gateway.embed(["aa"])
            try await Task.sleep(for: .milliseconds(1_050))
            let stale = try await gateway.embed(["aa"], headers: ["Cache-Control": "max-stale"])
            let ttl = try #require(stale.cacheStatus.firstMatch(of: #/ttl=(-?\d+)/#).flatMap { Int($0.output.1) })
            #expect(ttl <= -1, "\(stale.cacheStatus)")
        }
    }
}
