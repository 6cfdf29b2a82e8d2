public import PluginAPI

/// The values of the declared parameters: checked and converted, with environment and defaults filled in. They are
/// valid until the `init` or `validate` that was given them returns. A nil result means that the parameter was not
/// given and has no default. Every reader throws if the plugin reads a parameter that it did not declare, or reads it
/// as another type.
public struct Parameters {
    let raw: UnsafePointer<gw_params>

    /// The parameters as the C interface hands them over, with every field of version 1.0 present.
    public init(_ raw: UnsafePointer<gw_params>) { self.raw = raw }

    /// Reads a string or a choice.
    public func string(_ name: String) throws(PluginFailure) -> String? {
        let slice = try read(name, raw.pointee.get_string, gw_slice())
        return slice.map { String(decoding: UnsafeRawBufferPointer($0), as: UTF8.self) }
    }

    /// Reads an integer.
    public func int(_ name: String) throws(PluginFailure) -> Int64? {
        try read(name, raw.pointee.get_int, Int64(0))
    }

    /// Reads a number.
    public func float(_ name: String) throws(PluginFailure) -> Double? {
        try read(name, raw.pointee.get_float, Double(0))
    }

    /// Reads a boolean.
    public func bool(_ name: String) throws(PluginFailure) -> Bool? {
        try read(name, raw.pointee.get_bool, Int32(0)).map { $0 != 0 }
    }

    /// Reads a duration.
    public func duration(_ name: String) throws(PluginFailure) -> Duration? {
        try read(name, raw.pointee.get_int, Int64(0)).map { Duration.nanoseconds($0) }
    }

    /// Reads a size in bytes. A negative size is refused.
    public func size(_ name: String) throws(PluginFailure) -> UInt64? {
        guard let bytes = try read(name, raw.pointee.get_int, Int64(0)) else { return nil }
        guard bytes >= 0 else {
            throw PluginFailure(.badConfiguration, "\(name) is a size and cannot be negative", parameter: name)
        }
        return UInt64(bytes)
    }

    /// Reads the items of a list. There are none if it is not given.
    public func list(_ name: String) throws(PluginFailure) -> [String] {
        guard let get = raw.pointee.get_list else { throw undeclared(name) }
        var items: [String] = []
        for index in 0..<UInt32.max {
            var slice = gw_slice()
            let status = name.withCString { get(raw, $0, index, &slice) }
            if status == GW_MISS { break }
            guard status == GW_OK else { throw undeclared(name) }
            items.append(String(decoding: UnsafeRawBufferPointer(slice), as: UTF8.self))
        }
        return items
    }

    /// Reads a parameter of any type as JSON text.
    public func json(_ name: String) throws(PluginFailure) -> String? {
        let slice = try read(name, raw.pointee.get_json, gw_slice())
        return slice.map { String(decoding: UnsafeRawBufferPointer($0), as: UTF8.self) }
    }

    /// The source of a parameter's value. It is nil where the parameter has no value. A source that a later version of
    /// the interface adds counts as the configuration.
    public func source(_ name: String) throws(PluginFailure) -> ParameterSource? {
        return try read(name, raw.pointee.get_source, UInt32(0)).map { ParameterSource(rawValue: $0) ?? .configuration }
    }

    private typealias Getter<Value> =
        (UnsafePointer<gw_params>?, UnsafePointer<CChar>?, UnsafeMutablePointer<Value>?) -> Int32

    private func read<Value>(
        _ name: String,
        _ getter: Getter<Value>?,
        _ blank: Value
    ) throws(PluginFailure) -> Value? {
        guard let getter else { throw undeclared(name) }
        var value = blank
        let status = name.withCString { getter(raw, $0, &value) }
        if status == GW_MISS { return nil }
        guard status == GW_OK else { throw undeclared(name) }
        return value
    }

    private func undeclared(_ name: String) -> PluginFailure {
        PluginFailure(
            .defect,
            "the plugin reads parameter \(name) that it did not declare with this type",
            parameter: name
        )
    }
}

/// The source of a parameter's value (`GW_SOURCE_...`). Later cases take precedence.
public enum ParameterSource: UInt32, Comparable, Sendable {
    /// The default that the plugin declares.
    case defaultValue = 0
    /// The environment of the process, or the `.env` file.
    case environment
    /// `cache_params`.
    case configuration

    /// Whether the other source takes precedence over this one.
    public static func < (one: ParameterSource, other: ParameterSource) -> Bool { one.rawValue < other.rawValue }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a slice. It is empty if its pointer is NULL or its length cannot be an address range.
    @inlinable
    init(_ slice: gw_slice) {
        guard let start = slice.p, let count = Int(exactly: slice.n) else {
            self.init(start: nil, count: 0)
            return
        }
        self.init(start: start, count: count)
    }
}
