import PluginKit
import Testing

@testable import S3Cache

@Suite("What an answer means for its request")
struct AnswerVerdictTests {
    private func verdict(
        _ status: Int,
        _ code: String? = nil,
        region: String? = nil,
        regionInBody: String? = nil,
        retryAfter: String? = nil
    ) throws -> AnswerVerdict {
        let error = try code.map { code in
            let place = regionInBody.map { "<Region>\($0)</Region>" } ?? ""
            return try #require(ServiceError(Array("<Error><Code>\(code)</Code>\(place)</Error>".utf8)))
        }
        return AnswerVerdict(status: status, error: error, region: region, retryAfter: retryAfter)
    }

    @Test("is success for an object that is there and for one that is not, but not for a bucket that is missing")
    func success() throws {
        #expect(try verdict(200) == .success)
        #expect(try verdict(204) == .success)
        #expect(try verdict(404, "NoSuchKey") == .success)
        #expect(try verdict(404, "NoSuchBucket") == .refused([], .badConfiguration))
    }

    @Test("is that it may be sent again where the server is in trouble, not sooner than it asks, within a minute")
    func trouble() throws {
        for status in [429, 500, 502, 503, 504] { #expect(try verdict(status, "SlowDown") == .retry(after: nil)) }
        #expect(try verdict(503, retryAfter: "3") == .retry(after: 3_000_000_000))
        #expect(try verdict(503, retryAfter: "86400") == .retry(after: 60_000_000_000))
        #expect(try verdict(503, retryAfter: "soon") == .retry(after: nil))
    }

    @Test("is that the bucket may be in another region, which the header says rather than the body")
    func regions() throws {
        #expect(
            try verdict(301, "PermanentRedirect", region: "eu-west-1", regionInBody: "us-west-2")
                == .refused([.region("eu-west-1")], .badAnswer)
        )
        #expect(
            try verdict(400, "AuthorizationHeaderMalformed", regionInBody: "us-west-2")
                == .refused([.region("us-west-2")], .badAnswer)
        )
        #expect(try verdict(403, "AccessDenied") == .refused([.region(nil)], .unauthorized))
    }

    @Test("is that the clock is wrong, or that credentials have ended")
    func corrections() throws {
        #expect(try verdict(403, "RequestTimeTooSkewed") == .refused([.clock, .region(nil)], .unauthorized))
        #expect(try verdict(403, "ExpiredToken") == .refused([.credentials], .unauthorized))
        #expect(try verdict(400, "InvalidToken") == .refused([.region(nil), .credentials], .badAnswer))
    }

    @Test(
        "names the failure of a refusal that nothing can put right",
        arguments: [
            (401, nil, Status.unauthorized), (413, nil, .tooLarge), (409, "EntityTooLarge", .tooLarge),
            (507, nil, .full), (418, "Teapot", .badAnswer),
        ] as [(Int, String?, Status)]
    )
    func failures(status: Int, code: String?, failure: Status) throws {
        #expect(try verdict(status, code) == .refused([], failure))
    }
}
