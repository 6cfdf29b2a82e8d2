import NIOCore
import Testing

@testable import Gateway

@Suite("The schedule of a replay")
struct ReplayScheduleTests {
    private func events(_ gaps: [Int]) -> [(gap: Int, raw: ByteBuffer)] {
        gaps.enumerated().map { ($1, ByteBuffer(string: "\($0)")) }
    }

    private func take(_ schedule: inout ReplaySchedule, at elapsed: Int64) -> String? {
        schedule.take(at: elapsed).map { String(buffer: $0) }
    }

    @Test("counts from the start, so that what was late is caught up with")
    func catchesUp() {
        var schedule = ReplaySchedule(events([0, 5, 5, 5, 100, 0]))
        #expect(schedule.next == 0 && schedule.readableBytes == 6)
        let first = take(&schedule, at: 0)
        #expect(first == "0" && schedule.next == 5)
        let early = take(&schedule, at: 4)
        #expect(early == nil)
        let late = take(&schedule, at: 12)
        #expect(late == "12" && schedule.next == 15)
        let rest = [take(&schedule, at: 114), take(&schedule, at: 115), take(&schedule, at: 1_000)]
        #expect(rest == ["3", "45", nil])
        #expect(schedule.next == nil && schedule.readableBytes == 0)
    }

    @Test("takes any gaps without a trap, and a portion of what is due at a time")
    func extremes() {
        var long = ReplaySchedule(events([.max, .max, 1]))
        #expect(long.next == 1 << 40)
        let all = take(&long, at: .max)
        #expect(all == "012")
        var large = ReplaySchedule((0..<5).map { _ in (0, ByteBuffer(repeating: 0x61, count: 20_000)) })
        var sizes: [Int] = []
        while let part = large.take(at: 0) { sizes.append(part.readableBytes) }
        #expect(sizes == [40_000, 40_000, 20_000])
    }
}
