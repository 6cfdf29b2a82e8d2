import NIOCore
import Testing

@testable import Gateway

@Suite("What `gateway top` draws")
struct TopScreenTests {
    private static let report = #"""
        {"version":"1.2.3","state":"serving","now":1800000000000,"began":1799740000,"generation":3,
        "cache":{"cache_type":"redis","state":"up","reason":null,"round_trip_ms":0.214,"entries":48211,"bytes":412330112},
        "flights":{"calls":5,"requests":6},"connections":{"open":52,"limit":16000},"memory":{"resident":102000000},
        "events":[{"time":1799999990000,"kind":"reload","severity":"notice","text":"reloaded"},
        {"time":1799999995000,"kind":"cache","severity":"warning","text":"down\u001b[2J\u202etext"}],
        "totals":{"requests":5000,"hits":3000,"coalesced":10,"errors":2,"saved_input_tokens":1,"saved_output_tokens":2,
        "saved_dollars":7},
        "hour":{"requests":63083,"hits":43463,"coalesced":1564,"errors":0,"saved_input_tokens":19900000,
        "saved_output_tokens":8500000,"saved_dollars":82.579,"seconds":3600,
        "hit_latency_ms":{"p50":0.31,"p95":0.74,"p99":1.5},"miss_latency_ms":{"p50":848,"p95":2180,"p99":null},
        "reasons":[{"reason":"absent","count":13930}],
        "models":[{"name":"gpt-5-mini\u001b]0;x\u0007","requests":29018,"hits":21473,"saved_tokens":12800000,
        "saved_dollars":37.99}]},
        "samples":{"seconds":[10,10,10],"requests":[10,20,40]}}
        """#

    private func figures(_ report: String = report) throws -> TopFigures {
        try #require(TopFigures(parsing: ByteBuffer(string: report)))
    }

    private func text(_ lines: [TopScreen.Line]) -> String { lines.map(\.text).joined(separator: "\n") }

    @Test("All figures are shown with their units")
    func figuresShown() throws {
        let screen = TopScreen(width: 100, height: nil, isUnicode: true)
        let text = text(screen.lines(try figures()))
        for part in [
            "gateway 1.2.3 · serving · running for 3 d 0 h · generation 3", "4/s", "63,083 in the last hour",
            "no errors",
            "68.9 % in the last hour", "1,564 shared a call", "p50 0.31 ms", "p99 1.5 ms", "p50 848 ms", "p95 2.18 s",
            "p99 -", "28.4M tokens and $82.58 in the last hour", "redis up · 0.214 ms · 48,211 entries · 393 MiB",
            "52 of 16,000 connections · 5 calls for 6 requests · 97.3 MiB", "absent 13,930", "▃▅█", "74 %", "$37.99",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }
    }

    @Test("Nothing from outside steers the terminal")
    func controls() throws {
        for isUnicode in [true, false] {
            let screen = TopScreen(width: 100, height: 40, isUnicode: isUnicode)
            let text = text(screen.lines(try figures(), trouble: "what\u{1B}[2J\nnow"))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F })
            #expect(!text.unicodeScalars.contains("\u{202E}"))
            #expect(text.contains(#"gpt-5-mini\u{1b}]0;x\u{7}"#) && text.contains(#"down\u{1b}[2J\u{202e}text"#))
            if !isUnicode { #expect(text.utf8.allSatisfy { $0 < 0x80 }) }
        }
    }

    @Test("The rates are those since the figures before, unless the gateway has restarted")
    func rates() throws {
        let now = try figures()
        var before = now
        before.now -= 2000
        before.totals?.requests -= 50
        before.totals?.hits -= 20
        let screen = TopScreen(width: 100, height: nil, isUnicode: true)
        let text = text(screen.lines(now, after: before))
        #expect(text.contains("25/s") && text.contains("40 %"))
        before.totals?.requests += 1_000_000
        #expect(self.text(screen.lines(now, after: before)).contains("4/s"))
    }

    @Test(
        "It fits into any size, and the latest events get what is left",
        arguments: [(80, 24), (100, 50), (20, 5), (1, 1)]
    )
    func sizes(width: Int, height: Int) throws {
        let lines = TopScreen(width: width, height: height, isUnicode: true).lines(try figures())
        #expect(lines.count <= height && lines.allSatisfy { $0.text.unicodeScalars.count <= width })
        if height >= 24 { #expect(text(lines).contains("EVENTS") && text(lines).contains("down")) }
    }

    @Test("Without metrics and without a cache it says so")
    func off() throws {
        let report = #"{"state":"serving","now":1,"cache":{"cache_type":null},"totals":null,"hour":null,"events":[]}"#
        let text = text(TopScreen(width: 80, height: 24, isUnicode: true).lines(try figures(report)))
        #expect(text.contains("metrics are off") && text.contains("the cache is off"))
    }

    @Test("What is no report is refused", arguments: ["", "[]", "{}", #"{"now":"x","state":1}"#, #"{"now":1"#, "null"])
    func wrong(report: String) {
        #expect(TopFigures(parsing: ByteBuffer(string: report)) == nil)
    }

    @Test(
        "Figures that nobody expects are drawn all the same",
        arguments: ["1e999", "-1e18", "1e300", "null", "\"text\"", "{}", "[1]"]
    )
    func strange(value: String) throws {
        let names = ["now", "began", "requests", "hits", "saved_dollars", "bytes", "time", "count", "open", "seconds"]
        var report = Self.report
        for name in names where name != "now" || value.utf8.first == UInt8(ascii: "-") || value == "1e300" {
            report = report.replacing(try Regex(#""\#(name)":[0-9.]+"#), with: "\"\(name)\":\(value)")
        }
        guard let figures = TopFigures(parsing: ByteBuffer(string: report)) else { return }
        _ = TopScreen(width: 80, height: 24, isUnicode: true).lines(figures, after: figures)
    }

    @Test("Bars stand for the mean of what they cover")
    func sparkline() {
        #expect(Sparkline.text([0, 0, 8, 8], width: 2) == "▁█")
        #expect(Sparkline.text([], width: 10) == "" && Sparkline.text([1], width: 0) == "")
        #expect(Sparkline.text([0, 0], width: 10) == "▁▁")
        #expect(Sparkline.text([Double](repeating: 1, count: 360), width: 60).count == 60)
    }
}
