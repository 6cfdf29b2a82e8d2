import MetricFamilies
import Testing

@Suite("The text format of Prometheus")
struct ExpositionTests {
    private func text(_ samples: MetricSamples) -> String {
        String(decoding: Exposition.text(of: samples), as: UTF8.self)
    }

    @Test("Values have their help, their type and their labels, of which empty ones are left out")
    func values() {
        var samples = MetricSamples()
        samples.add(2, to: MetricFamily.Requests.total, "/v1/models", "", "master", "200", "none")
        samples.add(0.25, to: MetricFamily.Server.connections)
        #expect(
            text(samples) == """
                # HELP gateway_requests_total \(MetricFamily.Requests.total.help)
                # TYPE gateway_requests_total counter
                gateway_requests_total{endpoint="/v1/models",key="master",status="200",cache="none"} 2
                # HELP gateway_connections Open connections of clients.
                # TYPE gateway_connections gauge
                gateway_connections 0.25

                """
        )
    }

    @Test("A label's quotes, backslashes and line ends are escaped, and so are those of a help")
    func escapes() {
        var samples = MetricSamples()
        samples.add(1, to: MetricFamily("x", .gauge, "a\\b\nc \"d\"", labels: ["l"]), "a\"b\\c\nd")
        #expect(text(samples) == "# HELP x a\\\\b\\nc \"d\"\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test("A histogram has cumulative buckets, a sum and a count")
    func histograms() {
        var samples = MetricSamples()
        let bounds = HistogramBounds(ticks: [1_000_000, 5_000_000_000], tick: 1e-9)
        let family = MetricFamily("t_seconds", .histogram(bounds), "T.", labels: ["m"])
        samples.add(HistogramCounts(bounds: bounds, buckets: [1, 2, 3], sum: 7.5), to: family, "a")
        #expect(
            text(samples) == """
                # HELP t_seconds T.
                # TYPE t_seconds histogram
                t_seconds_bucket{m="a",le="0.001"} 1
                t_seconds_bucket{m="a",le="5"} 3
                t_seconds_bucket{m="a",le="+Inf"} 6
                t_seconds_sum{m="a"} 7.5
                t_seconds_count{m="a"} 6

                """
        )
    }

    @Test(
        "Numbers are written as Go reads them",
        arguments: [
            (1e15, "1000000000000000"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0.1, "0.1"),
            (1e-7, "1e-07"),
        ]
    )
    func numbers(_ number: Double, _ written: String) {
        var samples = MetricSamples()
        samples.add(number, to: MetricFamily("x", .gauge, "X."))
        #expect(text(samples).hasSuffix("\nx \(written)\n"))
    }

    @Test("The time that a text takes is proportional to the number of series")
    func size() {
        func length(_ models: Int) -> Int {
            var samples = MetricSamples()
            for model in 0..<models { samples.add(1, to: MetricFamily.Requests.coalesced, "model-\(10_000 + model)") }
            return Exposition.text(of: samples).count
        }
        #expect(length(4_000) - length(2_000) == length(6_000) - length(4_000))
    }
}
