import Dialects
import Testing

@testable import Gateway

@Suite("A typical answer")
struct TypicalAnswerTests {
    @Test("is what answers of late had: half of it is half of their bytes, or of their time where nothing has come")
    func half() {
        var typical = TypicalAnswer()
        for _ in 0..<50 { typical.note(bytes: 10_000, milliseconds: 400) }
        #expect(!typical.isHalf(bytes: 4_900, milliseconds: 10_000))
        #expect(typical.isHalf(bytes: 5_100, milliseconds: 0))
        #expect(!typical.isHalf(bytes: 0, milliseconds: 190))
        #expect(typical.isHalf(bytes: 0, milliseconds: 210))
    }
}
