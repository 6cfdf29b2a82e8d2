import Dialects
import JSON
import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("The steps of an embedding request")
struct EmbeddingStateTests {
    private let builder: CacheKeyBuilder

    init() throws {
        builder = try CacheKeyBuilder()
    }

    private func state(_ count: Int, onlyIfCached: Bool = false) throws -> EmbeddingState {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: "{}"))
        let keys = try (0..<count).map { number in
            try builder.key(
                for: KeyMaterial(
                    tenant: "t",
                    namespace: nil,
                    clientNamespace: nil,
                    callType: "embedding",
                    modelGroup: "m\(number)",
                    modelGroupFingerprint: Array("f".utf8),
                    keyedValues: []
                ),
                body: document
            )
        }
        let inputs = (0..<count).map { ByteBuffer(string: "\"\($0)\"") }
        return EmbeddingState(
            Inquiry.Embeddings(inputRange: 0..<0, inputs: inputs, keys: keys),
            onlyIfCached: onlyIfCached
        )
    }

    /// A part as it is cached, without a usage.
    private func part() throws -> EmbeddingPart {
        let (head, tail) = (#"{"object":"embedding","index":"#, #","embedding":[1]}"#)
        var body = ByteBuffer()
        for number in [2, head.utf8.count, tail.utf8.count, 0] {
            body.writeInteger(UInt32(number), endianness: .little)
        }
        body.writeInteger(UInt64(0))
        body.writeInteger(UInt64(0))
        body.writeString(head + tail)
        return try #require(EmbeddingPart(decoding: body))
    }

    /// An answer that fits what the state asked for.
    private func answer(_ state: EmbeddingState) throws -> EmbeddingAnswer {
        let data = state.batch.asked.indices.map { #"{"object":"embedding","index":\#($0),"embedding":[2]}"# }
        let body = ByteBuffer(string: #"{"object":"list","data":["# + data.joined(separator: ",") + "]}")
        let document = JSONDocument()
        try document.parse(body)
        return try #require(state.batch.split(document, of: body))
    }

    private func name(_ action: EmbeddingState.Action) -> String {
        switch action {
        case .lookUp(let range): "look up \(range)"
        case .answerFromCache: "answer from cache"
        case .refuse: "refuse"
        case .askWhole: "ask whole"
        case .askPart: "ask part"
        case .takeApart: "take apart"
        case .store(let range): "store \(range)"
        case .merge: "merge"
        case .passOn: "pass on"
        }
    }

    @Test("look the inputs up slice by slice")
    func slices() throws {
        var state = try state(600)
        #expect(name(state.begin()) == "look up 0..<256")
        for _ in 0..<256 { state.noteMiss(.absent) }
        #expect(name(state.lookedUp()) == "look up 256..<512")
        for _ in 256..<512 { state.noteMiss(.absent) }
        #expect(name(state.lookedUp()) == "look up 512..<600")
        for _ in 512..<600 { state.noteMiss(.absent) }
        #expect(name(state.lookedUp()) == "ask whole")
    }

    @Test("answer from the cache where every input is found, with the greatest age and the shortest life")
    func fullHit() throws {
        var state = try state(3)
        state.noteHit(try part(), age: 3, remaining: nil)
        state.noteHit(try part(), age: 9, remaining: 5_000)
        state.noteHit(try part(), age: 1, remaining: 7_000)
        #expect(name(state.lookedUp()) == "answer from cache")
        state.answeredFromCache()
        #expect(state.age == 9 && state.status.value == "gateway; hit; ttl=5")
    }

    @Test("refuse a request that wants an answer from the cache or none, unless every input is found")
    func onlyIfCached() throws {
        var partial = try state(2, onlyIfCached: true)
        partial.noteHit(try part(), age: 0, remaining: nil)
        partial.noteMiss(.absent)
        #expect(name(partial.lookedUp()) == "refuse")
        #expect(partial.status.value == "gateway; fwd=miss; detail=only-if-cached")
        var full = try state(1, onlyIfCached: true)
        full.noteHit(try part(), age: 0, remaining: nil)
        #expect(name(full.lookedUp()) == "answer from cache")
    }

    @Test("pass the answer to a request without a cached input on as it is, once it is stored")
    func fullMiss() throws {
        var state = try state(2)
        state.noteMiss(.absent)
        state.noteMiss(.absent)
        #expect(name(state.lookedUp()) == "ask whole")
        #expect(name(state.answered(status: 200)) == "take apart")
        #expect(name(state.takenApart(try answer(state))) == "store 0..<2")
        #expect(name(state.stored(0..<2, isStored: true)) == "pass on")
        #expect(state.status.value == "gateway; fwd=miss; stored")
    }

    @Test("ask for the missing inputs alone, and merge the answer with the cached parts")
    func partialHit() throws {
        var state = try state(3)
        state.noteHit(try part(), age: 0, remaining: nil)
        state.noteMiss(.absent)
        state.noteMiss(.absent)
        #expect(name(state.lookedUp()) == "ask part")
        #expect(state.batch.asked == [1, 2])
        #expect(name(state.takenApart(try answer(state))) == "store 0..<2")
        #expect(name(state.stored(0..<2, isStored: true)) == "merge")
        #expect(state.status.value == "gateway; fwd=miss; stored; detail=partial-hit")
    }

    @Test("ask again, whole and once, where the answer to a part does not fit what was asked")
    func doesNotFit() throws {
        var state = try state(2)
        state.noteHit(try part(), age: 0, remaining: nil)
        state.noteMiss(.absent)
        #expect(name(state.lookedUp()) == "ask part")
        #expect(name(state.takenApart(nil)) == "ask whole")
        #expect(state.status.value == "gateway; fwd=miss" && state.batch.isFullMiss)
        #expect(name(state.takenApart(nil)) == "pass on", "an answer to the whole request is passed on as it is")
    }

    @Test("pass an error of the model on")
    func error() throws {
        var state = try state(1)
        #expect(name(state.answered(status: 500)) == "pass on")
    }

    @Test("ask again, whole, where another model has answered for a part, and store nothing of it")
    func fallback() throws {
        var state = try state(2)
        state.noteHit(try part(), age: 0, remaining: nil)
        state.noteMiss(.absent)
        #expect(name(state.lookedUp()) == "ask part")
        #expect(name(state.answered(status: 200, isFromFallback: true)) == "ask whole")
        #expect(name(state.answered(status: 200, isFromFallback: true)) == "pass on")
        #expect(state.status.value == "gateway; fwd=miss")
    }

    @Test("store many parts slice by slice, and say that they are stored where all are")
    func storeSlices() throws {
        var state = try state(130)
        for _ in 0..<130 { state.noteMiss(.absent) }
        _ = state.lookedUp()
        #expect(name(state.takenApart(try answer(state))) == "store 0..<64")
        #expect(name(state.stored(0..<64, isStored: true)) == "store 64..<128")
        #expect(name(state.stored(64..<128, isStored: false)) == "store 128..<130")
        #expect(name(state.stored(128..<130, isStored: true)) == "pass on")
        #expect(!state.status.isStored)
    }

    @Test("count an entry that is no part as missing")
    func unreadablePart() throws {
        var state = try state(1)
        state.noteHit(nil, age: 0, remaining: nil)
        #expect(name(state.lookedUp()) == "ask whole")
    }
}
