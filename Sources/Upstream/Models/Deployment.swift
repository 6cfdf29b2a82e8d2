import CallTypes
public import NIOCore

/// One server that serves a model, ready to be called.
public final class Deployment: Sendable {
    /// Identifies the deployment in logs and fields: the configured id, or one that stays the same as long as what
    /// determines the answers does.
    public let id: String

    /// Identifies the account at the provider too: deployments that differ only in their keys share an `id`, but not
    /// what their provider keeps. It tells nothing about the key.
    public let account: String

    /// The provider's name, such as `openai`.
    public let provider: String

    /// The model's name at the upstream.
    public let model: String

    /// Scheme, host and port of the upstream. It is nil for a mock.
    public let origin: String?

    /// The base URL without its query. It is nil for a mock.
    public let apiBase: String?

    /// The deployment's share of the load, in proportion to the others of its group.
    public let weight: Double

    /// Its place in the order of its group: a lower one is called first.
    let order: Int

    /// How many calls it takes at a time, and how many connections are kept to it.
    public let maxParallelRequests: Int

    /// How long one attempt may take as a whole.
    public let timeout: TimeAmount

    /// The greatest time that a stream may take to its first byte, and between two bytes.
    public let streamTimeout: TimeAmount

    /// What clients are told of it in its answers.
    public let producer: Producer

    /// What its tokens cost. It is nil where that is not known, and where it depends on what stars stand for.
    public let prices: TokenPrices?
    let configuredPrices: ConfiguredPrices

    let fingerprint: [UInt8]
    let health: DeploymentHealth
    /// Its calls of the present minute. It is nil where no limit is configured.
    let rate: DeploymentRate?
    let transport: Transport

    /// How the deployment is called.
    enum Transport: Sendable {
        case network(PreparedRequest)
        case mock(MockResponse, CallTable)
        /// It cannot be called, for the reason that the sentence gives.
        case unusable(String)
    }

    init(
        endpoint: Endpoint?,
        description: DeploymentDescription,
        defaults: DeploymentDefaults,
        transport: Transport
    ) {
        let fingerprint = Self.fingerprint(endpoint: endpoint, description: description)
        self.fingerprint = fingerprint
        self.id = description.id ?? hexadecimal(fingerprint.prefix(8))
        var account = Fingerprint()
        account.add(hexadecimal(fingerprint))
        account.add(endpoint?.key)
        self.account = hexadecimal(account.digest().prefix(16))
        self.order = description.order ?? .max
        self.health = DeploymentHealth(defaults.cooldown)
        self.rate = description.requestsPerMinute.flatMap { $0 > 0 ? DeploymentRate(limit: $0) : nil }
        self.provider = endpoint?.provider.name ?? "mock"
        self.model = endpoint?.model ?? description.model
        self.origin = endpoint?.base.origin
        self.apiBase = endpoint.map { $0.base.origin + $0.base.path }
        self.weight = description.weight.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil } ?? 1
        self.maxParallelRequests = max(1, description.maxParallelRequests ?? defaults.admission.callsPerDeployment)
        let timeout = Self.usable(description.timeout)
        self.timeout = timeout ?? Self.usable(defaults.requestTimeout) ?? Self.longestTimeout
        self.streamTimeout =
            Self.usable(description.streamTimeout) ?? timeout ?? Self.usable(defaults.streamTimeout) ?? self.timeout
        self.producer = Producer(id: id, apiBase: apiBase)
        self.prices = Self.prices(of: endpoint, description.prices)
        self.configuredPrices = description.prices
        self.transport = transport
    }

    /// Longer timeouts are shortened to this one, so that no sum of times overflows.
    static let longestTimeout = TimeAmount.hours(24 * 7)

    /// A timeout as configured. It is nil where none is configured, or where it is zero.
    private static func usable(_ timeout: TimeAmount?) -> TimeAmount? {
        timeout.flatMap { $0 > .zero ? min($0, longestTimeout) : nil }
    }

    private static func fingerprint(endpoint: Endpoint?, description: DeploymentDescription) -> [UInt8] {
        var fingerprint = Fingerprint()
        fingerprint.add(endpoint?.provider.name)
        fingerprint.add(endpoint.map { "\($0.base.origin)\($0.base.path)?\($0.base.query)" })
        fingerprint.add(endpoint?.model ?? description.model)
        fingerprint.add(endpoint?.provider.paths == .azure ? endpoint?.apiVersion : nil)
        fingerprint.add(description.organization)
        let fields = description.extraHeaders.map { ($0.name.lowercased(), $0.value) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        for (name, value) in fields {
            fingerprint.add(name)
            fingerprint.add(value)
        }
        fingerprint.add(nil)
        description.mockResponse?.add(to: &fingerprint)
        for (kind, members) in [("parameters", description.parameters), ("extra_body", description.extraBody)] {
            if !members.isEmpty { fingerprint.add(kind) }
            for member in members.sorted(by: { $0.name < $1.name }) {
                fingerprint.add(member.name)
                fingerprint.add(member.json)
            }
        }
        return fingerprint.digest()
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
