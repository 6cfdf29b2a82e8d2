import PluginKit
import Testing

@testable import S3Cache

@Suite("The health of a bucket")
struct BucketHealthTests {
    private let gone = BackendFailure(.unavailable, "gone")
    private let refused = BackendFailure(.unauthorized, "refused")

    @Test("is reported when the first request succeeds, and then when it changes")
    func changes() {
        var health = BucketHealth()
        #expect(health.succeeded(.list) == true)
        #expect(health.succeeded(.get) == false)
        #expect(health.failed(.get, gone) == "gone")
        #expect(health.failed(.put, gone) == nil, "it is the same server")
        #expect(health.succeeded(.list) == true)
    }

    @Test("is restored by the same kind of request only where that was refused")
    func refusals() {
        var health = BucketHealth()
        _ = health.succeeded(.list)
        #expect(health.failed(.put, refused) == "refused")
        #expect(health.succeeded(.get) == false, "that entries may be read says nothing of writing")
        #expect(health.succeeded(.put) == true)
    }

    @Test("is not worse for a refusal while the server is in trouble")
    func trouble() {
        var health = BucketHealth()
        #expect(health.failed(.list, BackendFailure(.badConfiguration, "no such bucket")) == "no such bucket")
        #expect(health.failed(.put, refused) == nil)
    }
}
