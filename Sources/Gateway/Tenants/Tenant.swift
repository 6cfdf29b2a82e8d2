import Configuration
import ResponseCache
import Upstream

/// The holders of one key, and what they may do. It is immutable, except for what they use at present.
final class Tenant: Sendable {
    /// The name of the key.
    let name: String
    /// Its position among the keys of the configuration.
    let position: Int
    /// Whether they share cached answers with the master key.
    let isShared: Bool
    /// The models that they may request. It is nil where they may request all.
    let models: ModelNames?
    /// The controls of the cache that they may use. It is nil where they may use all.
    let controls: [ClientControl]?
    /// The longest time to live, in milliseconds, that they may ask for. It is nil where there is no limit.
    let longestTimeToLive: UInt64?
    /// From when on the key admits nobody. It is nil where it always does.
    let expiry: Expiry?
    let limits: KeyLimits
    /// What they use at present. It is nil where nothing is limited.
    let usage: KeyUsage?

    /// - Parameters:
    ///   - position: the position among the keys of the configuration.
    ///   - usages: what the holders of all keys use.
    init(_ settings: KeySettings, position: Int, usages: KeyUsages) {
        name = settings.name
        self.position = position
        isShared = settings.cacheScope == .shared
        models = settings.models.map { ModelNames($0.map(\.name)) }
        controls = settings.cacheControls
        longestTimeToLive = settings.longestTimeToLive.flatMap { Milliseconds.from(seconds: $0) }
        expiry = settings.expiry
        limits = KeyLimits(
            requestsPerMinute: settings.requestsPerMinute,
            parallelRequests: settings.parallelRequests
        )
        usage = limits.isEmpty ? nil : usages.usage(of: settings.name)
    }

    /// The tenant to which cached answers belong, as it is part of their keys.
    var cacheTenant: String { isShared ? KeySettings.masterName : name }

    /// Whether they may request a model.
    ///
    /// - Parameter name: the name that the request has.
    func mayRequest(_ name: String) -> Bool { models?.contains(name) ?? true }

    /// Whether they may request a model by a name, which may be an alias.
    func mayRequest(_ name: String, of group: ModelGroup) -> Bool {
        guard let models else { return true }
        return models.contains(name) || models.contains(group.name)
    }

    /// Whether they may request a model by one of the names that the models have.
    func mayRequest(_ name: String, in models: ModelDirectory) -> Bool {
        guard self.models != nil else { return true }
        return models.group(named: name).map { mayRequest(name, of: $0) } ?? mayRequest(name)
    }
}
