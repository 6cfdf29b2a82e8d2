import Configuration
import NIOCore
import Upstream

extension DeploymentDescription {
    /// A deployment as one entry of `model_list` describes it.
    init(_ model: ModelSettings) {
        self.init(
            modelName: model.name,
            model: model.model,
            provider: model.provider,
            apiBase: model.apiBase,
            apiKey: model.apiKey?.value,
            apiVersion: model.apiVersion,
            organization: model.organization,
            timeout: model.timeout.map(TimeAmount.init(seconds:)),
            streamTimeout: model.streamTimeout.map(TimeAmount.init(seconds:)),
            maxRetries: model.maxRetries,
            weight: model.weight.map(Double.init),
            trust: model.verification.map(ServerTrust.init),
            requestsPerMinute: model.requestsPerMinute,
            order: model.order,
            id: model.id,
            token: model.azureToken?.value,
            maxParallelRequests: model.maxParallelRequests,
            parameters: model.parameters.map(DeploymentDescription.Member.init),
            extraBody: model.extraBody.map(DeploymentDescription.Member.init),
            extraHeaders: model.extraHeaders.map { ($0.name, $0.value) },
            mockResponse: model.mockResponse.map(MockResponse.init),
            prices: ConfiguredPrices(model.prices)
        )
    }
}

extension ConfiguredPrices {
    init(_ settings: PriceSettings) {
        self.init(
            input: settings.input,
            output: settings.output,
            cachedInput: settings.cachedInput,
            baseModel: settings.baseModel
        )
    }
}

extension DeploymentDescription.Member {
    init(_ member: ConfigurationValue.Member) {
        self.init(name: member.key, json: member.value.json)
    }
}

extension DeploymentDefaults {
    init(_ settings: Settings) {
        self.init()
        if let seconds = settings.requestTimeout { requestTimeout = TimeAmount(seconds: seconds) }
        numRetries = settings.retries
        if let verification = settings.routing.verification { trust = ServerTrust(verification) }
        if settings.routing.strategy == "least-busy" { strategy = .leastBusy }
        if let failures = settings.routing.allowedFailures { cooldown.allowedFailures = failures }
        if settings.routing.hasNoCooldowns { cooldown.allowedFailures = .max }
        cooldown.rest = settings.routing.cooldown.map(TimeAmount.init(seconds:))
        admission = AdmissionLimits(settings.limits)
    }
}

extension ServerTrust {
    init(_ verification: CertificateVerification) {
        switch verification {
        case .standard: self = .standard
        case .file(let file): self = .authorities(file: file)
        case .none: self = .anybody
        }
    }
}

extension AdmissionLimits {
    init(_ limits: LimitSettings) {
        self.init()
        if let calls = limits.parallelRequests { callsPerDeployment = calls }
        calls = limits.globalParallelRequests
        waitingCalls = limits.queuedRequests
        if let seconds = limits.queueTimeout { longestWait = TimeAmount(seconds: seconds) }
    }
}

extension MockResponse {
    init(_ value: ConfigurationValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .list(let items):
            let numbers = items.compactMap(Self.number)
            self = numbers.count == items.count ? .embedding(numbers) : .json(value.json)
        default: self = .json(value.json)
        }
    }

    private static func number(_ value: ConfigurationValue) -> Double? {
        switch value {
        case .int(let number): Double(number)
        case .float(let number): number
        default: nil
        }
    }
}

extension TimeAmount {
    /// Converts seconds with their fractions. What Int64 nanoseconds cannot hold becomes the longest time.
    init(seconds: Double) {
        let nanoseconds = seconds * 1e9
        self = nanoseconds < 9e18 ? .nanoseconds(Int64(max(0, nanoseconds))) : .nanoseconds(.max)
    }
}
