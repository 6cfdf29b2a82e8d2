import Testing

@testable import Gateway

@Suite("A deployment out of rotation")
struct RotationNoticesTests {
    private let minute = RotationNotices.interval

    @Test("is logged when it leaves and when it is back")
    func once() {
        var notices = RotationNotices()
        #expect(notices.left(now: 0) == 0)
        #expect(notices.failed(now: 1) == nil)
        #expect(notices.returned() == true)
        #expect(notices.returned() == false)
        #expect(notices.failed(now: 2) == nil, "one failure is no rest")
    }

    @Test("is logged three times a minute however often it leaves and returns, each with its return")
    func flapping() {
        var notices = RotationNotices()
        var (left, returned) = (0, 0)
        for step in 0..<10_000 {
            if notices.left(now: UInt64(step)) != nil { left += 1 }
            if notices.returned() { returned += 1 }
        }
        #expect(left == 3 && returned == 3)
        #expect(notices.left(now: minute) == 9_997, "the next line counts those that had none")
    }

    @Test("is logged later, when its leaving could not be logged at once")
    func late() {
        var notices = RotationNotices()
        for step in 0..<3 {
            _ = notices.left(now: UInt64(step))
            _ = notices.returned()
        }
        #expect(notices.left(now: 4) == nil)
        #expect(notices.failed(now: 5) == nil)
        #expect(notices.failed(now: minute) == 0)
        #expect(notices.returned() == true)
    }
}
