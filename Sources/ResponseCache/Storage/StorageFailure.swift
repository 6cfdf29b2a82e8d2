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
        /// The backend failed too often of late and is left alone for a while.
        case breakerOpen
        /// The part of the backend that has this key does not answer, other parts do. The backend's plugin tells the
        /// operator.
        case partial
        /// The operation was given up, as at shutdown.
        case cancelled
        /// The backend or its plugin answered nonsense.
        case defect
    }

    /// What kind of failure it is.
    public let code: Code
    /// One line for the operator, without secrets.
    public let message: String

    /// A failure with a sentence for the log.
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
        case .defect: "defect"
        }
    }
}
