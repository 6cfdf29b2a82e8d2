import Testing

@testable import S3Cache

@Suite("Objects whose time is over")
struct ExpiredObjectsTests {
    @Test("are deleted once at a time")
    func once() {
        var expired = ExpiredObjects()
        #expect(expired.beginDeleting("a") == true)
        #expect(expired.beginDeleting("a") == false)
        #expect(expired.beginDeleting("b") == true)
        #expect(expired.ended("a").isEmpty)
        #expect(expired.beginDeleting("a") == true)
    }

    @Test("have writes of the same name wait until they are gone, in order, and no others")
    func writes() {
        var expired = ExpiredObjects()
        var written: [Int] = []
        #expect(expired.postpone("a", { written.append(0) }) == false, "it is not being deleted")
        _ = expired.beginDeleting("a")
        #expect(expired.postpone("a", { written.append(1) }) == true)
        #expect(expired.postpone("a", { written.append(2) }) == true)
        #expect(expired.postpone("b", { written.append(3) }) == false)
        for write in expired.ended("a") { write() }
        #expect(written == [1, 2])
        #expect(expired.ended("a").isEmpty)
    }
}
