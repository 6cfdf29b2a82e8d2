import PluginAPI

extension ConformanceCheck {
    /// Check what is visible without an instance.
    static let descriptorChecks = [
        ConformanceCheck("The entry function gives the same descriptor each time", [.p1]) { trial in
            for _ in 0..<3 {
                trial.expect(
                    trial.plugin.describeAgain() == trial.plugin.descriptor,
                    .p1,
                    "gives another descriptor when the entry function is called again"
                )
            }
        },

        ConformanceCheck(
            "The descriptor and its parameters say their own sizes, and what is reserved is zero",
            [.l1, .l2, .l3]
        ) {
            trial in
            let plugin = trial.plugin.descriptor.pointee
            trial.expect(
                Int(plugin.struct_size) >= Int(GW_PLUGIN_SIZE_1_0),
                .l1,
                "has a descriptor with a struct_size of \(plugin.struct_size)"
            )
            guard plugin.n_params > 0 else { return }
            trial.expect(
                plugin.params != nil && Int(plugin.param_stride) >= Int(GW_PARAM_SIZE_1_0)
                    && Int(plugin.param_stride) % MemoryLayout<gw_param>.alignment == 0,
                .l2,
                "has \(plugin.n_params) parameters \(plugin.param_stride) bytes apart"
            )
            for parameter in DeclaredParameters(trial.plugin.descriptor).all {
                trial.expect(
                    Int(parameter.struct_size) >= Int(GW_PARAM_SIZE_1_0),
                    .l1,
                    "declares a parameter with a struct_size of \(parameter.struct_size)"
                )
                trial.expect(parameter.reserved == 0, .l3, "has something in a parameter's reserved field")
            }
        },

        ConformanceCheck("The descriptor's texts are UTF-8, and those that must be there are", [.l4]) { trial in
            let plugin = trial.plugin.descriptor.pointee
            for (text, name) in [(plugin.type, "type"), (plugin.version, "version"), (plugin.summary, "summary")] {
                trial.expect(isText(text), .l4, "has no \(name), or one that is not UTF-8")
            }
            for parameter in DeclaredParameters(trial.plugin.descriptor).all {
                trial.expect(isText(parameter.name), .l4, "declares a parameter without a name")
                for text in [parameter.doc, parameter.default_value, parameter.env, parameter.example] where text != nil
                {
                    trial.expect(isText(text), .l4, "says something of a parameter that is not UTF-8")
                }
            }
        },

        ConformanceCheck("Every function is there that every plugin has or a capability promises", [.l5]) { trial in
            let plugin = trial.plugin.descriptor.pointee
            let functions: [(isThere: Bool, isNeeded: Bool, name: String)] = [
                (plugin.create != nil, true, "create"), (plugin.get != nil, true, "get"),
                (plugin.set != nil, true, "set"),
                (plugin.ping != nil, true, "ping"), (plugin.shutdown != nil, true, "shutdown"),
                (plugin.destroy != nil, true, "destroy"),
                (plugin.del != nil, trial.plugin.has(GW_CAP_DELETE), "del"),
                (plugin.flush != nil, trial.plugin.has(GW_CAP_FLUSH), "flush"),
                (plugin.stats != nil, trial.plugin.has(GW_CAP_STATS), "stats"),
            ]
            for function in functions where function.isNeeded {
                trial.expect(function.isThere, .l5, "has no function '\(function.name)'")
            }
            trial.expect(
                [GW_THREADS_CONCURRENT, GW_THREADS_SERIAL, GW_THREADS_BLOCKING].contains(plugin.threads),
                .t2,
                "declares a thread model that there is not: \(plugin.threads)"
            )
        },

        ConformanceCheck("Parameters are validated as often as is wanted, and only declared ones are read", [.p1, .p5])
        { trial in
            guard let validate = trial.plugin.descriptor.pointee.validate else {
                throw Trial.Skipped(reason: "the plugin has no function 'validate'")
            }
            let given = GivenParameters(
                trial.plugin,
                trial.subject.configured,
                trial.subject.environment,
                trial.violations
            )
            var error = gw_error()
            error.struct_size = UInt32(MemoryLayout<gw_error>.size)
            for _ in 0..<3 {
                let status = given.lend { validate($0, &error) }
                trial.expect(
                    status == GW_OK,
                    .p1,
                    "does not validate the parameters that it is tested with: \(error.text)"
                )
            }
        },
    ]

    /// Whether the pointer is to a text of at least one byte.
    private static func isText(_ pointer: UnsafePointer<CChar>?) -> Bool {
        guard let pointer, pointer[0] != 0 else { return false }
        return String(validatingCString: pointer) != nil
    }
}
