import PluginAPI
import Testing

@testable import PluginConformance

@Suite("Each broken rule is reported by its number", .timeLimit(.minutes(3)))
struct ConformanceTests {
    /// Checks that run within this process, in which the plugin cannot do harm.
    private func checks(_ groups: [CheckID.Group]) -> [ConformanceCheck] {
        ConformanceCheck.all.filter { groups.contains($0.id.group) && $0.needs.isEmpty }
    }

    /// Everything that uses operations, but not the checks that take long.
    private static let operations: [CheckID.Group] = [
        .operations, .keys, .batches, .model, .completion, .leases, .capabilities,
    ]

    /// The checks that a plugin fails, or is warned by.
    private func complaints(
        _ plugin: TestedPlugin,
        _ parameters: [String: String] = [:],
        in groups: [CheckID.Group]
    ) -> (Set<String>, String) {
        var suite = ConformanceSuite(plugin, parameters, patience: 0.5, seed: 1)
        suite.hostNames = ["ttl"]
        let report = suite.run(checks(groups))
        let complaints = report.results.filter { !["PASSED", "SKIPPED"].contains($0.verdict.word) }
        return (Set(complaints.map(\.check.id.description)), "\(report)")
    }

    @Test(
        "A plugin that keeps every rule passes, whether it answers inline or by a completion",
        arguments: ["none", "pending"]
    )
    func innocent(offence: String) throws {
        let groups = CheckID.Group.allCases.filter { $0 != .leaks }
        let (complaints, report) = complaints(try OffenderPlugin.byParameter.get(), ["offence": offence], in: groups)
        #expect(complaints.isEmpty, "\(report)")
    }

    @Test(
        "A plugin that breaks one rule is reported with that rule",
        arguments: [
            ("positive", Rule.o1), ("never", .o2), ("inline and completed", .o2), ("twice", .o2), ("unknown", .o5),
            ("status", .o4), ("keys", .o3), ("scribble", .o3), ("stride", .l2), ("impossible", .v1), ("reuse", .v1),
            ("no lease", .v2), ("undeclared", .p5), ("wrong type", .p5), ("afterlife", .t5), ("hasty", .v1),
            ("undeletable", .l5), ("flush too much", .l5), ("keep", .l5),
        ]
    )
    func offence(offence: String, rule: Rule) throws {
        let suite = ConformanceSuite(
            try OffenderPlugin.byParameter.get(),
            ["offence": offence],
            patience: 0.2,
            seed: 1
        )
        let groups = Self.operations + [.parameters, .lifecycle]
        let report = suite.run(checks(groups).filter { $0.rules.contains(rule) })
        #expect(report.brokenRules.contains(rule), "\(report)")
        #expect(!report.isConformant)
    }

    @Test(
        "A plugin with one fault fails the checks of that fault, and passes all others",
        arguments: [
            (
                "deletes nothing",
                [
                    "batches.deleted-item-by-item", "capabilities.delete-removes-a-key",
                    "model.random-operations-agree-with-a-model",
                    "model.random-operations-on-few-keys-agree-with-a-model",
                ]
            ),
            (
                "one flushed too many",
                [
                    "capabilities.flush-of-an-unknown-prefix-removes-nothing",
                    "capabilities.flush-removes-the-keys-of-a-prefix",
                    "capabilities.flush-takes-special-characters-as-they-are",
                    "model.random-operations-agree-with-a-model",
                    "model.random-operations-on-few-keys-agree-with-a-model",
                ]
            ), ("pattern", ["capabilities.flush-takes-special-characters-as-they-are"]),
            ("no figures", ["capabilities.figures-are-reported-at-any-time"]),
            ("odd figure", ["capabilities.figures-have-names-and-kinds"]),
            ("odd kind", ["capabilities.figures-have-names-and-kinds"]),
            ("shrinking counter", ["capabilities.figures-that-count-only-grow"]),
            ("lease for a miss", ["batches.of-misses-alone", "leases.are-not-given-for-misses"]),
            ("wrapping ttl", ["capabilities.ttl-may-be-of-any-length"]),
            ("case", ["keys.of-every-character", "keys.that-differ-in-case"]),
            (
                "ping twice",
                ["completion.cancel-accepts-any-id", "completion.ping-ends-exactly-once", "operations.ping-succeeds"]
            ),
        ]
    )
    func exactly(offence: String, expected: [String]) throws {
        let plugin = try OffenderPlugin.byParameter.get()
        let groups = offence == "ping twice" ? [.completion, .operations] : Self.operations
        let (complaints, report) = complaints(plugin, ["offence": offence], in: groups)
        #expect(complaints == Set(expected), "\(report)")
    }

    @Test("A secret that is logged fails one check")
    func toldSecret() throws {
        let plugin = try OffenderPlugin.byParameter.get()
        let (complaints, report) = complaints(plugin, ["offence": "told secret"], in: [.parameters, .lifecycle])
        #expect(complaints == ["parameters.that-are-secret-are-in-no-log"], "\(report)")
    }

    /// A row of the parameter table in C.
    private static func row(_ fields: String, size: String = "sizeof(gw_param)") -> String {
        "ROW={.struct_size=\(size),\(fields)}"
    }

    @Test(
        "A wrong descriptor fails the check of what is wrong with it, and passes all others",
        arguments: [
            (["STRUCT_SIZE=64"], ["descriptor.states-its-own-size"]),
            (["RESERVED=1"], ["descriptor.parameters-reserve-nothing"]),
            ([#"SUMMARY="\xff""#], ["descriptor.has-readable-texts"]),
            (["FLUSH=NULL"], ["descriptor.has-every-function"]),
            ([#"TYPE="Bad Type""#], ["descriptor.type-is-a-name"]),
            ([#"VERSION="one""#], ["descriptor.version-begins-with-a-number"]),
            (["CAPABILITIES=0x8047"], ["descriptor.has-known-capabilities"]),
            (["CAPABILITIES=0x45"], ["descriptor.announces-what-it-has"]),
            (["THREADS=7"], ["descriptor.has-a-known-thread-model"]),
            (["MAX_THREADS=3"], ["descriptor.limits-threads-only-if-it-blocks"]),
            (["MAX_KEY=40"], ["descriptor.accepts-the-gateways-keys"]),
            ([row(#".type=1,.name="count",.doc="x""#)], ["descriptor.parameters-have-one-name-each"]),
            ([row(#".type=1,.name="ttl",.doc="x""#)], ["descriptor.parameters-leave-the-hosts-names"]),
            ([row(#".type=1,.name="gateway_x",.doc="x""#)], ["descriptor.parameters-leave-the-hosts-names"]),
            ([row(#".type=1,.name="x",.doc="x""#, size: "8")], ["descriptor.parameters-state-their-size"]),
            ([row(#".type=1,.name="No",.doc="x""#)], ["descriptor.parameters-have-names"]),
            ([row(#".type=99,.name="x",.doc="x""#)], ["descriptor.parameters-have-known-types"]),
            ([row(#".type=1,.name="x""#)], ["descriptor.parameters-have-readable-texts"]),
            (
                [row(#".type=2,.flags=0x60,.minimum=2,.maximum=1,.name="x",.doc="x""#)],
                ["descriptor.parameters-have-possible-bounds"]
            ), ([row(#".type=7,.name="x",.doc="x""#)], ["descriptor.choices-are-there"]),
            ([row(#".type=2,.default_value="many",.name="x",.doc="x""#)], ["descriptor.defaults-are-values"]),
            ([row(#".type=1,.flags=2,.default_value="s",.name="x",.doc="x""#)], ["descriptor.secrets-have-no-default"]),
            ([row(#".type=1,.env="not a name",.name="x",.doc="x""#)], ["descriptor.variables-have-names"]),
        ]
    )
    func descriptor(defines: [String], expected: [String]) throws {
        let (complaints, report) = complaints(try OffenderPlugin.compile(defines), in: [.descriptor])
        #expect(complaints == Set(expected), "\(report)")
    }

    @Test(
        "A wrong extension fails the check of what is wrong with it",
        arguments: [
            (["EXTENSION=sizeof(struct extension)"], []), (["EXTENSION=3"], ["extensions.reserved-names-have-a-size"]),
            (
                ["EXTENSION=sizeof(struct extension)", "OFFERS=&extensions[0]"],
                ["extensions.unknown-names-are-not-offered"]
            ),
            (
                [
                    "EXTENSION=sizeof(struct extension)",
                    #"OFFERS=(strcmp(id,"gateway.scan/1")?NULL:&extensions[calls&1])"#,
                ],
                ["extensions.are-the-same-each-time-on-any-thread"]
            ),
        ] as [([String], [String])]
    )
    func extensions(defines: [String], expected: [String]) throws {
        let (complaints, report) = complaints(try OffenderPlugin.compile(defines), in: [.extensions])
        #expect(complaints == Set(expected), "\(report)")
    }

    @Test(
        "An entry function that gives another descriptor, and a wrong error of validate, fail the checks of them",
        arguments: [
            (
                ["AT_ENTRY=*out=&copies[(calls-1)&1023]"],
                [
                    "load.describes-itself-while-an-instance-works", "load.gives-the-same-descriptor-each-time",
                    "load.gives-the-same-descriptor-on-any-thread",
                ]
            ), (["NAMES_NOTHING"], ["parameters.that-are-wrong-are-named-in-the-error"]),
            (
                ["REPEATS_SECRETS"],
                ["parameters.that-are-secret-are-in-no-error", "parameters.that-are-wrong-are-named-in-the-error"]
            ),
        ]
    )
    func functions(defines: [String], expected: [String]) throws {
        let (complaints, report) = complaints(try OffenderPlugin.compile(defines), in: [.load, .parameters])
        #expect(complaints == Set(expected), "\(report)")
    }

    @Test("A failed start without a reason, and one that should not have succeeded, are noticed")
    func starts() throws {
        func failed(_ defines: [String], _ parameters: [String: String], _ impossible: [String: String]) throws -> Int {
            var suite = ConformanceSuite(try OffenderPlugin.compile(defines), parameters, patience: 0.5)
            suite.impossible = impossible
            let checks = ConformanceCheck.all.filter { $0.id.claim == "wrong-parameters-fail-start-with-a-reason" }
            return suite.run(checks).results.count { $0.verdict.isFailure }
        }
        #expect(try failed(["HAS_START="], [:], ["token": "wrong"]) == 0)
        #expect(try failed(["HAS_START="], ["offence": "no reason"], ["token": "wrong"]) == 1)
        #expect(try failed(["HAS_START="], [:], ["token": "right"]) == 1)
    }

    @Test("The example in C, which is copied, keeps every rule")
    func example() throws {
        let plugin = try OffenderPlugin.compile([], source: OffenderPlugin.example)
        let groups = CheckID.Group.allCases.filter { $0 != .leaks }
        let (complaints, report) = complaints(plugin, in: groups)
        #expect(complaints.isEmpty, "\(report)")
    }

    @Test("The example in C refuses what comes after shutdown, which ends once, with the last lease")
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

    @Test("A plugin that cannot be made is a failure that says why, and no crash")
    func unusable() throws {
        #expect(throws: TestedPlugin.Unusable.self) { try TestedPlugin(library: "/nonexistent/libgateway-cache-x.so") }
        #expect(throws: TestedPlugin.Unusable.self) { try TestedPlugin { _, _ in -13 } }
    }
}
