import NIOCore
import Testing

@testable import Upstream

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

@Suite("A deployment that fails")
struct CooldownTests {
    @Test("rests after three failures in a row, and twice as long each time, up to a minute")
    func series() {
        var cooldown = Cooldown()
        for _ in 0..<2 { cooldown.record(.failed(retryAfter: nil), now: start) }
        #expect(cooldown.restsUntil == nil)
        var now = start
        for seconds in [5, 10, 20, 40, 60, 60] {
            cooldown.record(.failed(retryAfter: nil), now: now)
            #expect(cooldown.restsUntil == now + .seconds(Int64(seconds)))
            now = now + .seconds(Int64(seconds))
        }
    }

    @Test("does not rest if an answer comes in between")
    func success() {
        var cooldown = Cooldown()
        for _ in 0..<2 { cooldown.record(.failed(retryAfter: nil), now: start) }
        cooldown.recordSuccess()
        for _ in 0..<2 { cooldown.record(.failed(retryAfter: nil), now: start) }
        #expect(cooldown.restsUntil == nil)
    }

    @Test("rests at once when it is overloaded, and as long as it asks for, within reason")
    func overloaded() {
        var cooldown = Cooldown()
        cooldown.record(.overloaded(retryAfter: nil), now: start)
        #expect(cooldown.restsUntil == start + .seconds(5))
        cooldown.record(.overloaded(retryAfter: .seconds(30)), now: start)
        #expect(cooldown.restsUntil == start + .seconds(30))
        cooldown.record(.failed(retryAfter: .hours(10)), now: start)
        #expect(cooldown.restsUntil == start + .seconds(300))
    }

    @Test("does not rest longer for requests that were under way already")
    func late() {
        var cooldown = Cooldown()
        for _ in 0..<10 { cooldown.record(.failed(retryAfter: nil), now: start) }
        #expect(cooldown.restsUntil == start + .seconds(5))
    }

    @Test("rests as often and as long as the configuration says")
    func rules() {
        var strict = Cooldown(CooldownRules(allowedFailures: 0, rest: .seconds(30)))
        for now in [start, start + .seconds(30)] {
            strict.record(.failed(retryAfter: nil), now: now)
            #expect(strict.restsUntil == now + .seconds(30))
        }
        var patient = Cooldown(CooldownRules(allowedFailures: 10))
        for _ in 0..<10 { patient.record(.failed(retryAfter: nil), now: start) }
        #expect(patient.restsUntil == nil)
        patient.recordSuccess()
        for _ in 0..<11 { patient.record(.failed(retryAfter: nil), now: start) }
        #expect(patient.restsUntil == start + .seconds(5))
        var tireless = Cooldown(CooldownRules(allowedFailures: .max))
        for _ in 0..<1_000 { tireless.record(.failed(retryAfter: nil), now: start) }
        #expect(tireless.restsUntil == nil)
    }

    @Test("is called again after its rest or an answer")
    func health() {
        let health = DeploymentHealth()
        #expect(health.restsUntil(now: start) == nil)
        health.record(.overloaded(retryAfter: nil), now: start)
        #expect(health.restsUntil(now: start) == start + .seconds(5))
        #expect(health.restsUntil(now: start + .seconds(5)) == nil)
        health.recordSuccess()
        #expect(health.restsUntil(now: start) == nil)
    }
}

@Suite("Choosing a deployment")
struct SelectionTests {
    private func candidate(
        _ weight: Double,
        rests seconds: Int64? = nil,
        isUsable: Bool = true,
        attempts: Int = 0,
        isFull: Bool = false
    ) -> Selection.Candidate {
        Selection.Candidate(
            weight: weight,
            restsUntil: seconds.map { start + .seconds($0) },
            isUsable: isUsable,
            attempts: attempts,
            isFull: isFull
        )
    }

    private func shares(_ candidates: [Selection.Candidate]) -> [Int] {
        var random = Randomness(seed: 7)
        var counts = candidates.map { _ in 0 }
        for _ in 0..<4_000 {
            if let chosen = Selection.choose(candidates, random: &random) { counts[chosen] += 1 }
        }
        return counts
    }

    @Test("shares the load by weight")
    func weights() {
        let counts = shares([candidate(1), candidate(3), candidate(0)])
        #expect((900...1_100).contains(counts[0]))
        #expect(counts[2] == 0)
        #expect(counts.reduce(0, +) == 4_000)
    }

    @Test("shares it evenly where no weight is given to any")
    func zero() {
        #expect(shares([candidate(0), candidate(0)]).allSatisfy { $0 > 1_800 })
    }

    @Test("leaves out those that rest, were tried, or cannot be used")
    func leftOut() {
        #expect(shares([candidate(9, rests: 5), candidate(1)]) == [0, 4_000])
        #expect(shares([candidate(9, attempts: 1), candidate(1, rests: 5)]) == [0, 4_000])
        #expect(shares([candidate(9, isUsable: false), candidate(1, rests: 5, attempts: 3)]) == [0, 4_000])
    }

    @Test("passes over full ones, and waits for them rather than choose one that rests")
    func full() {
        #expect(shares([candidate(9, isFull: true), candidate(1)]) == [0, 4_000])
        #expect(shares([candidate(1, isFull: true), candidate(1, attempts: 1)]) == [0, 4_000])
        #expect(shares([candidate(1, isFull: true), candidate(1, rests: 5)]) == [0, 0])
        #expect(shares([candidate(1, rests: 3, isFull: true), candidate(1, rests: 5)]) == [0, 4_000])
        #expect(shares([candidate(1, isFull: true), candidate(1, isFull: true)]) == [0, 0])
    }

    @Test("takes the one whose rest ends first when all rest, and any when none is usable")
    func allRest() {
        #expect(shares([candidate(9, rests: 50), candidate(1, rests: 5), candidate(1, rests: 6)]) == [0, 4_000, 0])
        #expect(shares([candidate(1, isUsable: false)]) == [4_000])
    }
}
