import Dialects
import ResponseCache
import Testing

@testable import Gateway

@Suite("The steps of a request")
struct RequestStateTests {
    private func state(mayRead: Bool = true, mayStore: Bool = true, onlyIfCached: Bool = false) -> RequestState {
        RequestState(use: use(mayRead, mayStore), onlyIfCached: onlyIfCached)
    }

    /// What the cache may do for a request that says `no-cache` or `no-store`.
    private func use(_ mayRead: Bool, _ mayStore: Bool) -> CacheUse {
        var controls = CacheControls()
        controls.noCache = !mayRead
        controls.noStore = !mayStore
        return CachePolicy().use(of: Served.chat.type, controls)
    }

    private func text(_ miss: RequestState.Miss) -> String {
        switch miss {
        case .refuse(let status): "refuse: " + status.value
        case .send(let forwarding, let status): "\(forwarding): " + status.value
        }
    }

    @Test(
        "send a request that misses to the model in the way that its use of the cache allows",
        arguments: [
            (true, true, "join", RequestState.Stage.joining), (true, false, "follow", .joining),
            (false, true, "leadAlone", .joining), (false, false, "relay", .forwarding),
        ]
    )
    func forwarding(mayRead: Bool, mayStore: Bool, forwarding: String, step: RequestState.Stage) {
        var state = state(mayRead: mayRead, mayStore: mayStore)
        state.lookUp()
        #expect(state.stage == .lookingUp)
        #expect(text(state.miss(.absent)) == forwarding + ": gateway; fwd=miss")
        #expect(state.stage == step)
    }

    @Test("relay a request that finds no flight to follow")
    func noFlight() {
        var state = state(mayStore: false)
        _ = state.miss(.absent)
        state.cannotJoin()
        #expect(state.stage == .forwarding)
    }

    @Test("refuse a request that wants an answer from the cache or none, with the reason of the miss where it has one")
    func onlyIfCached() {
        var absent = state(onlyIfCached: true)
        #expect(text(absent.miss(.absent)) == "refuse: gateway; fwd=miss; detail=only-if-cached")
        #expect(absent.stage == .refused)
        var silent = state(onlyIfCached: true)
        #expect(text(silent.miss(.withoutUsage)) == "refuse: gateway; fwd=miss; detail=without-usage")
    }

    @Test("relay a request that the cache is kept out of, and refuse it where it wants an answer from the cache")
    func bypassed() {
        var relayed = RequestState(use: .bypass, onlyIfCached: false)
        #expect(text(relayed.bypass(.request)) == "relay: gateway; fwd=request")
        #expect(relayed.stage == .forwarding)
        var refused = RequestState(use: .bypass, onlyIfCached: true)
        #expect(text(refused.bypass(.bypass)) == "refuse: gateway; fwd=bypass; detail=only-if-cached")
    }

    @Test("refresh an answer past its time only for a request whose answer may be stored")
    func refresh() {
        var storing = state()
        let refreshes = storing.find(wantsRefresh: true)
        #expect(refreshes && storing.stage == .answeringFromCache)
        var fresh = state()
        let isFreshRefreshed = fresh.find(wantsRefresh: false)
        #expect(!isFreshRefreshed)
        var reading = state(mayStore: false)
        let isReadRefreshed = reading.find(wantsRefresh: true)
        #expect(!isReadRefreshed)
    }

    @Test("send a request to the model whose answer from the cache cannot be had in the form that it wants")
    func unusable() {
        var state = state()
        _ = state.find(wantsRefresh: false)
        #expect(text(state.miss(.withoutUsage)) == "join: gateway; fwd=miss; detail=without-usage")
        #expect(state.stage == .joining)
    }
}
