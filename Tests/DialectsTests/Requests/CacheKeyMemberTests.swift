import Dialects
import Testing

@Suite("The client's own key") struct CacheKeyMemberTests {
    @Test("is a string of 1 to 1,024 bytes, or null, which stands for absent, in every call")
    func values() throws {
        let longest = String(repeating: "\u{E9}", count: ReadRequest.longestCacheKey / 2)
        for call in DialectTable([OpenAI.dialect, Anthropic.dialect]).calls {
            func read(_ value: String) throws -> Bool {
                try document(#"{"model":"m","cache_key":\#(value)}"#).readRequest(call.request).cacheKey != nil
            }
            #expect(try read("null") == false)
            for value in [#""k""#, "\"\(longest)\"", #""\u0000""#, #"" ""#] { #expect(try read(value)) }
            for (value, code) in [
                (#""""#, .cacheKeyLength), ("\"\(longest)x\"", .cacheKeyLength), ("1", .notAString),
                ("true", .notAString), ("{}", .notAString), ("[]", .notAString),
                ("\"\(String(repeating: #"\u0061"#, count: 1025))\"", .cacheKeyLength),
            ] as [(String, RequestError.Code)] {
                #expect(throws: RequestError(code: code, member: "cache_key", offset: 25)) { try read(value) }
            }
        }
    }
}
