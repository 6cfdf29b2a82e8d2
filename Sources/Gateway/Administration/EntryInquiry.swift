import HTTPSyntax
import JSON
import NIOCore
import ResponseCache

/// `GET /cache/entry?key=KEY`: everything about an entry but its content, for operators of the gateway. It changes nothing,
/// and works with every backend. It is bound to the connection's event loop.
final class EntryInquiry {
    /// How long the backend may take. It is longer than a request would wait.
    private static let limit: TimeAmount = .seconds(5)

    private let worker: Worker
    private let connection: Connection
    private var isClientGone = false

    init(worker: Worker, connection: Connection) {
        self.worker = worker
        self.connection = connection
    }

    /// Answers the request, now or later.
    func begin(_ query: String) {
        guard let cache = worker.cache else {
            return connection.answer(.noEntries("The cache is off: set 'cache: true' in litellm_settings."))
        }
        do throws(APIError) {
            let key = try Self.key(in: query, namespace: worker.generation.namespace)
            connection.attach(self)
            cache.inspect(key, at: worker.instant(), within: Self.limit) { [self] in tell($0, of: key) }
        } catch {
            connection.answer(error)
        }
    }

    /// The key that a query names.
    ///
    /// - Parameter namespace: the configured namespace.
    static func key(in query: String, namespace: String?) throws(APIError) -> CacheKey {
        var text: String?
        for member in Array(query.utf8).split(separator: UInt8(ascii: "&")) where member.starts(with: "key=".utf8) {
            guard text == nil else {
                throw .invalidRequest("'key' is in the query more than once", parameter: "key")
            }
            let value = Array(member.dropFirst(4))
            guard value.count <= RemovalRequest.longestKeyLiteral,
                let decoded = value.withUnsafeBufferPointer({ PercentEncoding.decode($0[...]) })
            else { throw wrongKey }
            text = decoded
        }
        guard let text else {
            throw .invalidRequest(
                "the query must name a key, as x-litellm-cache-key has it: /cache/entry?key=KEY",
                parameter: "key"
            )
        }
        guard let key = RemovalRequest.key(text, in: namespace) else { throw wrongKey }
        return key
    }

    private static let wrongKey = APIError.invalidRequest(
        "'key' is no key of this gateway's namespace; it has the form of x-litellm-cache-key",
        parameter: "key"
    )

    private func tell(_ entry: InspectedEntry, of key: CacheKey) {
        guard !isClientGone else { return }
        switch entry {
        case .found(let metadata):
            let names = worker.generation.names(of: metadata.labels ?? [])
            connection.answer(json: EntryReport.json(metadata, key, models: names.models, tenants: names.tenants))
        case .unreadable(let fault, let bytes):
            connection.answer(json: EntryReport.json(unreadable: fault, key, storedBytes: bytes))
        case .absent: connection.answer(.noEntry)
        case .failed(let failure): connection.answer(.noEntries("The cache's backend does not answer: \(failure)."))
        }
    }
}

extension EntryInquiry: Exchange {
    func clientGone() { isClientGone = true }

    func clientTakesMore(_ takesMore: Bool) {}
}

extension APIError {
    /// 404: nothing is cached under a key.
    static let noEntry = APIError(
        status: 404,
        message: "Nothing is cached under this key.",
        type: "invalid_request_error",
        parameter: "key",
        code: "not_cached"
    )

    /// 503: it cannot be told whether there is an entry.
    static func noEntries(_ message: String) -> APIError {
        APIError(status: 503, message: message, type: "cache_entry_error", parameter: nil, code: "503")
    }
}
