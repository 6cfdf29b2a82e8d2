import HTTPSyntax
import Testing

@Suite("Field names")
struct FieldNameTests {
    @Test("A name is the same in whatever case it is written, and no other name is")
    func sameName() {
        for name in ["content-length", "Content-Length", "CONTENT-LENGTH", "cONTENT-lENGTH"] {
            #expect(name.equalsIgnoringCase("content-length"))
        }
        for name in ["", "content-lengt", "content-lengthh", "content_length", "content\rlength", "cöntent-lengt"] {
            #expect(!name.equalsIgnoringCase("content-length"))
        }
    }

    @Test("Only letters have a case: for every byte pair the answer is that of ASCII")
    func everyByte() {
        for byte in UInt8(0)..<128 {
            let text = String(UnicodeScalar(byte))
            #expect(text.equalsIgnoringCase("a") == (byte == 0x41 || byte == 0x61))
            #expect(text.equalsIgnoringCase("[") == (byte == 0x5B))
            #expect(text.equalsIgnoringCase("-") == (byte == 0x2D))
        }
    }
}
