import PluginAPI
import Testing

@testable import PluginConformance

@Suite("Each broken rule is reported by its number", .timeLimit(.minutes(2)))
struct ConformanceTests {
    @Test(
        "a plugin that keeps every rule passes, whether it answers inline or by a completion",
        arguments: ["none", "pending"]
    )
    func innocent(offence: String) throws {
        let report = ConformanceSuite(try OffenderPlugin.byParameter.get(), ["offence": offence]).run()
        #expect(report.isConformant, "\(report)")
        #expect(report.violations.isEmpty)
        let skipped = report.results.filter { if case .skipped = $0.verdict { true } else { false } }
        #expect(
            skipped.map(\.check.name).count == 3,
            "only what needs a process of its own, or 'validate', is left out"
        )
    }

    @Test(
        "a plugin that breaks one rule is reported with that rule",
        arguments: [
            ("positive", Rule.o1), ("never", .o2), ("inline and completed", .o2), ("twice", .o2), ("unknown", .o5),
            ("status", .o4), ("keys", .o3), ("scribble", .o3), ("stride", .l2), ("impossible", .v1), ("reuse", .v1),
            ("no lease", .v2), ("undeclared", .p5), ("wrong type", .p5), ("afterlife", .t5), ("hasty", .v1),
            ("undeletable", .l5), ("flush too much", .l5), ("keep", .l5),
        ]
    )
    func offence(offence: String, rule: Rule) throws {
        let suite = ConformanceSuite(try OffenderPlugin.byParameter.get(), ["offence": offence], patience: 0.2)
        let checks = ConformanceCheck.all.filter { $0.rules.contains(rule) }
        #expect(!checks.isEmpty)
        let report = suite.run(checks)
        #expect(report.brokenRules.contains(rule), "\(report)")
        #expect(!report.isConformant)
    }

    @Test(
        "a wrong descriptor is reported",
        arguments: [
            ("STRUCT_SIZE=64", Rule.l1), ("RESERVED=1", .l3), (#"SUMMARY="\xff""#, .l4), ("FLUSH=NULL", .l5),
        ]
    )
    func descriptor(define: String, rule: Rule) throws {
        let report = ConformanceSuite(try OffenderPlugin.compile([define, "UNUSED"])).run(
            ConformanceCheck.descriptorChecks
        )
        #expect(report.brokenRules == [rule], "\(report)")
    }

    @Test("the example in C, which is copied, keeps every rule")
    func example() throws {
        let report = ConformanceSuite(try OffenderPlugin.compile([], source: OffenderPlugin.example)).run()
        #expect(report.isConformant && report.violations.isEmpty, "\(report)")
    }

    @Test("the example in C refuses what comes after shutdown, which ends once, with the last lease")
    func exampleShutdown() throws {
        let driver = try PluginDriver(OffenderPlugin.compile([], source: OffenderPlugin.example))
        _ = driver.set("key", "value").wait()
        let found = try #require(driver.get("key", "key").wait())
        #expect(found.values == ["value", "value"] && found.leases.count == 2)
        let shutdown = driver.beginShutdown()
        #expect(driver.get("key").wait()?.status == GW_ECANCELLED)
        #expect(driver.set("key", "other").wait()?.status == GW_ECANCELLED)
        driver.release(Array(found.leases.prefix(1)))
        #expect(shutdown.wait(seconds: 0.05) == nil)
        driver.release(Array(found.leases.dropFirst()))
        #expect(shutdown.wait()?.status == GW_OK)
        // A lease of nothing does not count, and completes nothing again.
        driver.release([0])
        try driver.destroy()
        #expect(driver.violations.isEmpty)
    }

    @Test("a plugin that cannot be made is a failure that says why, and no crash")
    func unusable() throws {
        #expect(throws: TestedPlugin.Unusable.self) { try TestedPlugin(library: "/nonexistent/libgateway-cache-x.so") }
        #expect(throws: TestedPlugin.Unusable.self) { try TestedPlugin { _, _ in -13 } }
    }

    @Test("every check has a rule, and every rule but one that only a host can break has a check")
    func complete() {
        #expect(ConformanceCheck.all.allSatisfy { !$0.rules.isEmpty })
        let checked = Set(ConformanceCheck.all.flatMap(\.rules))
        #expect(Set(Rule.allCases).subtracting(checked).isEmpty, "\(Set(Rule.allCases).subtracting(checked))")
        #expect(Set(ConformanceCheck.all.map(\.name)).count == ConformanceCheck.all.count)
    }
}
