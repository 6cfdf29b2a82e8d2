import Foundation
import Testing

@testable import PluginConformance

@Suite("Rules and checks")
struct CheckListTests {
    @Test("Every rule of the header is known, and no other")
    func header() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let header = try String(
            contentsOf: root.appending(path: "Sources/PluginAPI/include/gateway_cache_plugin.h"),
            encoding: .utf8
        )
        let defined = header.matches(of: #/(?m)^ \*   ([LCOVTPE]-\d+)  \S/#).map { String($0.1) }
        #expect(Set(defined) == Set(Rule.allCases.map(\.rawValue)))
        #expect(defined.count == Rule.allCases.count)
    }

    @Test("Every rule has a check, or says why none can show that a plugin breaks it")
    func complete() {
        let checked = Set(ConformanceCheck.all.flatMap(\.rules))
        for rule in Rule.allCases {
            #expect(checked.contains(rule) == (rule.reasonUnchecked == nil), "\(rule)")
        }
    }

    @Test("There are more than a hundred checks; each has a rule, a claim, and a name of its own")
    func names() {
        let checks = ConformanceCheck.all
        #expect(checks.count > 100)
        #expect(checks.allSatisfy { !$0.rules.isEmpty && $0.claim.hasSuffix(".") })
        #expect(Set(checks.map(\.id)).count == checks.count)
        for check in checks {
            #expect("\(check.id)".wholeMatch(of: #/[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*/#) != nil, "\(check.id)")
        }
    }

    @Test("Every group of names has checks")
    func groups() {
        #expect(Set(ConformanceCheck.all.map(\.id.group)) == Set(CheckID.Group.allCases))
    }
}
