import CallTypes
import HTTPSyntax
import NIOCore
import ResponseCache
import Testing
import Text

@testable import Gateway

@Suite("The line of a request in the access log")
struct AccessLogFormatTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    private func line(_ format: LogFormat, _ transaction: Transaction) -> String {
        var line = WireText(capacity: 64)
        format.writeLine(of: transaction, .served, at: "2026-11-27T18:40:00.", milliseconds: 123, to: &line)
        return line.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func hit(id: RequestID = .own(7)) -> Transaction {
        var transaction = Transaction(id: id, route: .models(.openAI), sentBytesBefore: 5, at: start)
        transaction.caller = .master
        transaction.lookupBegan = start + .microseconds(100)
        transaction.receivedBytes = 42
        transaction.find(age: 9, TokenUsage(input: 12, output: 34))
        transaction.respond(200, .hit(remaining: 5_000), at: start + .microseconds(1_350))
        transaction.close(.answered, sentBytes: 705, at: start + .milliseconds(2))
        return transaction
    }

    @Test("is the time, the word access, and the fields that are known, in text")
    func text() {
        #expect(
            line(.text, hit()) == """
                2026-11-27T18:40:00.123Z access request_id=0000000000000007 key=master endpoint=/v1/models status=200 \
                cache=hit reason=hit age_s=9 total_ms=2.000 lookup_ms=1.250 first_byte_ms=1.350 received_bytes=42 \
                sent_bytes=700 saved_input_tokens=12 saved_output_tokens=34 end=answered

                """
        )
    }

    @Test("is one object with numbers that are numbers, in JSON")
    func json() {
        #expect(
            line(.json, hit()) == #"""
                {"time":"2026-11-27T18:40:00.123Z","type":"access","request_id":"0000000000000007","key":"master",\#
                "endpoint":"/v1/models","status":200,"cache":"hit","reason":"hit","age_s":9,"total_ms":2.000,\#
                "lookup_ms":1.250,"first_byte_ms":1.350,"received_bytes":42,"sent_bytes":700,\#
                "saved_input_tokens":12,"saved_output_tokens":34,"end":"answered"}

                """#
        )
    }

    @Test("says why the cache had no answer, what the model took, what was spent, and that a client has gone")
    func miss() {
        var transaction = Transaction(id: .own(8), at: start)
        transaction.cacheStatus = CacheStatus(.forwarded(.stale))
        transaction.asked = start + .milliseconds(1)
        transaction.usage = TokenUsage(input: 1, output: 2, cachedInput: 1)
        transaction.respond(200, nil, isStream: true, at: start + .milliseconds(3))
        transaction.notePiece(at: start + .milliseconds(4))
        transaction.notePiece(at: start + .milliseconds(5))
        transaction.close(.clientGone, sentBytes: 1, at: start + .milliseconds(6))
        let line = line(.text, transaction)
        #expect(line.contains(" cache=miss reason=expired total_ms=6.000 first_byte_ms=3.000 upstream_ms=5.000 "))
        #expect(line.contains(" pieces=2 input_tokens=1 output_tokens=2 provider_cached_tokens=1 end=client_gone\n"))
        #expect(!line.contains("saved") && !line.contains("key=") && !line.contains("endpoint="))
    }

    @Test("cannot be forged by the id of a request", arguments: ["a b", "a\"b", "x=1"])
    func forged(id: String) throws {
        let quoted = line(.text, hit(id: .client(id)))
        #expect(quoted.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        #expect(!id.contains { " \"".contains($0) } || quoted.contains("request_id=\""))
        #expect(line(.json, hit(id: .client(id))).contains(#""request_id":"\#(id.contains("\"") ? #"a\"b"# : id)""#))
    }
}
