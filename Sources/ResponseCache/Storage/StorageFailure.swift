/// Why storage could not answer or keep an entry. A cache error is never an error to the client.
public struct StorageFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: UInt8, Sendable, CaseIterable {
        /// The backend cannot be reached, or refuses the credentials.
        case unavailable
        /// The deadline passed.
        case timeout
        /// Too many operations are in flight.
        case busy
        /// The entry is larger than the backend keeps.
        case tooLarge
        /// The backend is full.
        case full
        /// The backend has failed too often recently and is not called for a while.
        case breakerOpen
        /// The part of the backend that has this key does not answer, but other parts do. The backend's plugin logs it.
        case partial
        /// The operation was cancelled, as at shutdown.
        case cancelled
        /// The stored entry is damaged.
        case corrupt
        /// The backend or its plugin gave an invalid answer.
        case defect
    }

    /// What kind of failure it is.
    public let code: Code
    /// One line for the operator, without secrets.
    public let message: String

    /// Makes a failure with a message for the log.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "the cache backend failed (\(code.token)): \(message)" }
}

extension StorageFailure.Code {
    /// The name in `Cache-Status` (an RFC 8941 token) and in logs.
    public var token: StaticString {
        switch self {
        case .unavailable: "unavailable"
        case .timeout: "timeout"
        case .busy: "busy"
        case .tooLarge: "too-large"
        case .full: "full"
        case .breakerOpen: "breaker-open"
        case .partial: "partial"
        case .cancelled: "cancelled"
        case .corrupt: "corrupt"
        case .defect: "defect"
        }
    }
}
