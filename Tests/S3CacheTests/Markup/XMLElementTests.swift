import Testing

@testable import S3Cache

@Suite("S3's XML", .timeLimit(.minutes(1)))
struct XMLElementTests {
    private func parse(_ text: String) -> XMLElement? { XMLElement(parsing: Array(text.utf8)) }

    @Test("is read with entities, CDATA, prefixes, attributes and comments")
    func reading() throws {
        let root = try #require(
            parse(
                "\u{FEFF}<?xml version=\"1.0\"?><!-- c --><!DOCTYPE x><s3:List xmlns=\"a>b\" a='/'>\n <Key>a&amp;b&#233;&#x1F600;&bogus;&lt;</Key>"
                    + "<Empty/><Key ><![CDATA[<raw>&amp;]]></Key><Deep><Code>x</Code></Deep></s3:List>\n"
            )
        )
        #expect(root.isCalled("List"))
        #expect(root.all("Key").map(\.text) == ["a&bé😀&bogus;<", "<raw>&amp;"])
        #expect(root["Empty"] == "")
        #expect(root.first("Code")?.text == "x")
        #expect(root["Nothing"] == nil)
    }

    @Test(
        "that is broken is refused",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a", "<a b=\"", "<a><!-- ", "</a>", "<a/><b/>", "<>",
            "<a></a>x",
            "<a><![CDATA[x</a>", String(repeating: "<a>", count: 100),
        ]
    )
    func broken(text: String) { #expect(parse(text) == nil, "\(text.prefix(30))") }

    @Test("never traps, whatever the bytes")
    func fuzz() {
        var state: UInt64 = 3
        let alphabet = Array("<>/a b=\"'&#;![CDATA]-?xé".utf8)
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            state = state &* 6_364_136_223_846_793_005 &+ 1
            for _ in 0..<Int(state >> 58) {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            _ = XMLElement(parsing: bytes)
        }
    }

    @Test(
        "takes time in proportion to its length, whatever is in it",
        arguments: ["&", "&amp", "&;", "<!", "<x>", "a:", "\u{301}", "<![CDATA[", "\"", "]]", "<!--"]
    )
    func linear(piece: String) {
        // A reader that reads the rest again for each piece would take many minutes for each.
        let many = String(repeating: piece, count: (64 << 10) / piece.utf8.count)
        _ = parse("<Error><Code>\(many)</Code></Error>")
        _ = parse("<Error><\(many)></\(many)></Error>")
        _ = parse("<Error><Code>x</Code><a b=\(many)/></Error>")
    }

    @Test("keeps references to characters that there are, and everything else as it is")
    func references() {
        #expect(parse("<a>&amp;&&amp;amp;&#38;&#x26;&#000000038;</a>")?.text == "&&&amp;&&&")
        for text in ["&", "&;", "&#;", "&#x;", "&#xD800;", "&#99999999999;", "&unknown;", "& amp;", "&a b;"] {
            #expect(parse("<a>\(text)</a>")?.text == text)
        }
    }

    @Test("reads errors, listings and what was not deleted")
    func documents() {
        let error = ServiceError(
            Array(
                "<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message><Region>eu-west-1</Region></Error>"
                    .utf8
            )
        )
        #expect(error?.code == "AuthorizationHeaderMalformed" && error?.region == "eu-west-1")
        #expect(ServiceError(Array("<html>".utf8)) == nil)
        let page = ListingPage(
            Array(
                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>a/b</Key></Contents><Contents><Key>c&amp;d</Key></Contents></ListBucketResult>"
                    .utf8
            )
        )
        #expect(page?.objects == ["a/b", "c&d"] && page?.next == "t")
        #expect(ListingPage(Array("<Other/>".utf8)) == nil)
        #expect(DeletionList.document(["a<&>\"'\u{1}"]).contains("<Key>a&lt;&amp;&gt;&quot;&apos;&#x1;</Key>"))
        #expect(
            DeletionList.errors(
                Array("<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>".utf8)
            )
                == ["AccessDenied: k"]
        )
    }
}
