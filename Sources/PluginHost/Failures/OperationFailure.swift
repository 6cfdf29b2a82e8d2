import PluginAPI

/// Why an operation of a plugin, or one item of it, failed. To a request each of these is a miss.
public enum OperationFailure: Int32, Error, Sendable, Equatable, CaseIterable, CustomStringConvertible {
    // These are reported by the plugin (`GW_E...`).
    case invalid = -1
    case notSupported = -2
    case busy = -3
    case timeout = -4
    case cancelled = -5
    case unavailable = -6
    case unauthorized = -7
    case tooLarge = -8
    case full = -9
    case badAnswer = -10
    case corrupt = -11
    case misconfigured = -12
    case defect = -13
    case partial = -14
    // The following are decided by the host. Here, the backend has failed too often recently and is not called for a
    // while.
    case breakerOpen = -100

    /// - Parameter status: a negative or otherwise unexpected `GW_` status. An unknown status is a defect.
    init(status: Int32) {
        self = status >= GW_EPARTIAL && status < 0 ? OperationFailure(rawValue: status) ?? .defect : .defect
    }

    /// Whether the failure concerns the backend as a whole, as opposed to one of its parts or one request that is too
    /// large.
    var isOutage: Bool {
        switch self {
        case .timeout, .unavailable, .unauthorized, .badAnswer, .defect, .misconfigured: true
        case .invalid, .notSupported, .busy, .cancelled, .tooLarge, .full, .corrupt, .partial, .breakerOpen: false
        }
    }

    /// A word for programs, used in answers that must not show the backend's text.
    public var code: String {
        switch self {
        case .invalid: "invalid"
        case .notSupported: "not_supported"
        case .busy: "busy"
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        case .unavailable: "unavailable"
        case .unauthorized: "unauthorized"
        case .tooLarge: "too_large"
        case .full: "full"
        case .badAnswer: "bad_answer"
        case .corrupt: "corrupt"
        case .misconfigured: "misconfigured"
        case .defect: "defect"
        case .partial: "partial"
        case .breakerOpen: "breaker_open"
        }
    }

    /// The failure in a sentence, with the plugin's own words where it has some.
    public func described(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return description }
        return "\(description): \(text)"
    }

    public var description: String {
        switch self {
        case .invalid: "the plugin could not accept an argument"
        case .notSupported: "the plugin cannot do this"
        case .busy: "too many operations in flight"
        case .timeout: "the deadline passed"
        case .cancelled: "cancelled"
        case .unavailable: "the backend cannot be reached"
        case .unauthorized: "the backend refused the credentials"
        case .tooLarge: "the value is too large"
        case .full: "the backend is full"
        case .badAnswer: "the backend answered nonsense"
        case .corrupt: "the stored value is damaged"
        case .misconfigured: "the parameters cannot work"
        case .defect: "a defect of the plugin"
        case .partial: "a part of the backend does not answer"
        case .breakerOpen: "the backend failed too often and is left alone for a while"
        }
    }
}
