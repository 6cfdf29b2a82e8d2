import CoreMetrics
import MetricFamilies
import Testing

@Suite("Instruments of swift-metrics")
struct MetricRegistryTests {
    private let registry = MetricRegistry()

    private var text: String { String(decoding: Exposition.text(of: registry.samples), as: UTF8.self) }

    @Test("A counter of the table has its name and its labels, in whatever order they are given")
    func counters() {
        let dimensions = [("reason", "502"), ("deployment", "a"), ("model", "gpt")]
        Counter(label: "gateway_upstream_failures_total", dimensions: dimensions, factory: registry).increment(by: 2)
        Counter(label: "gateway_upstream_failures_total", dimensions: dimensions, factory: registry).increment()
        #expect(text.contains("gateway_upstream_failures_total{model=\"gpt\",deployment=\"a\",reason=\"502\"} 3\n"))
    }

    @Test("A library's instruments get names that the format allows")
    func others() {
        Counter(label: "some.lib-requests", dimensions: [("a.b", "c")], factory: registry).increment()
        Meter(label: "9lives", factory: registry).set(1.5)
        Timer(label: "http.latency", factory: registry).recordMilliseconds(2)
        Recorder(label: "batch", factory: registry).record(7)
        #expect(text.contains("some_lib_requests_total{a_b=\"c\"} 1\n"))
        #expect(text.contains("\n_9lives 1.5\n"))
        #expect(text.contains("http_latency_seconds_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("batch_bucket{le=\"10\"} 1\n"))
    }

    @Test("No counter goes back, be it reset or made anew")
    func monotonic() {
        let counter = Counter(label: "x", factory: registry)
        counter.increment(by: 5)
        counter.reset()
        counter.destroy()
        FloatingPointCounter(label: "x", factory: registry).increment(by: -3)
        Counter(label: "x", factory: registry).increment()
        #expect(text.hasSuffix("\nx_total 6\n"))
    }

    @Test("An instrument of another kind with a name that is taken is not exposed")
    func clash() {
        Meter(label: "same", factory: registry).set(1)
        Recorder(label: "same", factory: registry).record(7)
        Meter(label: "same", dimensions: [("more", "labels")], factory: registry).set(2)
        #expect(text.split(separator: "\n").filter { !$0.hasPrefix("#") } == ["same 1"])
    }

    @Test("The number of instruments is limited")
    func limit() {
        for number in 0..<(MetricRegistry.limit + 50) {
            Counter(label: "many", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(text.split(separator: "\n").count { $0.hasPrefix("many_total") } == MetricRegistry.limit)
    }
}
