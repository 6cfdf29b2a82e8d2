import CallTypes
import Configuration
import Dialects
import JSON
import NIOCore
import ResponseCache

/// How the cache is used for the requests to one model, where the configuration says so for it alone.
struct ModelCacheRule: Sendable, Equatable {
    /// Whether no request is cached.
    var isOff = false
    /// Whether only requests with `use-cache` are cached. It is nil where the policy for all models applies.
    var isOptIn: Bool?
    /// In milliseconds. It is nil where the policy for all models applies.
    var timeToLive: UInt64?
    var conditions = ModelCacheSettings.Conditions()
    /// The temperature of a request that does not say.
    var usualTemperature = 1.0
    /// The calls that have a temperature.
    var temperedCalls = CallTypeSet()
    /// The members of the body that are not part of the key.
    var ignoredMembers: [[UInt8]] = []
}

extension ModelCacheRule {
    /// - Parameters:
    ///   - entries: the entries of `model_list` of the model's name.
    ///   - sharesEntries: whether the model shares cached answers with another one, so that its name is not part of the
    ///     key.
    init(_ settings: ModelCacheSettings, _ entries: [ModelSettings], _ calls: CallTable, sharesEntries: Bool) {
        isOff = settings.mode == .off
        isOptIn = settings.mode.map { $0 == .defaultOff }
        timeToLive = settings.ttl.flatMap { Milliseconds.from(seconds: $0) }
        conditions = settings.conditions
        ignoredMembers = settings.ignoredMembers.map { Array($0.utf8) } + (sharesEntries ? [Array("model".utf8)] : [])
        let temperature = ModelParameter.all.first { $0.name == "temperature" }
        temperedCalls = CallTypeSet(calls.all.filter { temperature?.calls.contains(calls[$0].name) ?? false })
        let configured = entries.compactMap { entry -> Double? in
            switch entry.parameters.first(where: { $0.key == "temperature" })?.value {
            case .int(let number): Double(number)
            case .float(let number): number
            default: nil
            }
        }
        if configured.count == entries.count, let greatest = configured.max() { usualTemperature = greatest }
    }

    /// What the cache does for a request to the model, which has the model's time to live where it asks for none.
    func use(_ policy: CachePolicy, of call: CallType, _ controls: inout CacheControls) -> CacheUse {
        let use = policy.use(of: call, controls, optIn: isOptIn)
        controls.timeToLive = controls.timeToLive ?? timeToLive
        return use
    }

    /// Why the cache has no part in a request to the model. It is nil where it has.
    ///
    /// - Parameter size: that of the body in bytes.
    func bypass(_ call: CallType, _ document: JSONDocument, size: Int) -> CacheBypass? {
        if let bypass = bypass(size: size) { return bypass }
        guard !conditions.isEmpty, let root = document.root else { return nil }
        if let most = conditions.maxTemperature, temperedCalls.contains(call) {
            let given = document.member("temperature", of: root).flatMap { document.double($0) }
            if (given ?? usualTemperature) > most { return CacheBypass("temperature") }
        }
        if conditions.noTools == true {
            for name: StaticString in ["tools", "functions"] {
                guard let tools = document.member(name, of: root) else { continue }
                if document.elements(of: tools).contains(where: { _ in true }) { return CacheBypass("tools") }
            }
        }
        if let most = conditions.maxMessages {
            let input = temperedCalls.contains(call) ? document.member("input", of: root) : nil
            let messages = document.member("messages", of: root) ?? input
            if let messages,
                document.elements(of: messages).prefix(most + 1).reduce(0, { count, _ in count + 1 }) > most
            {
                return CacheBypass("messages")
            }
        }
        return nil
    }

    /// The same, judged by the size of the body alone.
    func bypass(size: Int) -> CacheBypass? {
        if isOff { return CacheBypass("off") }
        if let most = conditions.maxBytes, size > most { return CacheBypass("bytes") }
        return nil
    }

    /// Leaves what is ignored out of the canonical form of a request, and so out of its key.
    func leaveOut(of document: JSONDocument) {
        guard !ignoredMembers.isEmpty, let root = document.root else { return }
        document.forEachMember(of: root) { name, member in
            if ignoredMembers.contains(where: { name.equals(bytes: $0) }) {
                document.leaveOut(memberWithValue: member.value)
            }
        }
    }
}
