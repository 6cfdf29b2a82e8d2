import Testing

@testable import S3Cache

/// The examples of "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
@Suite("A signature")
struct SignatureV4Tests {
    private static let keys = AccessKeys(
        accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let host = ("host", "examplebucket.s3.amazonaws.com")
    private static let date = ("x-amz-date", "20130524T000000Z")

    private func authorization(
        _ method: String,
        _ path: String,
        query: [(name: String, value: String)] = [],
        _ headers: [(String, String)] = [],
        hash: String = SignatureV4Tests.empty
    ) throws -> String {
        let all = [Self.host, Self.date, ("x-amz-content-sha256", hash)] + headers
        let time = try #require(CalendarTime(iso8601: "2013-05-24T00:00:00Z"))
        return SignatureV4(Self.keys, region: "us-east-1").authorization(
            SignatureV4.Request(
                method: method,
                path: path,
                query: query,
                headers: all.map { (name: $0.0, value: $0.1) },
                payloadHash: hash
            ),
            at: time
        )
    }

    @Test("of a GET with a range is AWS's own")
    func getObject() throws {
        #expect(
            try authorization("GET", "/test.txt", [("range", "bytes=0-9")])
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
    }

    @Test("of a PUT with a special character in its path is AWS's own")
    func putObject() throws {
        let hash = Digest.sha256("Welcome to Amazon S3.").hexadecimal
        #expect(hash == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
        let headers = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]
        let path = "/" + URIEncoding.encoded("test$file.text", keepsSlashes: true)
        #expect(path == "/test%24file.text")
        #expect(
            try authorization("PUT", path, headers, hash: hash).hasSuffix(
                "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                    + "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
            )
        )
    }

    @Test("of a query without a value, and of one with several, is AWS's own")
    func queries() throws {
        #expect(
            try authorization("GET", "/", query: [("lifecycle", "")]).hasSuffix(
                "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
            )
        )
        #expect(
            try authorization("GET", "/", query: [("prefix", "J"), ("max-keys", "2")]).hasSuffix(
                "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
            )
        )
    }

    @Test("does not depend on the order of headers or on spaces around and within their values")
    func canonical() throws {
        let one = try authorization("GET", "/", [("x-amz-meta-b", "  two   words "), ("x-amz-meta-a", "1")])
        let other = try authorization("GET", "/", [("x-amz-meta-a", "1"), ("x-amz-meta-b", "two words")])
        #expect(one == other)
    }

    @Test(
        "has names escaped as S3 does: all but unreserved characters, with upper-case digits",
        arguments: [
            ("a b", "a%20b"), ("a+b", "a%2Bb"), ("100%", "100%25"), ("é😀", "%C3%A9%F0%9F%98%80"), ("~-_.", "~-_."),
            ("a/b", "a/b"), ("=&?#", "%3D%26%3F%23"),
        ]
    )
    func escapes(name: String, escaped: String) { #expect(URIEncoding.encoded(name, keepsSlashes: true) == escaped) }

    @Test("shows no key in its description")
    func secret() {
        #expect(!"\(Self.keys)\(Credentials(keys: Self.keys, expires: nil, origin: "x"))".contains("wJalr"))
    }
}

@Suite("Digests and encodings")
struct DigestTests {
    @Test("are those of the standards")
    func vectors() {
        #expect(Digest.sha256("abc").hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest.md5(Array("abc".utf8)).hexadecimal == "900150983cd24fb0d6963f7d28e17f72")
        // RFC 4231, case 2
        #expect(
            Digest.hmac(Array("Jefe".utf8), "what do ya want for nothing?").hexadecimal
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        // RFC 4648, section 10
        let words = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
            "foobar": "Zm9vYmFy",
        ]
        for (word, encoded) in words { #expect(Array(word.utf8).base64 == encoded) }
    }
}
