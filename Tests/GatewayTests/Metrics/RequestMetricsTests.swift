import CallTypes
import Configuration
import Dialects
import HTTPSyntax
import MetricFamilies
import NIOCore
import ResponseCache
import Testing
import Upstream

@testable import Gateway

@Suite("What an event loop counts of its requests")
struct RequestMetricsTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)
    private static let models = ModelDirectory.make(
        ["gpt", "claude", "any/*"].map {
            DeploymentDescription(modelName: $0, model: $0, provider: "openai", apiBase: "http://h", apiKey: "k")
        },
        calls: DialectTable.served.types
    ) { _ in nil }.directory
    private static let chat = DialectTable.served.types.all[0]

    private let metrics = RequestMetrics()

    private func tenant(_ name: String) -> Tenant {
        Tenant(KeySettings(name: name, credential: .key(Secret(name))), position: 0, usages: KeyUsages())
    }

    private func end(
        _ model: String? = "gpt",
        status: Int = 200,
        cache: CacheStatus? = .hit(remaining: nil),
        caller: Transaction.Caller = .master,
        in models: ModelDirectory = Self.models,
        _ change: (inout Transaction) -> Void = { _ in }
    ) {
        var transaction = Transaction(id: .own(1), route: .inference(Self.chat), at: start)
        transaction.group = model.flatMap { models.group(named: $0) }
        transaction.caller = caller
        transaction.respond(status, cache, at: start + .milliseconds(1))
        change(&transaction)
        transaction.close(.answered, sentBytes: 100, at: start + .milliseconds(2))
        metrics.ended(transaction)
    }

    private var samples: MetricSamples {
        var samples = MetricSamples()
        metrics.reading.add(to: &samples)
        return samples
    }

    private func requests(_ conditions: [String: String] = [:]) -> Double {
        samples.sum(of: MetricFamily.Requests.total, where: conditions)
    }

    @Test("Requests with the same labels are counted together, and all others apart")
    func labels() {
        let (one, two) = (tenant("one"), tenant("two"))
        for _ in 0..<3 { end() }
        end("claude")
        end(status: 502, cache: CacheStatus(.forwarded(.miss)))
        end(caller: .tenant(one))
        end(caller: .tenant(two))
        end(caller: .anonymous)
        end(nil, status: 404, cache: nil)
        end()
        let gpt = ["endpoint": "/v1/chat/completions", "model": "gpt", "status": "200", "cache": "hit"]
        #expect(requests(gpt.merging(["key": "master"]) { $1 }) == 4)
        #expect(requests(["key": "one"]) == 1 && requests(["key": "two"]) == 1 && requests(["key": ""]) == 1)
        #expect(requests(["model": "claude"]) == 1)
        #expect(requests(["status": "502", "cache": "miss"]) == 1)
        #expect(requests(["model": "", "status": "404", "cache": "none"]) == 1)
        #expect(requests() == 10)
    }

    @Test("What the cache did is told by few words, and why it had no answer")
    func outcomes() {
        var collapsed = CacheStatus(.forwarded(.miss))
        collapsed.isCollapsed = true
        end(cache: CacheStatus(.hit(timeToLive: -1)))
        end(cache: CacheStatus(.hit(timeToLive: 0)))
        end(cache: collapsed)
        end(cache: CacheStatus(.forwarded(.miss)))
        end(cache: CacheStatus(.forwarded(.miss), detail: "timeout"))
        end(cache: CacheStatus(.forwarded(.stale)))
        end(cache: CacheStatus(.forwarded(.request)))
        end(cache: CacheStatus(.forwarded(.request), isTooOld: true))
        end(cache: CacheStatus(.forwarded(.bypass), detail: "tools"))
        #expect(
            samples.sums(of: MetricFamily.Requests.total, by: "cache")
                == ["stale": 1, "hit": 1, "coalesced": 1, "miss": 5, "bypass": 1]
        )
        #expect(
            samples.sums(of: MetricFamily.Cache.misses, by: "reason")
                == ["absent": 2, "timeout": 1, "expired": 1, "no-cache": 1, "too-old": 1, "tools": 1]
        )
        #expect(samples.sum(of: MetricFamily.Requests.coalesced) == 1)
    }

    @Test("Tokens are spent by the call that bought them, and saved by hits and by requests that shared it")
    func tokens() {
        var collapsed = CacheStatus(.forwarded(.miss))
        collapsed.isCollapsed = true
        for status in [CacheStatus(.forwarded(.miss)), collapsed, .hit(remaining: nil)] {
            end(cache: status) { $0.usage = TokenUsage(input: 100, output: 20, cachedInput: 30) }
        }
        end(cache: CacheStatus(.forwarded(.miss))) { $0.usage = TokenUsage(input: -1, output: .min) }
        #expect(samples.sums(of: MetricFamily.Usage.spentTokens, by: "type") == ["input": 100, "output": 20])
        #expect(samples.sums(of: MetricFamily.Usage.savedTokens, by: "type") == ["input": 200, "output": 40])
        #expect(samples.sum(of: MetricFamily.Usage.providerCached) == 30)
        #expect(samples.sum(of: MetricFamily.Usage.spentDollars) == 0, "nobody knows what they cost")
    }

    @Test("Dollars are tokens at the prices of the deployment that answered or, for a hit, of the model")
    func dollars() throws {
        var description = DeploymentDescription(
            modelName: "dear",
            model: "m",
            provider: "openai",
            apiBase: "http://h",
            apiKey: "k"
        )
        description.prices = ConfiguredPrices(input: 0.5, output: 2, cachedInput: 0.25)
        let models = ModelDirectory.make([description], calls: DialectTable.served.types) { _ in nil }.directory
        let producer = try #require(models.groups.first?.deployments.first?.producer)
        end("dear", cache: CacheStatus(.forwarded(.miss)), in: models) { record in
            record.producer = producer
            record.usage = TokenUsage(input: 10, output: 3, cachedInput: 4)
        }
        for _ in 0..<2 { end("dear", in: models) { $0.usage = TokenUsage(input: 10, output: 3) } }
        #expect(samples.sum(of: MetricFamily.Usage.spentDollars) == 10.0)
        #expect(samples.sum(of: MetricFamily.Usage.savedDollars) == 22.0)
    }

    @Test("Times are measured from the record of the request")
    func times() throws {
        end(cache: CacheStatus(.forwarded(.miss))) { record in
            record.lookupBegan = start
            record.lookupEnded = start + .microseconds(40)
            record.asked = start + .milliseconds(1)
            record.notePiece(at: start + .milliseconds(3))
            record.notePiece(at: start + .milliseconds(13))
            record.notePiece(at: start + .milliseconds(23))
            record.storing = .notStored(.tooLarge)
        }
        end { record in
            record.find(age: 75, nil)
            record.respond(200, .hit(remaining: nil), at: start)
            record.storing = nil
        }
        func sum(_ family: MetricFamily) throws -> Double { try #require(samples.histogram(of: family)).sum }
        #expect(try abs(sum(MetricFamily.Requests.duration) - 0.004) < 1e-9)
        #expect(try abs(sum(MetricFamily.Cache.lookup) - 0.000_04) < 1e-9)
        #expect(try abs(sum(MetricFamily.Upstream.duration) - 0.001) < 1e-9)
        #expect(try abs(sum(MetricFamily.Requests.firstToken) - 0.003) < 1e-9)
        #expect(try abs(sum(MetricFamily.Requests.betweenTokens) - 0.01) < 1e-9)
        #expect(try sum(MetricFamily.Cache.age) == 75)
        #expect(samples.sums(of: MetricFamily.Cache.skipped, by: "reason") == ["too-large": 1])
    }

    @Test("Names that clients invent are counted as the pattern that covers them")
    func patterns() {
        for number in 0..<100 { end("any/\(number)") }
        #expect(samples.sums(of: MetricFamily.Requests.total, by: "model") == ["any/*": 100])
    }

    @Test("What was counted stays when another configuration is in force, whose objects are others")
    func reload() {
        end()
        end(caller: .tenant(tenant("one")))
        metrics.forgetConfiguration()
        let next = ModelDirectory.make(
            [
                DeploymentDescription(
                    modelName: "gpt",
                    model: "gpt",
                    provider: "openai",
                    apiBase: "http://h",
                    apiKey: "k"
                )
            ],
            calls: DialectTable.served.types
        ) { _ in nil }.directory
        end(in: next)
        end(caller: .tenant(tenant("one")), in: next)
        #expect(requests(["model": "gpt", "key": "master"]) == 2 && requests(["model": "gpt", "key": "one"]) == 2)
    }

    @Test("The number of series has a limit, beyond which models and keys are not told apart")
    func limit() {
        let count = RequestMetrics.mostCells + 200
        for number in 0..<count { end(caller: .tenant(tenant("key-\(number)"))) }
        #expect(requests() == Double(count), "every request is counted")
        #expect(requests(["model": "other", "key": "other"]) == 200)
        #expect(metrics.reading.requests.count == RequestMetrics.mostCells + 1)
        end(caller: .tenant(tenant("key-7")))
        #expect(requests(["key": "key-7"]) == 2, "what has a series keeps it")
    }

    @Test(
        "A model with all its histograms and four keys takes less than 20 KB of a scrape, so that the limits keep it below 20 MB"
    )
    func size() {
        let models = ModelDirectory.make(
            (0..<50).map {
                DeploymentDescription(
                    modelName: "provider/model-\($0)",
                    model: "m",
                    provider: "openai",
                    apiBase: "http://h",
                    apiKey: "k"
                )
            },
            calls: DialectTable.served.types
        ) { _ in nil }.directory
        let tenants = (0..<4).map { tenant("team-\($0)") }
        for group in models.groups {
            for tenant in tenants {
                end(group.name, cache: CacheStatus(.forwarded(.miss)), caller: .tenant(tenant), in: models) { record in
                    record.find(age: 5, nil)
                    record.respond(200, CacheStatus(.forwarded(.miss)), isStream: true, at: start)
                    record.asked = start
                    for _ in 0..<3 { record.notePiece(at: start) }
                    record.storing = .handedOver
                    record.usage = TokenUsage(input: 123_456_789, output: 123_456_789, cachedInput: 1)
                    record.saved = record.usage
                }
            }
        }
        let size = Exposition.text(of: samples).count
        #expect(size / 50 < 20_000, "\(size / 50) bytes for each model")
        #expect(
            RequestMetrics.mostModels * 20_000 <= 20_000_000
                && RequestMetrics.mostCells == 4 * RequestMetrics.mostModels
        )
    }

    @Test("A status that is none is no label")
    func noStatus() {
        end(status: 0, cache: nil)
        end(status: 999, cache: nil)
        #expect(requests(["status": "none"]) == 2)
    }
}
