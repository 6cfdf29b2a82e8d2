import HTTPSyntax
import Testing

@Suite struct MultipartFormTests {
    private func form(_ text: String, boundary: String = "B") -> MultipartForm? {
        Array(text.utf8).withUnsafeBytes { MultipartForm($0, boundary: Array(boundary.utf8)) }
    }

    private func part(_ name: String, _ content: String, _ more: String = "") -> String {
        "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n\(content)\r\n"
    }

    @Test("The boundary is read from the type, quoted or not, in any case") func boundary() {
        let types = [
            "multipart/form-data; boundary=B", "Multipart/Form-Data;boundary=\"B\"",
            "multipart/form-data; a=b; BOUNDARY=B",
        ]
        for type in types { #expect(MultipartForm.boundary(in: type) == Array("B".utf8), "\(type)") }
        for type in [
            "multipart/form-data", "multipart/mixed; boundary=B", "multipart/form-data; boundary=", "text/plain",
        ] {
            #expect(MultipartForm.boundary(in: type) == nil, "\(type)")
        }
        #expect(MultipartForm.boundary(in: "multipart/form-data; boundary=" + String(repeating: "b", count: 71)) == nil)
    }

    @Test("A field is found by its name, and a file with that name is none") func fields() throws {
        let text = part("file", "model", "; filename=\"x\"") + part("model", "m 1") + part("model", "m 2") + "--B--\r\n"
        let read = try #require(form(text))
        #expect(read.parts.map(\.isFile) == [true, false, false])
        let range = try #require(read.field("model"))
        #expect(Array(text.utf8)[range].elementsEqual("m 1".utf8))
        #expect(read.field("missing") == nil)
    }

    @Test("Of the beginning of a form, the parts that are complete are found, wherever it ends") func beginning() throws
    {
        let text = Array((part("model", "m 1") + part("file", "content", "; filename=\"x\"") + "--B--\r\n").utf8)
        let first = part("model", "m 1").utf8.count + "--B".utf8.count
        for count in "--B".utf8.count...text.count {
            let form = text.prefix(count).withUnsafeBytes {
                MultipartForm($0, boundary: Array("B".utf8), isWhole: false)
            }
            let field = try #require(form, "\(count) bytes").field("model")
            #expect((field == nil) == (count < first), "\(count) bytes")
        }
        let other = Array("no form".utf8).withUnsafeBytes {
            MultipartForm($0, boundary: Array("B".utf8), isWhole: false)
        }
        #expect(other == nil)
    }

    @Test("A content may be empty, and may hold all but the boundary") func contents() throws {
        let contents = ["", "\r\n", "--B", "\r\n--", "\r\n--A\r\n\r\n", "a\r\n\r\nb"]
        let text = contents.map { part("p", $0) }.joined() + "--B--"
        let parts = try #require(form(text)?.parts)
        #expect(parts.map { String(decoding: Array(text.utf8)[$0.content], as: UTF8.self) } == contents)
    }

    @Test("A part says where its headers, its file's name and its content are, and the rest without it is a form")
    func ranges() throws {
        let parts = [part("a", "1"), part("f", "2", "; filename=\"x.wav\"") + "", part("c", "3")]
        let text = Array((parts.joined() + "--B--\r\n").utf8)
        let read = try #require(text.withUnsafeBytes { MultipartForm($0, boundary: Array("B".utf8)) })
        for (part, expected) in zip(read.parts, parts) {
            #expect(String(decoding: text[part.whole], as: UTF8.self) == expected)
            #expect(text[part.header].starts(with: "Content-Disposition".utf8) && text[part.header].last == 0x0A)
            #expect(part.header.upperBound == part.content.lowerBound)
            var rest = text
            rest.removeSubrange(part.whole)
            let without = rest.withUnsafeBytes { MultipartForm($0, boundary: Array("B".utf8)) }
            #expect(without?.parts.map(\.name) == read.parts.map(\.name).filter { $0 != part.name })
        }
        #expect(
            read.parts.map { $0.fileName.map { String(decoding: text[$0], as: UTF8.self) } } == [nil, "x.wav", nil]
        )
    }

    @Test(
        "What is cut off, has no names or too many parts is no form",
        arguments: [
            "", "--B", "--B\r\n", "--B\r\n\r\n", "B--", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B", "--B\r\nX: y\r\n\r\nx\r\n--B--",
            "--B\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nx\r\n--B--", "preamble\r\n--B--",
            "--B\r\n" + String(repeating: "h", count: 5_000) + "\r\n\r\n\r\n--B--",
        ]
    )
    func malformed(text: String) {
        #expect(form(text) == nil)
    }

    @Test("As many parts are read as there may be, and no more") func many() {
        let parts = String(repeating: part("p", "x"), count: MultipartForm.mostParts)
        #expect(form(parts + "--B--")?.parts.count == MultipartForm.mostParts)
        #expect(form(parts + part("p", "x") + "--B--") == nil)
    }

    @Test("A name that only ends like another is not taken for it") func names() {
        let text = "--B\r\nContent-Disposition: form-data; xname=\"a\"; name=\"b\"\r\n\r\nx\r\n--B--"
        #expect(form(text)?.parts.map(\.name) == [Array("b".utf8)])
    }
}
