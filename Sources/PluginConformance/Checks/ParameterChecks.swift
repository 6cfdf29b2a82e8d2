import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check how the plugin treats its parameters.
    static let parameterChecks = [
        ConformanceCheck(
            .parameters,
            "are-accepted-as-they-are-tested",
            "The parameters that the plugin is tested with are valid, however often they are validated.",
            [.p1, .p5]
        ) { trial in
            try trial.needValidate()
            for _ in 0..<3 {
                let (status, reason, _) = trial.validate(trial.subject.configured)
                trial.expect(status == GW_OK, .p1, "does not validate the parameters that it is tested with: \(reason)")
            }
        },
        ConformanceCheck(
            .parameters,
            "are-validated-on-any-thread",
            "Parameters may be validated on several threads, also while an instance works.",
            [.c1, .p1]
        ) { trial in
            try trial.needValidate()
            try trial.withInstance { _ in
                Threads.run(4) { _ in
                    for _ in 0..<10 {
                        let (status, reason, _) = trial.validate(trial.subject.configured)
                        trial.expect(status == GW_OK, .c1, "does not validate beside an instance: \(reason)")
                    }
                }
            }
        },
        ConformanceCheck(
            .parameters,
            "are-validated-without-a-trace",
            "validate opens no file, starts no thread and leaves the process as it is.",
            [.p1, .p2],
            needs: .process
        ) { trial in
            try trial.needValidate()
            _ = trial.validate(trial.subject.configured)
            let (threads, files, state) = (Threads.all().count, ProcessState.openDescriptors, ProcessState())
            _ = trial.validate(trial.subject.configured)
            trial.expect(Threads.all().count <= threads, .p1, "starts threads in validate")
            trial.expect(ProcessState.openDescriptors <= files, .p1, "opens files in validate")
            for difference in ProcessState().differences(from: state) {
                trial.violations.note(.p2, "changes \(difference) in validate")
            }
        },
        ConformanceCheck(
            .parameters,
            "are-read-as-declared",
            "Only declared parameters are read, and as the type that they are declared with.",
            [.p5]
        ) { trial in
            if trial.descriptor.validate != nil { _ = trial.validate(trial.subject.configured) }
            try trial.withInstance { _ in }
        },
        ConformanceCheck(
            .parameters,
            "are-read-within-their-length",
            "Values are not NUL-terminated, and are not used after create has returned.",
            [.l4, .o3],
            needs: .process
        ) { trial in
            if trial.descriptor.validate != nil { _ = trial.validate(trial.subject.configured, style: .guarded) }
            try trial.withInstance(.guarded) { instance in trial.exercise(instance, rule: .l4) }
        },
        ConformanceCheck(
            .parameters,
            "do-not-come-from-the-environment-directly",
            "Variables of the environment are read through the host alone.",
            [.p5],
            needs: .process
        ) { trial in
            let variables = DeclaredParameters(trial.plugin.descriptor).all.compactMap(\.env)
            try trial.need(!variables.isEmpty, "the plugin's parameters have no variables")
            // Whoever reads these himself gets nonsense.
            for variable in variables { setenv(variable, "conformance:nonsense", 1) }
            try trial.withInstance { instance in trial.exercise(instance, rule: .p5) }
        },
        ConformanceCheck(
            .parameters,
            "at-their-bounds-are-accepted-or-explained",
            "A value at a bound, and each choice, makes a valid configuration or an error with a reason.",
            [.p3, .l4, .l7],
            needs: .process
        ) { trial in
            try trial.tryValues { row, _ in row.boundaryValues }
        },
        ConformanceCheck(
            .parameters,
            "of-random-values-are-accepted-or-explained",
            "Random values of the right type make a valid configuration or an error with a reason.",
            [.p3, .l4, .l7],
            needs: .process
        ) { trial in
            try trial.tryValues { row, random in row.randomValues(&random) }
        },
        ConformanceCheck(
            .parameters,
            "may-all-be-missing",
            "Without any value that was given, there is an instance or an error with a reason.",
            [.p3, .l7],
            needs: .process
        ) { trial in
            trial.tryOut([:], "without parameters")
        },
        ConformanceCheck(
            .parameters,
            "that-are-secret-are-in-no-error",
            "No error of validate or create has a secret in it.",
            [.p5]
        ) { trial in
            let secrets = try trial.secretRows()
            for row in secrets {
                let marker = "conformance-secret-\(row.name)"
                for extra in ["", "\u{7F}", "://@:/"] {
                    let given = trial.subject.configured.merging([row.name: marker + extra]) { $1 }
                    if trial.descriptor.validate != nil {
                        let reason = trial.validate(given).reason
                        trial.expect(!reason.contains(marker), .p5, "has the secret '\(row.name)' in an error")
                    }
                    do {
                        let instance = try trial.instance(HostStyle(), given)
                        trial.discard(instance)
                    } catch {
                        trial.expect(
                            !"\(error)".contains(marker),
                            .p5,
                            "has the secret '\(row.name)' in the error of create"
                        )
                    }
                }
            }
        },
        ConformanceCheck(
            .parameters,
            "that-are-secret-are-in-no-log",
            "Neither the log, nor health, nor an operation's error has a secret in it.",
            [.p5]
        ) { trial in
            for row in try trial.secretRows() {
                let marker = "conformance-secret-\(row.name)"
                let given = trial.subject.configured.merging([row.name: marker]) { $1 }
                guard let instance = try? trial.instance(HostStyle(), given) else { continue }
                let start = trial.end(instance.start(within: 2))
                var texts = [start?.reason ?? ""]
                if start?.status == GW_OK {
                    texts.append(trial.end(instance.ping(within: 2))?.reason ?? "")
                    texts.append(trial.end(instance.get([trial.key("secret")], within: 2))?.reason ?? "")
                }
                trial.discard(instance, started: start?.status == GW_OK)
                texts += instance.log + instance.health.map(\.reason)
                let isTold = texts.contains { $0.contains(marker) }
                trial.expect(!isTold, .p5, "tells the secret '\(row.name)' in its log, health or errors")
            }
        },
        ConformanceCheck(
            .parameters,
            "that-are-wrong-are-named-in-the-error",
            "An error names the parameter at fault, where it names one, as it is declared.",
            [.l4]
        ) { trial in
            try trial.needValidate()
            let rows = DeclaredParameters(trial.plugin.descriptor).rows
            let names = Set(rows.map(\.name))
            var random = trial.random
            for row in rows {
                for value in row.boundaryValues + row.randomValues(&random) {
                    let named = trial.validate(trial.subject.configured.merging([row.name: value]) { $1 }).parameter
                    let isDeclared = named.isEmpty || names.contains(named)
                    trial.expect(isDeclared, .l4, "names '\(named)' in an error, which it does not declare")
                }
            }
        },
    ]
}

extension DeclaredParameters.Row {
    /// Values at the bounds, and every choice.
    var boundaryValues: [String] {
        switch raw.type {
        case GW_PARAM_INT, GW_PARAM_SIZE, GW_PARAM_DURATION:
            let unit = raw.type == GW_PARAM_DURATION ? "ns" : ""
            let least = raw.flags & GW_PARAM_HAS_MINIMUM != 0 ? raw.minimum : 0
            let most = raw.flags & GW_PARAM_HAS_MAXIMUM != 0 ? raw.maximum : 1 << 20
            return ["\(least)\(unit)", "\(most)\(unit)"]
        case GW_PARAM_FLOAT: return ["0", "1"]
        case GW_PARAM_BOOL: return ["true", "false"]
        case GW_PARAM_ENUM: return choices
        case GW_PARAM_STRING_LIST: return ["", "a", "a,b,c"]
        case GW_PARAM_JSON: return ["{}", "[]", "null", "0", "\"\""]
        default: return ["", "x", String(repeating: "x", count: 100_000)]
        }
    }

    /// A few random values of the type, within the bounds.
    func randomValues(_ random: inout SeededValues) -> [String] {
        let pieces = [
            "/", ":", "@", "%00", "é", "\u{1F600}", "..", "\\", "'", "\"", "{", "\t", "a", "0", "-1", "http://",
        ]
        return (0..<4).map { _ in
            switch raw.type {
            case GW_PARAM_INT, GW_PARAM_SIZE, GW_PARAM_DURATION:
                let least = raw.flags & GW_PARAM_HAS_MINIMUM != 0 ? raw.minimum : 0
                let most = raw.flags & GW_PARAM_HAS_MAXIMUM != 0 ? raw.maximum : max(least, 1 << 20)
                let value = least <= most ? Int64.random(in: least...most, using: &random) : least
                return "\(value)" + (raw.type == GW_PARAM_DURATION ? "ns" : "")
            case GW_PARAM_FLOAT: return "\(Double.random(in: 0...1, using: &random))"
            case GW_PARAM_BOOL: return Bool.random(using: &random) ? "yes" : "no"
            case GW_PARAM_ENUM: return choices.randomElement(using: &random) ?? ""
            case GW_PARAM_JSON: return "[\(random.next()),{\"a\":[null]}]"
            default:
                let count = Int.random(in: 0...12, using: &random)
                return (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            }
        }
    }
}

extension Trial {
    fileprivate func needValidate() throws {
        try need(descriptor.validate != nil, "the plugin has no function 'validate'")
    }

    fileprivate func secretRows() throws -> [DeclaredParameters.Row] {
        let rows = DeclaredParameters(plugin.descriptor).rows.filter(\.isSecret)
        try need(!rows.isEmpty, "the plugin declares no secret")
        return rows
    }

    /// Calls validate.
    func validate(
        _ parameters: [String: String],
        style: HostStyle = HostStyle()
    ) -> (status: Int32, reason: String, parameter: String) {
        guard let validate = descriptor.validate else { return (GW_OK, "", "") }
        let memory = ErrorMemory.make(style)
        let error = memory.pointer(to: gw_error.self)
        let given = GivenParameters(plugin, parameters, subject.environment, style, violations)
        let status = given.lend { validate($0, error) }
        let result = (status, error.pointee.text, error.pointee.parameterText)
        expect(status <= GW_OK && status >= GW_EPARTIAL, .l7, "returns \(status) from validate")
        if status != GW_OK {
            ErrorMemory.check(error.pointee, violations)
            expect(!result.1.isEmpty, .l4, "gives no reason for refusing its parameters")
        }
        memory.end()
        return result
    }

    /// Starts an instance with a short deadline, whether or not it works, and frees it.
    func discard(_ instance: PluginDriver) {
        let start = end(instance.start(within: 0.05))
        discard(instance, started: start?.status == GW_OK)
    }

    /// Frees an instance that was started, or whose start has failed.
    func discard(_ instance: PluginDriver, started: Bool) {
        if started { end(instance.beginShutdown(within: subject.patience)) }
        try? instance.destroy()
        take(instance)
    }

    /// Validates values, and makes an instance with them.
    fileprivate func tryOut(_ parameters: [String: String], _ what: String) {
        _ = validate(parameters)
        do {
            discard(try instance(HostStyle(), parameters))
        } catch {
            expect(!"\(error)".isEmpty, .l4, "gives no reason why there is no instance \(what)")
        }
    }

    fileprivate func tryValues(
        _ values: (DeclaredParameters.Row, inout SeededValues) -> [String]
    ) throws {
        let rows = DeclaredParameters(plugin.descriptor).rows
        try need(!rows.isEmpty, "the plugin has no parameters")
        var random = random
        for row in rows {
            for value in values(row, &random) {
                tryOut(
                    subject.configured.merging([row.name: value]) { $1 },
                    "with '\(row.name)' of '\(value.prefix(40))'"
                )
            }
        }
    }
}
