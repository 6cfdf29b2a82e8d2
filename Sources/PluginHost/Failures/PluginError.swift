/// Why a plugin cannot be used: one sentence for the operator that says what is wrong, where, and how to correct it.
public struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, for tests and programs.
    public enum Code: String, Sendable, CaseIterable {
        case invalidType = "invalid_type"
        case directoryMissing = "directory_missing"
        case notADirectory = "not_a_directory"
        case pluginMissing = "plugin_missing"
        case notARegularFile = "not_a_regular_file"
        case symbolicLinkLoop = "symbolic_link_loop"
        case foreignOwner = "foreign_owner"
        case writableByOthers = "writable_by_others"
        case unreadable = "unreadable"
        case notELF = "not_elf"
        case wrongArchitecture = "wrong_architecture"
        case notASharedObject = "not_a_shared_object"
        case damagedFile = "damaged_file"
        case noEntrySymbol = "no_entry_symbol"
        case wrongMajor = "wrong_major"
        case wrongDigest = "wrong_digest"
        case loadFailed = "load_failed"
        case entryFailed = "entry_failed"
        case descriptorTooSmall = "descriptor_too_small"
        case wrongType = "wrong_type"
        case missingFunction = "missing_function"
        case inconsistentDescriptor = "inconsistent_descriptor"
        case invalidParameterTable = "invalid_parameter_table"
        case invalidParameters = "invalid_parameters"
        case createFailed = "create_failed"
        case startFailed = "start_failed"
        case tooManyPorts = "too_many_ports"
        /// A control function has not returned within its budget.
        case callOverran = "call_overran"
        /// The process was asked to stop while it waited for the plugin.
        case interrupted
        /// The keys that the plugin takes are shorter than the gateway's.
        case keysTooShort = "keys_too_short"
        /// An earlier instance has not ended.
        case stillRunning = "still_running"
    }

    /// The kind of failure.
    public let code: Code
    /// The plugin file or directory that the error is about, if there is one.
    public let path: String?
    /// The parameter at fault, as the plugin declares it, if the plugin named one.
    public let parameter: String?
    /// One sentence for the operator that says what is wrong and how to correct it. It holds no secret.
    public let message: String

    /// - Parameter message: one sentence without secrets.
    public init(_ code: Code, path: String? = nil, parameter: String? = nil, _ message: String) {
        self.code = code
        self.path = path
        self.parameter = parameter
        self.message = message
    }

    public var description: String { message }
}
