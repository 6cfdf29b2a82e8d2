import CallTypes
import HTTPSyntax
import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("The record of a request")
struct TransactionTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    @Test("has when the request began and ended, how, and how much was sent for it alone")
    func times() {
        var transaction = Transaction(id: .own(7), route: .models(.openAI), sentBytesBefore: 1_000, at: start)
        #expect(transaction.duration == nil && transaction.end == nil && transaction.responded == nil)
        transaction.respond(200, nil, at: start + .milliseconds(2))
        transaction.close(.answered, sentBytes: 1_300, at: start + .milliseconds(5))
        #expect(transaction.status == 200)
        #expect(transaction.responded == start + .milliseconds(2))
        #expect(transaction.duration == .milliseconds(5))
        #expect(transaction.end?.how == .answered)
        #expect(transaction.sentBytes == 300)
    }

    @Test("is closed by what ended the request first")
    func once() {
        var transaction = Transaction(id: .own(7), at: start)
        transaction.close(.cutOff, sentBytes: 10, at: start + .milliseconds(1))
        transaction.close(.clientGone, sentBytes: 20, at: start + .milliseconds(2))
        #expect(transaction.end?.how == .cutOff)
        #expect(transaction.duration == .milliseconds(1))
        #expect(transaction.sentBytes == 10)
    }

    @Test("keeps what the cache did where the head of the answer does not say it anew")
    func cacheStatus() {
        var transaction = Transaction(id: .own(7), at: start)
        transaction.cacheStatus = CacheStatus(.forwarded(.miss))
        transaction.respond(502, nil, at: start)
        #expect(transaction.cacheStatus?.value == "gateway; fwd=miss")
        transaction.respond(200, .hit(remaining: 5_000), at: start)
        #expect(transaction.cacheStatus?.value == "gateway; hit; ttl=5")
    }

    @Test("has a name of its own where the client gave none")
    func names() {
        var ids = RequestIDs()
        #expect(Set((0..<1_000).map { _ in ids.next().description }).count == 1_000)
    }
}
