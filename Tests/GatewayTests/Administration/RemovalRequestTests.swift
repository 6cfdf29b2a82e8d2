import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("Requests to remove entries")
struct RemovalRequestTests {
    private let hex = String(repeating: "0a", count: 32)

    private func error(_ read: () throws(APIError) -> Void) -> APIError? {
        do throws(APIError) {
            try read()
            return nil
        } catch {
            return error
        }
    }

    @Test("Keys of the namespace are taken, and others are told apart")
    func keys() throws {
        let texts = ["acme:\(hex)", "acme:tests:\(hex)", "acmes:\(hex)", "other:\(hex)", "acme:\(hex)0", "acme", ""]
        let body = #"{"keys":["# + texts.map { "\"\($0)\"" }.joined(separator: ",") + "]}"
        let keys = try RemovalRequest.delete(ByteBuffer(string: body), namespace: "acme")
        #expect(keys.map(\.text) == texts)
        #expect(keys.map { $0.key != nil } == [true, true, false, false, false, false, false])
        #expect(keys.first?.key?.description == texts.first)
        let own = try RemovalRequest.delete(ByteBuffer(string: #"{"keys":["gateway:\#(hex)"]}"#), namespace: nil)
        #expect(own.first?.key != nil)
    }

    @Test(
        "What is no list of keys is refused, and the member is named",
        arguments: [
            (#"{}"#, "keys"), (#"{"keys":[]}"#, "keys"), (#"{"keys":"a"}"#, "keys"), (#"{"keys":[1]}"#, "keys[0]"),
            (#"{"keys":["a",null]}"#, "keys[1]"), (#"{"keys":["a"],"all":true}"#, "all"), (#"[]"#, nil), ("", nil),
            (#"{"keys":["a"]"#, nil), (#"{"keys":["a"],"keys":["b"]}"#, "keys"),
        ]
    )
    func wrongKeys(body: String, member: String?) {
        let error = error { () throws(APIError) in
            _ = try RemovalRequest.delete(ByteBuffer(string: body), namespace: nil)
        }
        #expect(error?.status == 400)
        #expect(error?.parameter == member, "\(error?.message ?? "none")")
    }

    @Test("A request has a bounded number of keys of bounded length")
    func manyKeys() {
        func refusal(_ count: Int, _ key: String = "k") -> APIError? {
            error { () throws(APIError) in
                let list = [String](repeating: "\"\(key)\"", count: count).joined(separator: ",")
                _ = try RemovalRequest.delete(ByteBuffer(string: "{\"keys\":[\(list)]}"), namespace: nil)
            }
        }
        #expect(refusal(RemovalRequest.mostKeys) == nil)
        #expect(refusal(RemovalRequest.mostKeys + 1)?.status == 400)
        #expect(refusal(500_000)?.status == 400)
        #expect(refusal(1, String(repeating: "x", count: 2_000))?.parameter == "keys[0]")
    }

    private static let now: UInt64 = 1_795_804_800_000

    @Test(
        "A purge names a model, a tenant, a tag, a time, or one of them and a time",
        arguments: [
            (#"{"model":"gpt-4"}"#, EntryLabel.Kind.model, "gpt-4", nil, false),
            (#"{"tenant":"a\u00fc","dry_run":true}"#, .tenant, "aü", nil, true),
            (#"{"tag":"x","before":1795804799}"#, .tag, "x", 1_795_804_799_000, false),
            (#"{"before":"now"}"#, nil, nil, nil, false),
            (#"{"before":"2026-11-27T18:39:59.5Z"}"#, nil, nil, 1_795_804_799_500, false),
            (#"{"before":1795804799.25}"#, nil, nil, 1_795_804_799_250, false),
            (#"{"before":1795804801}"#, nil, nil, nil, false),
        ] as [(String, EntryLabel.Kind?, String?, UInt64?, Bool)]
    )
    func purges(body: String, kind: EntryLabel.Kind?, name: String?, before: UInt64?, isDryRun: Bool) throws {
        let purge = try RemovalRequest.purge(ByteBuffer(string: body), at: Self.now)
        #expect(purge.scope?.kind == kind && purge.scope?.name == name)
        #expect(purge.before == before && purge.isDryRun == isDryRun)
    }

    @Test(
        "What is no purge is refused, and the member is named",
        arguments: [
            (#"{}"#, nil), (#"{"dry_run":true}"#, nil), (#"{"model":""}"#, "model"), (#"{"model":null}"#, "model"),
            (#"{"models":"a"}"#, "models"), (#"{"model":"a","tag":"b"}"#, "tag"), (#"{"tag":7}"#, "tag"),
            (#"{"before":"yesterday"}"#, "before"), (#"{"before":-1}"#, "before"), (#"{"before":1e300}"#, "before"),
            (#"{"before":1795804900}"#, "before"), (#"{"before":true}"#, "before"),
            (#"{"model":"a","dry_run":"yes"}"#, "dry_run"),
        ]
    )
    func wrongPurges(body: String, member: String?) {
        let error = error { () throws(APIError) in
            _ = try RemovalRequest.purge(ByteBuffer(string: body), at: Self.now)
        }
        #expect(error?.status == 400)
        #expect(error?.parameter == member, "\(error?.message ?? "none")")
    }

    @Test("Names are bounded, however they are written")
    func longNames() {
        for (member, longest) in [("tag", CacheControls.longestTag), ("model", RemovalRequest.longestName)] {
            for unit in ["x", #"\u0078"#] {
                func refusal(_ count: Int) -> APIError? {
                    error { () throws(APIError) in
                        let body = "{\"\(member)\":\"\(String(repeating: unit, count: count))\"}"
                        _ = try RemovalRequest.purge(ByteBuffer(string: body), at: Self.now)
                    }
                }
                #expect(refusal(longest) == nil)
                #expect(refusal(longest + 1)?.parameter == member)
            }
        }
    }

    @Test("A flush takes no members")
    func flush() {
        for (body, isTaken) in [("", true), ("{}", true), (#"{"namespace":"x"}"#, false), ("[]", false)] {
            let error = error { () throws(APIError) in try RemovalRequest.flush(ByteBuffer(string: body)) }
            #expect((error == nil) == isTaken, "\(body)")
        }
    }
}
