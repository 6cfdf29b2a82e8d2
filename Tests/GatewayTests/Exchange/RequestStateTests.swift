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
            (true, true, "join"), (true, false, "follow"), (false, true, "leadAlone"), (false, false, "relay"),
        ]
    )
    func forwarding(mayRead: Bool, mayStore: Bool, forwarding: String) {
        let state = state(mayRead: mayRead, mayStore: mayStore)
        #expect(text(state.miss(.absent)) == forwarding + ": gateway; fwd=miss")
    }

    @Test("refuse a request that wants an answer from the cache or none, with the reason of the miss where it has one")
    func onlyIfCached() {
        let absent = state(onlyIfCached: true)
        #expect(text(absent.miss(.absent)) == "refuse: gateway; fwd=miss; detail=only-if-cached")
        let silent = state(onlyIfCached: true)
        #expect(text(silent.miss(.withoutUsage)) == "refuse: gateway; fwd=miss; detail=without-usage")
    }

    @Test("relay a request that the cache is kept out of, and refuse it where it wants an answer from the cache")
    func bypassed() {
        let relayed = RequestState(use: .bypass, onlyIfCached: false)
        #expect(text(relayed.bypass(.request)) == "relay: gateway; fwd=request")
        let refused = RequestState(use: .bypass, onlyIfCached: true)
        #expect(text(refused.bypass(.bypass)) == "refuse: gateway; fwd=bypass; detail=only-if-cached")
    }

    @Test("refresh an answer past its time only for a request whose answer may be stored")
    func refresh() {
        #expect(state().find(wantsRefresh: true))
        #expect(!state().find(wantsRefresh: false))
        #expect(!state(mayStore: false).find(wantsRefresh: true))
    }

    @Test("send a request to the model whose answer from the cache cannot be had in the form that it wants")
    func unusable() {
        #expect(text(state().miss(.withoutUsage)) == "join: gateway; fwd=miss; detail=without-usage")
    }
}
