import Testing

@testable import Gateway

@Suite("The ids that deployments have issued")
struct IssuedIDsTests {
    private func origin(_ account: String) -> IssuedIDs.Origin { .init(model: "m", account: account) }

    @Test("are known with their last origin")
    func known() {
        let ids = IssuedIDs(capacity: 4)
        ids.note(Array("a".utf8), origin("one"))
        ids.note(Array("a".utf8), origin("two"))
        #expect(ids.origin(of: "a".utf8)?.account == "two" && ids.origin(of: "b".utf8) == nil)
        #expect(ids.origin(of: [UInt8](repeating: 0x61, count: 4_000_000)) == nil)
    }

    @Test("are as many as there is room for, of which the oldest are forgotten first")
    func bounded() {
        let ids = IssuedIDs(capacity: 3)
        for number in 0..<10 { ids.note(Array("\(number)".utf8), origin("d\(number)")) }
        #expect((0..<10).filter { ids.origin(of: "\($0)".utf8) != nil } == [7, 8, 9])
        #expect(ids.origin(of: "8".utf8)?.account == "d8")
    }

    @Test("An object stays with its tenant, whoever else gets its id from a model")
    func tenants() {
        let ids = IssuedIDs(capacity: 2)
        #expect(ids.note([1], .init(model: "m", account: "x", tenant: "a")))
        #expect(!ids.note([1], .init(model: "m", account: "y", tenant: "b")))
        #expect(ids.note([1], .init(model: "n", account: "x", tenant: "a")))
        #expect(ids.origin(of: [1])?.tenant == "a" && ids.origin(of: [1])?.model == "n")
    }
}
