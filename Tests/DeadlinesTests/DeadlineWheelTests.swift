import Testing

@testable import Deadlines

@Suite("Deadline wheel")
struct DeadlineWheelTests {
    private func expired(_ wheel: inout DeadlineWheel, at now: Int64) -> [UInt64] {
        var expired: [UInt64] = []
        wheel.advance(to: now, expired: &expired)
        return expired
    }

    @Test("Nothing expires early and everything at most one tick late")
    func precision() {
        for deadline in Int64(1)...300 {
            var wheel = DeadlineWheel(tickNanoseconds: 10, slots: 8, now: 0)
            _ = wheel.arm(at: deadline, payload: 7)
            var noticed: Int64 = -1
            for now in Int64(0)...320 where noticed < 0 && expired(&wheel, at: now) == [7] { noticed = now }
            #expect(noticed >= deadline && noticed < deadline + 10 + 1)
        }
    }

    @Test("A disarmed deadline never expires, and disarming it again does nothing")
    func disarm() {
        var wheel = DeadlineWheel(tickNanoseconds: 10, slots: 8, now: 0)
        let first = wheel.arm(at: 50, payload: 1)
        let (isDisarmed, isDisarmedAgain) = (wheel.disarm(first), wheel.disarm(first))
        #expect(isDisarmed && !isDisarmedAgain)
        let second = wheel.arm(at: 50, payload: 2)
        let isStaleTokenTaken = wheel.disarm(first)
        #expect(!isStaleTokenTaken && wheel.count == 1)
        #expect(expired(&wheel, at: 60) == [2])
        let isExpiredOneDisarmed = wheel.disarm(second)
        #expect(!isExpiredOneDisarmed)
        #expect(wheel.count == 0)
    }

    @Test("After a long pause all that is due expires in one step")
    func longPause() {
        var wheel = DeadlineWheel(tickNanoseconds: 10, slots: 8, now: 0)
        for payload in UInt64(0)..<100 { _ = wheel.arm(at: Int64(payload) * 37 + 1, payload: payload) }
        #expect(Set(expired(&wheel, at: 100_000)) == Set(0..<100))
        #expect(wheel.count == 0)
    }

    @Test("Random arming and disarming agrees with a sorted list")
    func model() {
        var generator = SystemRandomNumberGenerator()
        var wheel = DeadlineWheel(tickNanoseconds: 10, slots: 16, now: 0)
        var model: [UInt64: (deadline: Int64, token: DeadlineWheel.Token)] = [:]
        var now: Int64 = 0
        for payload in UInt64(0)..<20_000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let deadline = now + Int64.random(in: 0..<1_000, using: &generator)
                model[payload] = (deadline, wheel.arm(at: deadline, payload: payload))
            case 2:
                if let victim = model.keys.randomElement(using: &generator),
                    let entry = model.removeValue(forKey: victim)
                {
                    let isDisarmed = wheel.disarm(entry.token)
                    #expect(isDisarmed)
                }
            default:
                now += Int64.random(in: 0..<60, using: &generator)
                for payload in expired(&wheel, at: now) {
                    let entry = model.removeValue(forKey: payload)
                    #expect(entry.map { $0.deadline <= now } == true)
                }
                #expect(model.values.allSatisfy { $0.deadline > now - 20 })
            }
            #expect(wheel.count == model.count)
        }
    }
}
