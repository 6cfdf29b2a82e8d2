import NIOCore
public import PluginHost
public import ResponseCache

/// A plugin as the response cache's storage. It joins two targets that do not know each other. Each event loop has one.
final class PluginStorage: CacheStorage {
    /// How long a deletion may take. Nothing waits for it.
    private static let deletionTimeout: TimeAmount = .seconds(10)

    let port: PluginPort
    /// The type of the backend.
    var type: String { plugin.type.name }
    private let plugin: LoadedPlugin
    private let deletes: Bool
    let defaultTimeToLive: UInt64?
    let answersForStores: Bool

    init(port: PluginPort, plugin: LoadedPlugin) {
        self.port = port
        self.plugin = plugin
        self.deletes = plugin.capabilities.contains(.delete)
        self.defaultTimeToLive = plugin.defaultTimeToLiveMilliseconds
        self.answersForStores = plugin.threadModel != .blocking
    }

    func get(_ key: CacheKey, deadline: NIODeadline) -> any StorageRead {
        key.withText { port.get(key: $0, deadline: deadline) }
    }

    func get(_ keys: [CacheKey], deadline: NIODeadline) -> any StorageRead {
        port.get(keys: keys.map(\.description), deadline: deadline)
    }

    func set(_ item: StorageItem, deadline: NIODeadline, completion: @escaping (StorageFailure?) -> Void) {
        item.key.withText { key in
            port.set(
                key: key,
                value: item.parts,
                timeToLiveMilliseconds: item.timeToLive == 0 ? nil : item.timeToLive,
                deadline: deadline
            ) { [port, plugin] failure in
                completion(failure.map { StorageFailure($0, of: plugin, text: port.failureText) })
            }
        }
    }

    func set(
        _ items: [StorageItem],
        deadline: NIODeadline,
        completion: @escaping ([StorageFailure?]) -> Void
    ) {
        let items = items.map { item in
            PluginItem(
                key: item.key.description,
                parts: item.parts,
                timeToLiveMilliseconds: item.timeToLive == 0 ? nil : item.timeToLive
            )
        }
        port.set(items, deadline: deadline) { [port, plugin] outcomes in
            // A batch is several operations only where the plugin limits them; then this is the last one's text.
            let text = port.failureText
            completion(
                outcomes.map { outcome in
                    switch outcome {
                    case .done, .unchanged: nil
                    case .failure(let failure): StorageFailure(failure, of: plugin, text: text)
                    }
                }
            )
        }
    }

    func delete(_ keys: [CacheKey]) {
        guard deletes else { return }
        port.delete(keys: keys.map(\.description), deadline: .now() + Self.deletionTimeout) { _ in }
    }
}

extension PluginLookup: StorageRead {
    public func outcome(at index: Int) -> StorageOutcome {
        let outcome: PluginLookup.Outcome = self.outcome(at: index)
        switch outcome {
        case .hit(let bytes): return .hit(bytes)
        case .miss: return .miss
        case .failure(let failure):
            return .failed(StorageFailure(failure, of: plugin, text: failureText(at: index)))
        }
    }
}

extension StorageFailure {
    /// - Parameter text: the plugin's words, without secrets, if it has some.
    init(_ failure: OperationFailure, of plugin: LoadedPlugin, text: String?) {
        self.init(code: Code(failure), message: "\(plugin.title): \(failure.described(text))")
    }
}

extension StorageFailure.Code {
    fileprivate init(_ failure: OperationFailure) {
        self =
            switch failure {
            case .unavailable, .unauthorized, .misconfigured: .unavailable
            case .timeout: .timeout
            case .busy: .busy
            case .partial: .partial
            case .tooLarge: .tooLarge
            case .full: .full
            case .breakerOpen: .breakerOpen
            case .cancelled: .cancelled
            case .corrupt: .corrupt
            case .invalid, .notSupported, .badAnswer, .defect: .defect
            }
    }
}
