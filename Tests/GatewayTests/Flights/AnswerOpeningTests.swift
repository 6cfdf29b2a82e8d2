import Dialects
import NIOCore
import Testing

@testable import Gateway

@Suite("The first bytes of an answer")
struct AnswerOpeningTests {
    /// What an answer is taken for that comes byte by byte, and after how many of them.
    private func opening(_ text: String, length: Int? = nil) -> (form: FlightForm, after: Int)? {
        var opening = AnswerOpening(length: length)
        for (count, byte) in text.utf8.enumerated() {
            guard let (form, bytes) = opening.take(ByteBuffer(bytes: [byte])) else { continue }
            #expect(Array(bytes.readableBytesView) == Array(text.utf8.prefix(count + 1)), "none of them is lost")
            return (form, count + 1)
        }
        #expect(String(buffer: opening.rest) == text)
        return nil
    }

    @Test("tell a stream by the first line of an event, behind a byte order mark and line ends")
    func events() {
        for text in ["data:", "event:", "id:", "retry:", ":"] {
            for before in ["", "\u{FEFF}", "\r\n\n ", "\u{FEFF}\n"] {
                let found = opening(before + text + " x\n\n")
                #expect(found?.form == .stream && found?.after == (before + text).utf8.count, "\(before)\(text)")
            }
        }
    }

    @Test("tell JSON in one piece where its length is known, and something else at the first byte that is neither")
    func other() {
        #expect(opening("{}", length: 2)?.form == .json)
        #expect(opening("\u{FEFF} [1]", length: 7)?.form == .json)
        #expect(opening("{}")?.form == .other)
        for text in ["datum", "events", "<html>", "data :", "Data:", "\u{FEFE}", "0"] {
            #expect(opening(text)?.form == .other, "\(text)")
            #expect(opening(text, length: 9)?.form == .other, "\(text)")
        }
        #expect(opening(String(repeating: "\n", count: 10_000))?.after == 256)
    }

    @Test("are waited for as long as they may be either")
    func undecided() {
        for text in ["", "d", "data", "\n", "\u{FEFF}"] { #expect(opening(text) == nil) }
    }
}
