import NIOCore
import PluginHost

/// Tries a cache backend's functions: a round trip, and a test entry that is written, read back and deleted. It is
/// bound to the port's event loop.
struct BackendCheck {
    /// Why a backend is not healthy.
    struct Failure: Error {
        /// The step that failed, such as `the ping`.
        let step: String
        let reason: String

        init(step: String, reason: String) {
            self.step = step
            self.reason = reason
        }

        /// - Parameter text: the plugin's words, without secrets, if it has some.
        init(step: String, _ failure: OperationFailure, _ text: String?) {
            self.init(step: step, reason: failure.described(text))
        }
    }

    /// The time to live of the test entry where it cannot be deleted, in milliseconds.
    private static let entryLife: UInt64 = 10_000

    let port: PluginPort
    let deletes: Bool
    /// The key of the test entry. No request has such a key, because it does not end in 64 hexadecimal digits.
    let key: String
    let deadline: NIODeadline

    /// - Parameters:
    ///   - namespace: the prefix of all of the gateway's keys.
    ///   - limit: how long the whole check may take.
    init(port: PluginPort, plugin: LoadedPlugin, namespace: String?, limit: TimeAmount) {
        self.port = port
        self.deletes = plugin.capabilities.contains(.delete)
        self.key = "\(namespace ?? "gateway"):ping:\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        self.deadline = .now() + limit
    }

    /// - Parameter completion: called once, possibly before this returns, with the time of the round trip.
    func run(_ completion: @escaping (Result<TimeAmount, Failure>) -> Void) {
        let began = NIODeadline.now()
        port.ping(deadline: deadline) { failure in
            if let failure { return completion(.failure(Failure(step: "the ping", failure, port.failureText))) }
            let roundTrip = NIODeadline.now() - began
            write { completion($0.map { roundTrip }) }
        }
    }

    private func write(_ completion: @escaping (Result<Void, Failure>) -> Void) {
        let value = ByteBuffer(string: key)
        let item = PluginItem(key: key, parts: [value], timeToLiveMilliseconds: Self.entryLife)
        port.set([item], deadline: deadline) { outcomes in
            if case .failure(let failure)? = outcomes.first {
                return completion(.failure(Failure(step: "writing a test entry", failure, port.failureText)))
            }
            read(completion)
        }
    }

    private func read(_ completion: @escaping (Result<Void, Failure>) -> Void) {
        let operation = port.get(keys: [key], deadline: deadline)
        operation.whenDone {
            let result: Result<Void, Failure>
            switch operation.outcome(at: 0) as PluginLookup.Outcome {
            case .hit(let bytes) where bytes.elementsEqual(key.utf8): result = .success(())
            case .hit: result = .failure(Failure(step: "reading the test entry", reason: "it came back changed"))
            case .miss: result = .failure(Failure(step: "reading the test entry", reason: "it is gone"))
            case .failure(let failure):
                let text = operation.failureText(at: 0)
                result = .failure(Failure(step: "reading the test entry", failure, text))
            }
            operation.release()
            if deletes { port.delete(keys: [key], deadline: deadline) { _ in } }
            completion(result)
        }
    }
}
