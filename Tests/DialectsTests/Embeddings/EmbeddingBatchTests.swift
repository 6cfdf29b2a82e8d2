import Foundation
import JSON
import NIOCore
import ResponseCache
import SeededRandom
import Testing

@testable import Dialects

@Suite("Embeddings, input by input")
struct EmbeddingBatchTests {
    /// A model that answers every text with different numbers, and bills 3 tokens for each text and 1 for the whole.
    private func upstream(_ texts: [String], shuffled: Bool = false) -> String {
        var items = texts.enumerated().map { index, text in
            #"{"object":"embedding", "index": \#(index) ,"embedding":[\#(text.count).50,-1.0E-2],"note":"\#(text)"}"#
        }
        if shuffled { items.reverse() }
        let tokens = texts.count * 3 + 1
        return #"{"object":"list","data":[\#(items.joined(separator: ","))],"model":"m-1","#
            + #""usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens + 2),"details":{}},"x":[1.0]}"#
    }

    private func batch(_ texts: [String], cached: [String: EmbeddingPart]) throws -> EmbeddingBatch {
        let quoted = texts.map { "\"\($0)\"" }.joined(separator: ", ")
        let request = ByteBuffer(string: "{\"model\":\"m\",\"input\":[\(quoted)]}")
        let document = JSONDocument()
        try document.parse(request)
        let root = try #require(document.root)
        let input = try #require(document.member("input", of: root))
        let inputs = try #require(document.inputs(of: input))
        return EmbeddingBatch(
            inputs: document.texts(of: inputs, in: request),
            keys: try texts.map { try makeKey($0.utf8.reduce(5381) { ($0 &* 33) ^ Int($1) }) },
            cached: texts.map { cached[$0] }
        )
    }

    private func split(_ batch: EmbeddingBatch, _ answer: String) throws -> EmbeddingAnswer? {
        let bytes = ByteBuffer(string: answer)
        let document = JSONDocument()
        try document.parse(bytes)
        return batch.split(document, of: bytes)
    }

    /// Parses an answer that must fit.
    private func fitting(_ batch: EmbeddingBatch, _ answer: String) throws -> EmbeddingAnswer {
        let answer = try split(batch, answer)
        return try #require(answer)
    }

    /// Stores parts and reads them back, by text.
    private func parts(_ texts: [String]) throws -> [String: EmbeddingPart] {
        guard !texts.isEmpty else { return [:] }
        let batch = try batch(texts, cached: [:])
        let answer = try fitting(batch, upstream(texts))
        var parts: [String: EmbeddingPart] = [:]
        for (text, stored) in zip(texts, batch.answersToStore(answer)) {
            let body = stored.answer.body.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
            let part = EmbeddingPart(decoding: body)
            #expect(part != nil)
            parts[text] = part
        }
        return parts
    }

    private struct Answer: Decodable {
        struct Item: Decodable {
            let object: String
            let index: Int
            let note: String
        }
        struct Usage: Decodable, Equatable {
            let promptTokens: Int
            let totalTokens: Int
        }
        let object: String
        let data: [Item]
        let model: String
        let usage: Usage
        let x: [Double]?
    }

    @Test(
        "an answer that says that the model failed is not parsed",
        arguments: [
            (#""x":[1.0]"#, #""x":[1.0],"error":{"message":"no"}"#), (#""note":"a""#, #""note":"a","error":"no""#),
            (#""embedding":[1.50,-1.0E-2]"#, #""embedding":[]"#),
            (#""embedding":[1.50,-1.0E-2]"#, #""embedding":null"#),
        ]
    )
    func failed(part: String, failure: String) throws {
        let batch = try batch(["a"], cached: [:])
        #expect(try split(batch, upstream(["a"])) != nil)
        #expect(try split(batch, upstream(["a"]).replacing(part, with: failure)) == nil)
        #expect(try split(batch, upstream(["a"]).replacing(#""x":[1.0]"#, with: #""error":null"#)) != nil)
    }

    @Test("any subset cached, with repeated inputs: order, index and usage are right", arguments: 0..<300)
    func generated(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let words = (0..<8).map { String(repeating: "w\($0)", count: Int.random(in: 1...9, using: &random)) }
        let texts = (0..<Int.random(in: 1...12, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        let known = words.filter { _ in Bool.random(using: &random) }
        let cached = try parts(known)
        let batch = try batch(texts, cached: cached)

        let asked = try JSONDecoder().decode([String].self, from: Data(batch.upstreamInput.readableBytesView))
        let missing = texts.filter { cached[$0] == nil }
        #expect(batch.isFullHit == missing.isEmpty)
        #expect(batch.isFullMiss == (asked.count == texts.count))
        if missing.count < texts.count { #expect(Set(asked).count == asked.count) }
        #expect(Set(asked) == Set(missing))

        let fresh = missing.isEmpty ? nil : try fitting(batch, upstream(asked, shuffled: true))
        let merged = try #require(batch.answer(with: fresh))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try decoder.decode(Answer.self, from: Data(merged.readableBytesView))
        #expect(answer.object == "list" && answer.model == "m-1")
        #expect(answer.data.map(\.note) == texts)
        #expect(answer.data.map(\.index) == Array(texts.indices))
        #expect(answer.data.allSatisfy { $0.object == "embedding" })
        #expect((answer.x == nil) == missing.isEmpty)
        for text in texts { #expect(String(buffer: merged).contains("[\(text.count).50,-1.0E-2]")) }

        let shares = fresh.map { fresh in
            #expect(fresh.parts.reduce(0) { $0 + ($1.usage?.promptTokens ?? 0) } == UInt64(asked.count * 3 + 1))
            #expect(fresh.parts.reduce(0) { $0 + ($1.usage?.totalTokens ?? 0) } == UInt64(asked.count * 3 + 3))
            return Dictionary(zip(asked, fresh.parts.compactMap(\.usage)), uniquingKeysWith: { first, _ in first })
        }
        if Set(texts).count == texts.count {
            let usages = texts.compactMap { cached[$0]?.usage ?? shares?[$0] }
            #expect(answer.usage.promptTokens == usages.reduce(0) { $0 + Int($1.promptTokens) })
            #expect(answer.usage.totalTokens == usages.reduce(0) { $0 + Int($1.totalTokens) })
        }
    }

    @Test(
        "an answer that does not fit the request is not parsed",
        arguments: [
            "[]", "{}", #"{"data":[]}"#,
            #"{"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":0,"embedding":""},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":-1,"embedding":[1]},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
            #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}],"usage":{"prompt_tokens":-1,"total_tokens":1}}"#,
        ]
    )
    func unfit(_ answer: String) throws {
        #expect(try split(try batch(["a", "b"], cached: [:]), answer) == nil)
    }

    @Test(
        "an answer without usage is parsed and stored, and the answer that is merged from it has none",
        arguments: ["", #","usage":null"#, #","usage":{}"#, #","usage":{"total_tokens":3}"#, #","usage":"none""#]
    )
    func withoutUsage(usage: String) throws {
        let pair = try batch(["a", "b"], cached: [:])
        let text = #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}]\#(usage)}"#
        let answer = try #require(try split(pair, text))
        let stored = pair.answersToStore(answer).map { answer in
            answer.answer.body.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
        }
        let parts = stored.compactMap { EmbeddingPart(decoding: $0) }
        #expect(parts.count == 2 && parts.allSatisfy { $0.usage == nil })
        let told = try #require(try self.parts(["c"])["c"])
        let whole = try batch(["b", "c"], cached: ["b": parts[1], "c": told])
        let merged = try #require(whole.answer())
        #expect(String(buffer: merged).contains(#""index":0,"embedding":[2]"#), "\(String(buffer: merged))")
        #expect(!String(buffer: merged).contains("usage"))
    }

    @Test("a partial hit asks for what is missing and has its own and the upstream's text, byte for byte")
    func bytes() throws {
        let batch = try batch(["b", "a", "c"], cached: try parts(["a"]))
        #expect(String(buffer: batch.upstreamInput) == #"["b","c"]"#)
        let answer = try #require(batch.answer(with: try fitting(batch, upstream(["b", "c"]))))
        let data = zip(0..<3, ["b", "a", "c"]).map { index, text in
            #"{"object":"embedding", "index": \#(index) ,"embedding":[1.50,-1.0E-2],"note":"\#(text)"}"#
        }
        let usage = #""usage":{"prompt_tokens":11,"total_tokens":15}"#
        #expect(
            String(buffer: answer)
                == #"{"object":"list","data":[\#(data.joined(separator: ","))],"model":"m-1",\#(usage),"x":[1.0]}"#
        )
    }

    @Test("base64 embeddings stay as they are")
    func base64() throws {
        let batch = try batch(["a"], cached: [:])
        let text = #"{"data":[{"embedding":"AAA\/","index":0}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#
        let merged = try #require(batch.answer(with: try fitting(batch, text)))
        #expect(String(buffer: merged).contains(#"{"embedding":"AAA\/","index":0}"#))
    }

    @Test("shares sum exactly to the whole, however large or lopsided")
    func shares() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let usage = EmbeddingUsage(
                promptTokens: .random(in: 0...EmbeddingUsage.most, using: &random),
                totalTokens: .random(in: 0...50, using: &random)
            )
            let weights = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                [0, 1, 1000, Int.max].randomElement(using: &random) ?? 0
            }
            let shares = usage.shares(by: weights)
            #expect(shares.reduce(0) { $0 + $1.promptTokens } == usage.promptTokens)
            #expect(shares.reduce(0) { $0 + $1.totalTokens } == usage.totalTokens)
        }
    }

    @Test("a part that was cut short, or is something else, is no part")
    func decoding() throws {
        let part = try #require(try parts(["hello"])["hello"])
        let bytes = part.encode().reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
        for length in 0..<bytes.readableBytes {
            #expect(EmbeddingPart(decoding: bytes.getSlice(at: 0, length: length) ?? ByteBuffer()) == nil)
        }
        #expect(EmbeddingPart(decoding: ByteBuffer(repeating: 0xFF, count: 200)) == nil)
    }
}
