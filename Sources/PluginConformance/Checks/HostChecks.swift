import PluginAPI

extension ConformanceCheck {
    /// Check that the plugin works in front of hosts of every version, which lend it memory in every way that the
    /// interface allows. Each of them uses all functions of an instance.
    static let hostChecks: [ConformanceCheck] =
        [
            host("of-version-1-0", "works in a host of version 1.0, whose structs are not a byte longer", [.l1, .l2]) {
                $0 = .first
            }
        ]
        + [8, 64, 4096].map { growth in
            host(
                "with-structs-\(growth)-bytes-longer",
                "works in a later host, whose structs and strides are \(growth) bytes longer",
                [.l1, .l2]
            ) { $0.growth = growth }
        } + [
            host("of-a-later-minor-version", "works in a host that states minor version 99", [.l1]) { $0.minor = 99 },
            host("with-guarded-memory", "reads and writes nothing beyond what it was lent", [.o3, .l6, .v3]) {
                $0 = .guarded
            },
            host("with-reserved-fields-in-use", "ignores what reserved fields hold", [.l3]) {
                $0.reserved = 0xFFFF_FFFF
            },
            host("with-unknown-flags", "ignores flags of operations and items that it does not know", [.l3, .l7]) {
                $0.flags = 0x8000_0100
            },
            host("with-an-unknown-log-level", "copes with a level of the log that it does not know", [.l7]) {
                $0.logLevel = 77
            },
            host("without-a-log", "works where nothing is to be logged", [.l7]) {
                $0.logLevel = GW_LOG_HOST_MISBEHAVING + 1
            },
            host("without-errors-in-operations", "works without a gw_error in its operations", [.o1]) {
                $0.givesErrors = false
            },
            host("with-null-for-empty-slices", "accepts NULL for slices without bytes", [.o3]) {
                $0.emptyIsNull = true
            },
            host("with-one-operation-at-a-time", "works in a host that keeps one operation pending", [.o1]) {
                $0.mostPending = 1
            },
            host("with-a-limit-of-values", "works in a host that reads values of up to a mebibyte", [.o4]) {
                $0.largestValue = 1 << 20
            },
            ConformanceCheck(
                .hosts,
                "of-version-1-0-call-the-entry-function",
                "The entry function reads no more of gw_abi than version 1.0 has.",
                [.l1],
                needs: .process
            ) { trial in
                trial.expect(trial.plugin.describeAgain(.first) != nil, .l1, "refuses a host of version 1.0")
            },
            ConformanceCheck(
                .hosts,
                "of-later-versions-call-the-entry-function",
                "The entry function accepts a later host, whose gw_abi is longer.",
                [.l1]
            ) { trial in
                for growth in [8, 4096] {
                    var style = HostStyle()
                    (style.growth, style.minor) = (growth, 99)
                    let isAccepted = trial.plugin.describeAgain(style) != nil
                    trial.expect(isAccepted, .l1, "refuses a host whose gw_abi is \(growth) bytes longer")
                }
            },
        ]

    private static func host(
        _ name: String,
        _ claim: String,
        _ rules: [Rule],
        _ change: @escaping @Sendable (inout HostStyle) -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(.hosts, name, "The plugin \(claim).", rules, needs: .process) { trial in
            var style = HostStyle()
            change(&style)
            try trial.withInstance(style) { instance in trial.exercise(instance, rule: rules[0]) }
        }
    }
}
