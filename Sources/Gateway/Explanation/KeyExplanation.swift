import Dialects
import HTTPSyntax
import NIOCore
import ResponseCache
import Text

/// A key that is compared with a request's: the `x-litellm-cache-key` of an answer, or its digest alone.
struct ComparedKey: Equatable {
    /// The namespaces in readable form. It is nil where only the digest was given.
    let prefix: String?
    let digest: SHA256Digest

    /// Reads a key: `PREFIX:` and 64 lower-case hexadecimal digits, or these alone. It is nil for any other text.
    init?(_ text: String) {
        if let key = CacheKey(text: text) {
            (prefix, digest) = (key.prefix, key.digest)
        } else if let key = CacheKey(text: ":" + text) {
            (prefix, digest) = (nil, key.digest)
        } else {
            return nil
        }
    }

    /// Whether that is the key, as far as it was given. The digest covers what the prefix is made of.
    func isKey(_ key: CacheKey) -> Bool { digest == key.digest }
}

/// What is known of a key, compared with those of a request.
struct KeyExplanation {
    let request: ExplainedRequest
    /// The input of which it is the key, where the request has several. It is 0 where it is the request's key.
    let input: Int?
    /// What is known of a key that is not the request's, a sentence each.
    let notes: [String]

    init(
        _ key: ComparedKey,
        of request: ExplainedRequest,
        from source: RequestSource,
        _ explainer: RequestExplainer
    ) {
        self.request = request
        input = request.keys.firstIndex { key.isKey($0) }
        guard input == nil else {
            notes = []
            return
        }
        var notes: [String] = []
        if let prefix = key.prefix, let own = request.keys.first?.prefix, !own.utf8.elementsEqual(prefix.utf8) {
            notes.append(
                "the key is of the namespace '\(prefix.quotable)', and those of \(request.name) are of '\(own.quotable)'"
            )
        }
        if let other = Self.otherRequest(with: key, source, explainer) { notes.append(other) }
        if notes.isEmpty {
            notes.append(
                "the key is of another body, model, call or configuration; compare the requests themselves to see the "
                    + "difference"
            )
        }
        self.notes = notes
    }

    /// The largest body for which other keys are tried, and the most tenants.
    private static let (largestBody, mostTenants) = (256 * 1024, 1_000)

    /// Looks for a small change of the request with which the key would be its own.
    private static func otherRequest(
        with key: ComparedKey,
        _ source: RequestSource,
        _ explainer: RequestExplainer
    ) -> String? {
        guard source.body.readableBytes <= largestBody else { return nil }
        func hasKey(_ change: (inout RequestSource) -> Void) -> Bool {
            var changed = source
            change(&changed)
            guard let request = try? explainer.read(changed) else { return false }
            return request.keys.contains { key.isKey($0) }
        }
        let isTenantGiven = source.keyName != nil
        let names = ["master"] + explainer.tenants.prefix(mostTenants).map(\.name)
        for name in names where hasKey({ ($0.keyName, $0.headers) = (name, $0.headers.filter { !$0.isCredential }) }) {
            return "it is the key of this request with the API key '\(name)'" + (isTenantGiven ? "" : " (--key-name)")
        }
        for call in DialectTable.served.calls where hasKey({ $0.endpoint = "/v1" + call.path }) {
            return "it is the key of this request at /v1\(call.path) (--endpoint)"
        }
        if !source.headers.isEmpty, hasKey({ $0.headers = $0.headers.filter(\.isCredential) }) {
            return "it is the key of this request without its headers"
        }
        return nil
    }
}

extension String {
    /// Whether a header field has a key of the gateway's.
    fileprivate var isCredential: Bool { FieldSyntax.isCredential(String(prefix { $0 != ":" })) }
}
