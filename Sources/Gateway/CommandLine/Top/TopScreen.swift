import Text

/// What `gateway top` draws, as lines for a terminal of some size. It is a value, and knows no terminal.
struct TopScreen {
    /// How a line is drawn.
    enum Style {
        case plain, title, quiet, good, warning
    }

    struct Line: Equatable {
        var text: String
        var style = Style.plain
    }

    /// The width in columns.
    let width: Int
    /// How many lines there are. It is nil where there is no such limit.
    let height: Int?
    /// Whether characters beyond ASCII are drawn.
    let isUnicode: Bool

    /// - Parameters:
    ///   - previous: the figures before, from which the present rates follow.
    ///   - trouble: why there are no newer figures.
    func lines(_ figures: TopFigures, after previous: TopFigures? = nil, trouble: String? = nil) -> [Line] {
        var lines = [header(figures)]
        if let trouble { lines.append(Line(text: "  " + clean(trouble, 200), style: .warning)) }
        lines.append(Line(text: ""))
        if let hour = figures.hour, let totals = figures.totals {
            lines += counts(hour, Rate(figures, totals, previous))
        } else {
            lines.append(row("Requests", "metrics are off (general_settings.metrics: false)"))
        }
        lines.append(backend(figures))
        lines.append(
            row(
                "Load",
                [
                    "\(TopUnits.count(figures.connections)) of \(TopUnits.count(figures.connectionLimit)) connections",
                    "\(TopUnits.count(figures.calls)) calls for \(TopUnits.count(figures.waiting)) requests",
                    TopUnits.bytes(figures.resident),
                ].joined(separator: separator)
            )
        )
        if let hour = figures.hour { lines += tables(hour) }
        return fitted(lines, figures.events)
    }

    private var separator: String { isUnicode ? " · " : ", " }

    private func header(_ figures: TopFigures) -> Line {
        let running = TopUnits.duration(seconds: figures.now / 1000 - figures.began)
        let left = [
            "gateway \(clean(figures.version, 30))", clean(figures.state, 20), "running for \(running)",
            "generation \(TopUnits.count(figures.generation))",
        ].joined(separator: separator)
        let time = TopUnits.clock(unixMilliseconds: figures.now)
        let gap = max(2, width - left.unicodeScalars.count - time.unicodeScalars.count)
        return Line(text: left + String(repeating: " ", count: gap) + time, style: .title)
    }

    private func counts(_ hour: TopFigures.Hour, _ rate: Rate) -> [Line] {
        let counts = hour.counts
        let errors = counts.errors == 0 ? "no errors" : "\(TopUnits.count(counts.errors)) errors"
        var lines = [
            row(
                "Requests",
                columns(
                    "\(TopUnits.number(rate.requests))/s",
                    "\(TopUnits.count(counts.requests)) in the last hour",
                    errors
                )
            ),
            row(
                "Hit ratio",
                columns(
                    rate.ratio,
                    "\(TopUnits.percent(counts.hits, of: counts.requests)) in the last hour",
                    "\(TopUnits.count(counts.coalesced)) shared a call"
                )
            ),
            row("Hits", latency(hour.hits)),
            row("Misses", latency(hour.misses)),
            row(
                "Saved",
                "\(TopUnits.count(counts.savedTokens)) tokens and \(TopUnits.dollars(counts.savedDollars)) in the last hour"
            ),
        ]
        if isUnicode, !hour.rates.isEmpty {
            lines.append(row("", Sparkline.text(hour.rates, width: min(60, width - 14))))
        }
        return lines
    }

    private func latency(_ latency: TopFigures.Latency) -> String {
        columns(
            "p50 \(TopUnits.milliseconds(latency.p50))",
            "p95 \(TopUnits.milliseconds(latency.p95))",
            "p99 \(TopUnits.milliseconds(latency.p99))"
        )
    }

    private func backend(_ figures: TopFigures) -> Line {
        guard let type = figures.cacheType else { return row("Backend", "the cache is off") }
        var parts = ["\(clean(type, 30)) \(clean(figures.cacheState ?? "", 20))"]
        if let reason = figures.cacheReason {
            parts.append(clean(reason, 200))
        } else {
            if figures.roundTrip != nil { parts.append(TopUnits.milliseconds(figures.roundTrip)) }
            if figures.entries != nil { parts.append("\(TopUnits.count(figures.entries)) entries") }
            if figures.bytes != nil { parts.append(TopUnits.bytes(figures.bytes)) }
        }
        let isUp = figures.cacheState.map { $0.utf8.elementsEqual("up".utf8) } ?? false
        return row("Backend", parts.joined(separator: separator), isUp ? .plain : .warning)
    }

    private func tables(_ hour: TopFigures.Hour) -> [Line] {
        var lines = [Line(text: "")]
        if !hour.reasons.isEmpty {
            let reasons = hour.reasons.map { "\(clean($0.name, 30)) \(TopUnits.count($0.count))" }
            lines += [row("Misses by", reasons.joined(separator: separator)), Line(text: "")]
        }
        guard !hour.models.isEmpty else { return lines }
        let name = max(16, width - 56)
        lines.append(
            Line(
                text: "  " + padded("MODEL", name) + right("REQUESTS", 12) + right("HIT RATIO", 12)
                    + right("TOKENS SAVED", 15) + right("SAVED", 12),
                style: .quiet
            )
        )
        for model in hour.models {
            lines.append(
                Line(
                    text: "  " + padded(clean(model.name, name - 2), name) + right(TopUnits.count(model.requests), 12)
                        + right(TopUnits.percent(model.hits, of: model.requests), 12)
                        + right(TopUnits.count(model.savedTokens), 15) + right(TopUnits.dollars(model.savedDollars), 12)
                )
            )
        }
        return lines + [Line(text: "")]
    }

    /// The lines that there is room for, with the latest events in what is left.
    private func fitted(_ lines: [Line], _ events: [TopFigures.Event]) -> [Line] {
        var lines = lines
        let room = height.map { max(0, $0 - lines.count - 1) } ?? 11
        if room > 1, !events.isEmpty {
            lines.append(Line(text: "  EVENTS", style: .quiet))
            for event in events.suffix(min(room - 1, 10)).reversed() {
                let style: Style =
                    event.severity.utf8.elementsEqual("warning".utf8)
                    ? .warning : event.severity.utf8.elementsEqual("recovery".utf8) ? .good : .plain
                let text = "  \(TopUnits.clock(unixMilliseconds: event.time))  \(clean(event.text, 400))"
                lines.append(Line(text: text, style: style))
            }
        }
        return lines.prefix(height ?? .max).map { Line(text: cut($0.text), style: $0.style) }
    }

    // MARK: Texts

    private func row(_ name: String, _ text: String, _ style: Style = .plain) -> Line {
        Line(text: "  " + padded(name, 11) + text, style: style)
    }

    private func columns(_ first: String, _ second: String, _ third: String) -> String {
        padded(first, 16) + padded(second, 26) + third
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.unicodeScalars.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.unicodeScalars.count)) + text
    }

    /// A text from outside on one line and without control characters, so that it cannot steer the terminal.
    private func clean(_ text: String, _ limit: Int) -> String {
        let text = text.quotable(atMost: max(1, limit))
        guard !isUnicode else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII ? $0 : "?" }))
    }

    private func cut(_ text: String) -> String {
        guard height != nil, text.unicodeScalars.count > width else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(0, width))))
    }
}

/// The present rates.
private struct Rate {
    /// Requests for each second.
    let requests: Double?
    /// How many of them were hits.
    let ratio: String

    /// The time since the figures before, or else the last interval that was sampled.
    init(_ figures: TopFigures, _ totals: TopFigures.Counts, _ previous: TopFigures?) {
        if let previous, let before = previous.totals, figures.now > previous.now, totals.requests >= before.requests {
            let count = totals.requests - before.requests
            requests = count * 1000 / (figures.now - previous.now)
            ratio = TopUnits.percent(totals.hits - before.hits, of: count)
        } else {
            requests = figures.hour?.rates.last
            ratio = "-"
        }
    }
}

/// A row of bars that fits into a line.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// - Parameters:
    ///   - values: none is negative; each bar stands for the mean of as many of them.
    ///   - width: how many bars there are at most.
    static func text(_ values: [Double], width: Int) -> String {
        guard width > 0, !values.isEmpty else { return "" }
        let count = min(width, values.count)
        let means = (0..<count).map { bar in
            let part = values[(bar * values.count / count)..<((bar + 1) * values.count / count)]
            return part.reduce(0, +) / Double(part.count)
        }
        let most = means.max() ?? 0
        return String(
            means.map { mean in
                let share = most > 0 ? mean / most : 0
                guard share.isFinite else { return bars[0] }
                return bars[Int(min(max(share, 0), 1) * Double(bars.count - 1) + 0.5)]
            }
        )
    }
}
