import Testing

@testable import Gateway

@Suite("New keys")
struct NewKeyTests {
    @Test("have their bytes in base64url, and their SHA-256")
    func form() throws {
        // python3 -c 'base64.urlsafe_b64encode(bytes(range(200, 232)))', and sha256 of the whole.
        let key = try NewKey(random: Array(200..<232))
        #expect(key.text == "sk-yMnKy8zNzs_Q0dLT1NXW19jZ2tvc3d7f4OHi4-Tl5uc")
        #expect(key.digest == "fcbc8e7c0125caecf4e8e8fb624f1e40bc404c259862a9cddd01190abdc1924a")
    }

    @Test("are never the same")
    func random() throws {
        let keys = try (0..<1_000).map { _ in try NewKey() }
        #expect(Set(keys.map(\.text)).count == 1_000 && keys.allSatisfy { $0.text.utf8.count == 46 })
        #expect(Set(keys.flatMap { Array($0.text.dropFirst(3)) }).count == 64, "every digit occurs")
    }
}
