import MetricFamilies
import Testing

@testable import Gateway

@Suite("The figures of the process")
struct ProcessFiguresTests {
    @Test("They are read from what the system says, whatever the program is called")
    func reading() {
        let stat =
            "7 (a) b (c) R 1 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 1000 123456789 512 18446744073709551615 1\n"
        let figures = ProcessFigures(
            stat: Array(stat.utf8),
            system: Array("cpu 1 2 3\nbtime 1700000000\n".utf8),
            ticksPerSecond: 100,
            page: 4096
        )
        #expect(figures.cpuSeconds == 3)
        #expect(figures.threads == 9)
        #expect(figures.virtualBytes == 123_456_789)
        #expect(figures.residentBytes == 2_097_152)
        #expect(figures.startSeconds == 1_700_000_010)
    }

    @Test("What cannot be read is left out")
    func nothing() {
        let figures = ProcessFigures(stat: [], system: [])
        var samples = MetricSamples()
        figures.add(to: &samples)
        #expect(samples.all.isEmpty)
    }

    @Test("The process has memory, descriptors and a time at which it began")
    func itself() throws {
        let figures = ProcessFigures.read()
        #expect(try #require(figures.residentBytes) > 1_048_576)
        #expect(try #require(figures.descriptors) >= 3.0)
        #expect(try #require(figures.descriptorLimit) >= 64.0)
        #expect(try #require(figures.startSeconds) > 1_700_000_000.0)
    }
}
