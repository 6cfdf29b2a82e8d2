import Text

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    static var metrics: SectionParameter {
        .flag(
            "metrics",
            \.metrics,
            "Whether requests are counted and `/metrics` answers, in Prometheus' text format. Default: true."
        )
    }
}

extension SectionParameter where Target == SettingsDraft.LiteLLMDraft {
    /// LiteLLM's lists of callbacks, and who may ask for metrics.
    static var callbacks: [SectionParameter] {
        let lists = ["callbacks", "success_callback", "failure_callback"].map { name in
            SectionParameter(
                name,
                "list",
                "`prometheus` is what `general_settings.metrics` is by itself. Others have no effect.",
                isResolved: false
            ) { member, _, context in
                context.readCallbacks(member)
            }
        }
        return lists + [
            .flag(
                "require_auth_for_metrics_endpoint",
                \.metricsRequireKey,
                "Whether `/metrics` wants the master key, where there is one. Default: everywhere but at a listener for "
                    + "administration; `false` is for none, `true` for that one too."
            )
        ]
    }
}

extension ReadingContext {
    /// Reads one callback or a list of them.
    fileprivate mutating func readCallbacks(_ member: YAMLMember) {
        let items: [YAMLNode] = if case .sequence(let items) = member.value.content { items } else { [member.value] }
        for item in items {
            let name = if case .scalar(let scalar) = item.content { scalar.text } else { item.kind }
            guard !name.utf8.elementsEqual("prometheus".utf8) else { continue }
            warnOnce(item.position, "'\(name.quotable)' of '\(member.key)'\(place) is accepted, but has no effect here")
        }
    }
}
