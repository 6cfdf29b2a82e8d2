import ResponseCache
import Testing

@testable import Gateway

@Suite("The key of an entry that is looked up")
struct EntryInquiryTests {
    private static let digest = String(repeating: "0a", count: 32)

    @Test("It is read from the query, with or without escapes")
    func reads() throws {
        for query in ["key=team:\(Self.digest)", "key=team%3A\(Self.digest)", "a=b&key=team:\(Self.digest)&c"] {
            #expect(try EntryInquiry.key(in: query, namespace: "team").description == "team:\(Self.digest)")
        }
        let ofClient = try EntryInquiry.key(in: "key=team:part:\(Self.digest)", namespace: "team")
        #expect(ofClient.prefix == "team:part")
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "key", "key=", "key=x", "keys=team:\(digest)", "key=other:\(digest)", "key=teams:\(digest)",
            "key=team:%zz", "key=team:%ff\(digest)", "key=team:\(digest)&key=team:\(digest)",
            "key=team:\(digest)0", "key=" + String(repeating: "team:", count: 300_000) + digest,
        ]
    )
    func refuses(query: String) {
        #expect(throws: APIError.self) { try EntryInquiry.key(in: query, namespace: "team") }
    }
}
