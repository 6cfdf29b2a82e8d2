import JSON
import NIOCore

/// What `gateway top` shows: the part of `GET /ui/data` that fits into a terminal. Every text may be of any form.
struct TopFigures: Equatable {
    /// What was counted in some time.
    struct Counts: Equatable {
        var requests = 0.0
        var hits = 0.0
        var coalesced = 0.0
        var errors = 0.0
        var savedTokens = 0.0
        var savedDollars = 0.0
    }

    struct Latency: Equatable {
        var p50: Double?
        var p95: Double?
        var p99: Double?
    }

    struct Model: Equatable {
        let name: String
        let requests: Double
        let hits: Double
        let savedTokens: Double
        let savedDollars: Double
    }

    /// What there is of the last hour.
    struct Hour: Equatable {
        var counts = Counts()
        var seconds = 0.0
        var hits = Latency()
        var misses = Latency()
        var reasons: [(name: String, count: Double)] = []
        var models: [Model] = []
        /// The requests for each second of each interval, the oldest first.
        var rates: [Double] = []

        static func == (left: Hour, right: Hour) -> Bool {
            left.counts == right.counts && left.models == right.models && left.rates == right.rates
                && left.reasons.elementsEqual(right.reasons, by: ==)
        }
    }

    struct Event: Equatable {
        /// Unix time in milliseconds.
        let time: Double
        let kind: String
        let severity: String
        let text: String
    }

    var version = ""
    var state = ""
    /// Unix time in milliseconds.
    var now = 0.0
    /// Unix time in seconds.
    var began = 0.0
    var generation = 0.0
    /// The type of the cache's backend. It is nil where the cache is off.
    var cacheType: String?
    var cacheState: String?
    var cacheReason: String?
    var roundTrip: Double?
    var entries: Double?
    var bytes: Double?
    var connections = 0.0
    var connectionLimit = 0.0
    var calls = 0.0
    var waiting = 0.0
    var resident: Double?
    /// What was counted since the process began. It is nil where metrics are off.
    var totals: Counts?
    var hour: Hour?
    var events: [Event] = []

    /// The largest report that is read, in bytes.
    static let sizeLimit = 2 << 20

    /// - Returns: nil where this is no such report.
    init?(parsing bytes: ByteBuffer) {
        let document = JSONDocument()
        guard bytes.readableBytes <= Self.sizeLimit, (try? document.parse(bytes, nodeLimit: 200_000)) != nil,
            let root = document.root
        else { return nil }
        let report = TopReport(document, root)
        guard let now = report.number("now"), let state = report.text("state") else { return nil }
        version = report.text("version") ?? ""
        self.state = state
        self.now = now
        began = report.number("began") ?? 0
        generation = report.number("generation") ?? 0
        if let cache = report["cache"] {
            cacheType = cache.text("cache_type")
            cacheState = cache.text("state")
            cacheReason = cache.text("reason")
            roundTrip = cache.number("round_trip_ms")
            entries = cache.number("entries")
            self.bytes = cache.number("bytes")
        }
        connections = report["connections"]?.number("open") ?? 0
        connectionLimit = report["connections"]?.number("limit") ?? 0
        calls = report["flights"]?.number("calls") ?? 0
        waiting = report["flights"]?.number("requests") ?? 0
        resident = report["memory"]?.number("resident")
        totals = report["totals"].map(Counts.init)
        hour = report["hour"].map { Hour($0, report["samples"]) }
        events = report.list("events").map { event in
            Event(
                time: event.number("time") ?? 0,
                kind: event.text("kind") ?? "",
                severity: event.text("severity") ?? "",
                text: event.text("text") ?? ""
            )
        }
    }
}

extension TopFigures.Counts {
    fileprivate init(_ report: TopReport) {
        self.init(
            requests: report.number("requests") ?? 0,
            hits: report.number("hits") ?? 0,
            coalesced: report.number("coalesced") ?? 0,
            errors: report.number("errors") ?? 0,
            savedTokens: (report.number("saved_input_tokens") ?? 0) + (report.number("saved_output_tokens") ?? 0),
            savedDollars: report.number("saved_dollars") ?? 0
        )
    }
}

extension TopFigures.Latency {
    fileprivate init(_ report: TopReport?) {
        self.init(p50: report?.number("p50"), p95: report?.number("p95"), p99: report?.number("p99"))
    }
}

extension TopFigures.Hour {
    fileprivate init(_ report: TopReport, _ samples: TopReport?) {
        counts = TopFigures.Counts(report)
        seconds = report.number("seconds") ?? 0
        hits = TopFigures.Latency(report["hit_latency_ms"])
        misses = TopFigures.Latency(report["miss_latency_ms"])
        reasons = report.list("reasons").map { ($0.text("reason") ?? "", $0.number("count") ?? 0) }
        models = report.list("models").map { model in
            TopFigures.Model(
                name: model.text("name") ?? "",
                requests: model.number("requests") ?? 0,
                hits: model.number("hits") ?? 0,
                savedTokens: model.number("saved_tokens") ?? 0,
                savedDollars: model.number("saved_dollars") ?? 0
            )
        }
        let (requests, lengths) = (samples?.numbers("requests") ?? [], samples?.numbers("seconds") ?? [])
        rates = zip(requests, lengths).map { $1 > 0 ? $0 / $1 : 0 }
    }
}

/// An object of the report.
private struct TopReport {
    private let document: JSONDocument
    private let node: JSONNode

    init(_ document: JSONDocument, _ node: JSONNode) {
        self.document = document
        self.node = node
    }

    /// An object in it. It is nil where there is none.
    subscript(name: StaticString) -> TopReport? {
        guard let member = document.member(name, of: node), document.kind(of: member) == .object else { return nil }
        return TopReport(document, member)
    }

    func text(_ name: StaticString) -> String? { document.member(name, of: node).flatMap { document.string($0) } }

    func number(_ name: StaticString) -> Double? {
        document.member(name, of: node).flatMap { document.double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    func list(_ name: StaticString) -> [TopReport] {
        document.member(name, of: node).map { document.elements(of: $0).map { TopReport(document, $0) } } ?? []
    }

    func numbers(_ name: StaticString) -> [Double] {
        document.member(name, of: node).map {
            document.elements(of: $0).map { element in
                document.double(element).flatMap { $0.isFinite ? $0 : nil } ?? 0
            }
        } ?? []
    }
}
