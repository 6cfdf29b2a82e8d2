import Testing
import Text

@Suite("Raw text")
struct RawTextTests {
    private func equals(_ text: some Collection<UInt8>, _ lower: StaticString) -> Bool {
        // The text is among other bytes, none of which counts.
        let bytes = [0xAA] + text + [0xAA, 0xAA]
        return bytes.withUnsafeBytes { $0.equalsIgnoringCase(1..<1 + text.count, lower) }
    }

    @Test(
        "is the same as a name but for the case of letters, and for nothing else, in every byte of every length",
        arguments: [
            "a", "expect", "api-key", "x-apikey", "x-api-key", "content-length", "traceparent-1234",
            "a-name-of-23-bytes-{~@[z",
        ]
            as [StaticString]
    )
    func equality(lower: StaticString) {
        let name = Array(UnsafeBufferPointer(start: lower.utf8Start, count: lower.utf8CodeUnitCount))
        for index in name.indices {
            for byte in UInt8.min...UInt8.max {
                var text = name
                text[index] = byte
                let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(name[index])
                let isSame = byte == name[index] || isLetter && byte == name[index] - 0x20
                #expect(equals(text, lower) == isSame, "byte \(byte) at \(index)")
            }
        }
        #expect(equals(name.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, lower))
        #expect(!equals(name + [0x61], lower))
        #expect(!equals(name.dropLast(), lower))
    }

    @Test("a range that is not within the bytes is no name")
    func outside() {
        let bytes = Array("name".utf8)
        bytes.withUnsafeBytes { bytes in
            #expect(!bytes.equalsIgnoringCase(1..<5, "name"))
            #expect(!UnsafeRawBufferPointer(start: nil, count: 0).equalsIgnoringCase(0..<4, "name"))
        }
    }
}
