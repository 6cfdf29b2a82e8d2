import Configuration
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("What pages of other origins may do")
struct CrossOriginRulesTests {
    private let listed = CrossOriginRules(
        CrossOriginSettings(origins: .listed(["https://a.example", "http://b.example:1"]), exposed: ["x-a", "x-b"])
    )

    private func fields(_ fields: [(String, String)]) -> RequestFields {
        RequestHead(HTTPRequestHead(version: .http1_1, method: .OPTIONS, uri: "/", headers: HTTPHeaders(fields))).fields
    }

    private func lines(_ rules: CrossOriginRules, _ origin: String?) -> String {
        String(decoding: rules.lines(for: origin.map { Array($0.utf8) }), as: UTF8.self)
    }

    private func preflight(_ rules: CrossOriginRules, _ fields: [(String, String)]) -> [String] {
        rules.preflight(self.fields(fields), allowed: "POST, OPTIONS").map { "\($0.name): \($0.value)" }
    }

    @Test("is said of an allowed origin, byte by byte, and every other one learns only that the answer depends on it")
    func origins() {
        #expect(
            lines(listed, "https://a.example")
                == "vary: Origin\r\naccess-control-allow-origin: https://a.example\r\n"
                + "access-control-expose-headers: x-a, x-b\r\n"
        )
        for other in [nil, "", "null", "https://a.example.", "https://A.example", "https://a.example:443", "https://a"]
        {
            #expect(lines(listed, other) == "vary: Origin\r\n")
        }
    }

    @Test("is the same for all where all are allowed, so that one answer is for every page")
    func any() {
        let any = CrossOriginRules(CrossOriginSettings(origins: .any, exposed: []))
        for origin in [nil, "null", "https://a.example"] {
            #expect(lines(any, origin) == "access-control-allow-origin: *\r\n")
        }
        let usual = CrossOriginRules(CrossOriginSettings(origins: .any))
        for header in ["cache-status", "x-litellm-cache-key", "x-request-id", "x-ratelimit-remaining-requests"] {
            #expect(lines(usual, nil).contains("\(header)"))
        }
    }

    @Test("includes credentials only where the configuration says so")
    func credentials() {
        let settings = CrossOriginSettings(origins: .listed(["https://a"]), exposed: [], allowsCredentials: true)
        #expect(
            lines(CrossOriginRules(settings), "https://a")
                == "vary: Origin\r\naccess-control-allow-origin: https://a\r\naccess-control-allow-credentials: true\r\n"
        )
    }

    @Test("is asked before a request, and allows the methods of the path and the headers that are asked for")
    func preflight() {
        let asked = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST")]
        #expect(
            preflight(listed, asked + [("Access-Control-Request-Headers", "authorization,x-stainless-os")]) == [
                "access-control-allow-methods: POST, OPTIONS",
                "access-control-allow-headers: authorization,x-stainless-os", "vary: Access-Control-Request-Headers",
                "access-control-max-age: 600",
            ]
        )
        #expect(preflight(listed, asked + [("Access-Control-Request-Headers", "a;b")]).count == 2, "no list of names")
        #expect(preflight(listed, Array(asked.prefix(1))).isEmpty, "a plain OPTIONS")
        #expect(preflight(listed, Array(asked.dropFirst())).isEmpty, "not from a page")
        #expect(preflight(listed, [("Origin", "https://other"), asked[1]]).isEmpty)
        let set = CrossOriginSettings(origins: .any, methods: ["GET", "POST"], headers: ["x-a", "x-b"], maxAge: 5)
        #expect(
            preflight(CrossOriginRules(set), asked) == [
                "access-control-allow-methods: GET, POST", "access-control-allow-headers: x-a, x-b",
                "access-control-max-age: 5",
            ]
        )
    }
}
