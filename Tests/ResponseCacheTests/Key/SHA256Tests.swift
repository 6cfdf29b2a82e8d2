import ResponseCache
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-4's examples, and the lengths around a block from NIST's CAVP.
    @Test(
        "Digests are those of FIPS 180-4",
        arguments: [
            ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ]
    )
    func vectors(text: String, times: Int, hexadecimal: String) throws {
        let hash = try SHA256()
        let bytes = Array(String(repeating: text, count: times).utf8)
        // This runs twice, because the context is reused.
        for _ in 0..<2 {
            let digest = try bytes.withUnsafeBytes { bytes throws(SHA256Failure) in try hash.digest(bytes) }
            #expect(CacheKey(prefix: "p", digest: digest).description == "p:" + hexadecimal)
        }
    }

    @Test("A digest is made of 32 bytes and of no other number") func bytes() throws {
        let bytes = [UInt8](0..<33)
        for count in [0, 31, 33] {
            #expect(
                bytes.withUnsafeBytes { SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: $0[..<count])) } == nil
            )
        }
        let digest = bytes.withUnsafeBytes { SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: $0[..<32])) }
        #expect(try #require(digest).withUnsafeBytes { Array($0) } == Array(bytes[..<32]))
    }
}
