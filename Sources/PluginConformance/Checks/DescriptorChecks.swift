import PluginAPI

extension ConformanceCheck {
    /// Check what the plugin says about itself.
    static let descriptorChecks = [
        ConformanceCheck(.descriptor, "states-its-own-size", "The descriptor has its own size in it.", [.l1]) { trial in
            let size = trial.descriptor.struct_size
            trial.expect(size >= GW_PLUGIN_SIZE_1_0, .l1, "has a descriptor with a struct_size of \(size)")
        },
        ConformanceCheck(
            .descriptor,
            "has-readable-texts",
            "Type, version and summary are there, and every text is UTF-8 in one line.",
            [.l4]
        ) { trial in
            let plugin = trial.descriptor
            for (text, name) in [(plugin.type, "type"), (plugin.version, "version"), (plugin.summary, "summary")] {
                trial.expect(Texts.isLine(text), .l4, "has no \(name), or one that is not a line of UTF-8")
            }
            for (text, name) in [(plugin.vendor, "vendor"), (plugin.license, "license"), (plugin.doc_url, "doc_url")]
            where text != nil {
                trial.expect(Texts.isLine(text), .l4, "has a \(name) that is not a line of UTF-8")
            }
        },
        ConformanceCheck(
            .descriptor,
            "type-is-a-name",
            "The type is a small letter and up to 31 small letters, digits, '_' and '-'.",
            [.l4]
        ) { trial in
            let isName = Texts.isName(trial.plugin.type, others: "_-", limit: 32)
            trial.expect(isName, .l4, "has the type '\(trial.plugin.type)', which cannot be in a file's name")
        },
        ConformanceCheck(
            .descriptor,
            "version-begins-with-a-number",
            "The version can be compared with others.",
            [.l4],
            isAdvice: true
        ) { trial in
            let version = trial.descriptor.version.map { String(cString: $0) } ?? ""
            trial.expect(version.first?.isNumber == true, .l4, "has the version '\(version)'")
        },
        ConformanceCheck(
            .descriptor,
            "has-every-function",
            "Every function is there that every plugin has or a capability promises.",
            [.l5]
        ) { trial in
            let plugin = trial.descriptor
            let functions: [(isThere: Bool, isNeeded: Bool, name: String)] = [
                (plugin.create != nil, true, "create"), (plugin.get != nil, true, "get"),
                (plugin.set != nil, true, "set"), (plugin.ping != nil, true, "ping"),
                (plugin.shutdown != nil, true, "shutdown"), (plugin.destroy != nil, true, "destroy"),
                (plugin.del != nil, trial.plugin.has(GW_CAP_DELETE), "del"),
                (plugin.flush != nil, trial.plugin.has(GW_CAP_FLUSH), "flush"),
                (plugin.stats != nil, trial.plugin.has(GW_CAP_STATS), "stats"),
            ]
            for function in functions where function.isNeeded {
                trial.expect(function.isThere, .l5, "has no function '\(function.name)'")
            }
        },
        ConformanceCheck(
            .descriptor,
            "announces-what-it-has",
            "A function that is there is announced by its capability, since the host does not call it otherwise.",
            [.l5],
            isAdvice: true
        ) { trial in
            let plugin = trial.descriptor
            for (isThere, capability, name) in [
                (plugin.del != nil, GW_CAP_DELETE, "del"), (plugin.flush != nil, GW_CAP_FLUSH, "flush"),
                (plugin.stats != nil, GW_CAP_STATS, "stats"),
            ] where isThere {
                trial.expect(trial.plugin.has(capability), .l5, "has a function '\(name)' that it does not announce")
            }
        },
        ConformanceCheck(
            .descriptor,
            "has-a-known-thread-model",
            "The thread model is one of the interface's.",
            [.l7, .t2]
        ) { trial in
            let threads = trial.descriptor.threads
            let isKnown = [GW_THREADS_CONCURRENT, GW_THREADS_SERIAL, GW_THREADS_BLOCKING].contains(threads)
            trial.expect(isKnown, .l7, "declares a thread model that there is not: \(threads)")
        },
        ConformanceCheck(
            .descriptor,
            "has-known-capabilities",
            "No capability is announced that its interface version does not have.",
            [.l7],
            isAdvice: true
        ) { trial in
            let known: UInt64 = 0xFF
            let unknown = trial.descriptor.capabilities & ~known
            trial.expect(
                unknown == 0 || trial.descriptor.abi_minor > GW_ABI_MINOR,
                .l7,
                "announces unknown capabilities (0x\(String(unknown, radix: 16)))"
            )
        },
        ConformanceCheck(
            .descriptor,
            "limits-threads-only-if-it-blocks",
            "max_threads is stated only under GW_THREADS_BLOCKING, the one model that it means anything for.",
            [.t2],
            isAdvice: true
        ) { trial in
            let isStated = trial.descriptor.max_threads != 0
            let isBlocking = trial.descriptor.threads == GW_THREADS_BLOCKING
            trial.expect(!isStated || isBlocking, .t2, "states max_threads, which has no effect under its thread model")
        },
        ConformanceCheck(
            .descriptor,
            "accepts-the-gateways-keys",
            "Keys of 128 bytes are accepted: the gateway's have a namespace and a digest.",
            [.l5],
            isAdvice: true
        ) { trial in
            let most = trial.descriptor.max_key
            trial.expect(most == 0 || most >= 128, .l5, "accepts keys of \(most) bytes at most")
        },
        ConformanceCheck(
            .descriptor,
            "parameters-have-a-stride",
            "The parameter table is there, and its stride is at least the size of an entry.",
            [.l2]
        ) { trial in
            let plugin = trial.descriptor
            try trial.need(plugin.n_params > 0, "the plugin has no parameters")
            trial.expect(
                plugin.params != nil && plugin.param_stride >= GW_PARAM_SIZE_1_0
                    && Int(plugin.param_stride) % MemoryLayout<gw_param>.alignment == 0,
                .l2,
                "has \(plugin.n_params) parameters \(plugin.param_stride) bytes apart"
            )
        },
        parameterRows("parameters-state-their-size", "Every parameter has its own size in it.", [.l1]) { row, trial in
            trial.expect(
                row.raw.struct_size >= GW_PARAM_SIZE_1_0 && row.raw.struct_size <= trial.descriptor.param_stride,
                .l1,
                "declares '\(row.name)' with a struct_size of \(row.raw.struct_size)"
            )
        },
        parameterRows("parameters-reserve-nothing", "Reserved fields of parameters are zero.", [.l3]) { row, trial in
            trial.expect(row.raw.reserved == 0, .l3, "has something in the reserved field of '\(row.name)'")
        },
        parameterRows("parameters-have-names", "Every parameter and alias has a name.", [.l4]) { row, trial in
            for name in [row.name] + row.aliases {
                let isName = Texts.isName(name, others: "_", limit: 64)
                trial.expect(isName, .l4, "declares '\(name)', which is not a name like 'max_size'")
            }
        },
        ConformanceCheck(.descriptor, "parameters-have-one-name-each", "No name is used twice.", [.l4]) { trial in
            var seen: Set<String> = []
            for row in DeclaredParameters(trial.plugin.descriptor).rows {
                for name in [row.name] + row.aliases {
                    trial.expect(seen.insert(name).inserted, .l4, "declares '\(name)' twice")
                }
            }
        },
        parameterRows("parameters-leave-the-hosts-names", "No name is one of the gateway's own.", [.p5]) { row, trial in
            for name in [row.name] + row.aliases {
                trial.expect(
                    !trial.subject.hostNames.contains(name) && !name.hasPrefix("gateway_"),
                    .p5,
                    "declares '\(name)', which is the gateway's own in cache_params"
                )
            }
        },
        parameterRows("parameters-have-known-types", "Every type is one of the interface's.", [.l7]) { row, trial in
            let isKnown = (GW_PARAM_STRING...GW_PARAM_JSON).contains(row.raw.type)
            trial.expect(isKnown, .l7, "gives '\(row.name)' an unknown type (\(row.raw.type))")
        },
        parameterRows("parameters-have-readable-texts", "What is said of a parameter is UTF-8.", [.l4]) { row, trial in
            trial.expect(Texts.isLine(row.raw.doc), .l4, "does not document '\(row.name)' in a line of UTF-8")
            for text in [row.raw.default_value, row.raw.env, row.raw.example, row.raw.group, row.raw.replaced_by]
            where text != nil {
                trial.expect(Texts.isText(text), .l4, "says something of '\(row.name)' that is not UTF-8")
            }
        },
        parameterRows("parameters-have-possible-bounds", "No minimum is above its maximum.", [.l7]) { row, trial in
            let both = GW_PARAM_HAS_MINIMUM | GW_PARAM_HAS_MAXIMUM
            guard row.raw.flags & both == both else { return }
            let isFloat = row.raw.type == GW_PARAM_FLOAT
            let isPossible =
                isFloat ? row.raw.float_minimum <= row.raw.float_maximum : row.raw.minimum <= row.raw.maximum
            trial.expect(isPossible, .l7, "gives '\(row.name)' a minimum above its maximum")
        },
        parameterRows("choices-are-there", "A parameter that is a choice has choices.", [.l4]) { row, trial in
            guard row.raw.type == GW_PARAM_ENUM else { return }
            trial.expect(!row.choices.isEmpty, .l4, "gives '\(row.name)' no choices")
        },
        parameterRows("defaults-are-values", "Every default is a value of its parameter.", [.l4]) { row, trial in
            guard let value = row.raw.default_value.map({ String(cString: $0) }) else { return }
            let isValue =
                switch row.raw.type {
                case GW_PARAM_INT, GW_PARAM_DURATION, GW_PARAM_SIZE:
                    ParameterText.integer(value, as: row.raw.type).map { row.allows($0) } ?? false
                case GW_PARAM_FLOAT: Double(value) != nil
                case GW_PARAM_BOOL: ParameterText.boolean(value) != nil
                case GW_PARAM_ENUM: row.choices.contains(value)
                default: true
                }
            trial.expect(isValue, .l4, "gives '\(row.name)' the default '\(value)', which is not a value of it")
        },
        parameterRows("secrets-have-no-default", "A secret has no default.", [.p5]) { row, trial in
            guard row.isSecret else { return }
            trial.expect(
                row.raw.default_value == nil,
                .p5,
                "has a default for the secret '\(row.name)', which documentation shows"
            )
        },
        parameterRows(
            "deprecations-say-what-to-do",
            "A deprecated parameter names its replacement or says why.",
            [.l4]
        ) { row, trial in
            guard row.raw.flags & GW_PARAM_DEPRECATED != 0 else { return }
            let isExplained = row.raw.replaced_by != nil || Texts.isLine(row.raw.doc)
            trial.expect(isExplained, .l4, "deprecates '\(row.name)' without a word about it")
        },
        parameterRows("variables-have-names", "Environment variables have names that shells accept.", [.l4]) {
            row,
            trial in
            guard let name = row.raw.env.map({ String(cString: $0) }) else { return }
            let isName =
                name.utf8.allSatisfy { ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 95 } && !name.isEmpty
            trial.expect(isName, .l4, "gives '\(row.name)' the environment variable '\(name)'")
        },
    ]

    /// A check of every entry of the parameter table.
    private static func parameterRows(
        _ name: String,
        _ claim: String,
        _ rules: [Rule],
        _ body: @escaping @Sendable (DeclaredParameters.Row, Trial) -> Void
    ) -> ConformanceCheck {
        ConformanceCheck(.descriptor, name, claim, rules) { trial in
            let rows = DeclaredParameters(trial.plugin.descriptor).rows
            try trial.need(!rows.isEmpty, "the plugin has no parameters")
            for row in rows { body(row, trial) }
        }
    }
}

/// Texts of static descriptors (rule L-4).
enum Texts {
    static func isText(_ pointer: UnsafePointer<CChar>?) -> Bool {
        pointer.map { String(validatingCString: $0) != nil } ?? false
    }

    /// Whether it is a text of at least one byte, without control characters.
    static func isLine(_ pointer: UnsafePointer<CChar>?) -> Bool {
        guard let text = pointer.flatMap({ String(validatingCString: $0) }) else { return false }
        return !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether it is a small letter, followed by small letters, digits and the others.
    static func isName(_ text: String, others: String, limit: Int) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= limit else { return false }
        return text.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || others.utf8.contains($0)
        }
    }
}
