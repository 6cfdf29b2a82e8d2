import PluginAPI

/// A plugin's parameter table, read by its stride (rule L-2).
struct DeclaredParameters {
    /// An entry, with its texts.
    struct Row {
        let raw: gw_param

        var name: String { raw.name.map { String(cString: $0) } ?? "" }
        var aliases: [String] { Self.texts(raw.aliases) }
        var choices: [String] { Self.texts(raw.choices) }
        var isSecret: Bool { raw.flags & GW_PARAM_SECRET != 0 }

        /// Whether a whole number is within the bounds.
        func allows(_ value: Int64) -> Bool {
            (raw.flags & GW_PARAM_HAS_MINIMUM == 0 || value >= raw.minimum)
                && (raw.flags & GW_PARAM_HAS_MAXIMUM == 0 || value <= raw.maximum)
        }

        private static func texts(_ list: UnsafePointer<UnsafePointer<CChar>?>?) -> [String] {
            guard let list else { return [] }
            var texts: [String] = []
            while texts.count < 100, let text = list[texts.count] { texts.append(String(cString: text)) }
            return texts
        }
    }

    let all: [gw_param]

    var rows: [Row] { all.map(Row.init) }

    init(_ plugin: UnsafePointer<gw_plugin>) {
        let (table, stride) = (UnsafeRawPointer(plugin.pointee.params), Int(plugin.pointee.param_stride))
        guard let table, stride >= MemoryLayout<gw_param>.size else {
            all = []
            return
        }
        all = (0..<Int(plugin.pointee.n_params)).map { (table + $0 * stride).load(as: gw_param.self) }
    }

    /// The parameter of this name. It is nil where there is none.
    subscript(name: String) -> gw_param? {
        all.first { $0.name.map { String(cString: $0) } == name }
    }
}

/// Reads a text as a value of a declared type (`GW_PARAM_...`).
enum ParameterText {
    /// Reads a text of the type INT, DURATION or SIZE as a number, nanoseconds or bytes. It is nil where the text is
    /// invalid.
    static func integer(_ text: String, as type: UInt32) -> Int64? {
        switch type {
        case GW_PARAM_DURATION:
            scaled(
                text,
                [("ms", 1e6), ("us", 1e3), ("ns", 1), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9)],
                1e9
            )
        case GW_PARAM_SIZE:
            scaled(text, sizes, 1)
        default: Int64(text)
        }
    }

    /// Reads a text of the type BOOL. It is nil where the text is invalid.
    static func boolean(_ text: String) -> Int32? {
        switch text {
        case "true", "yes", "on", "1": 1
        case "false", "no", "off", "0": 0
        default: nil
        }
    }

    /// Converts a text of any type to JSON.
    static func json(_ text: String, as type: UInt32) -> String {
        switch type {
        case GW_PARAM_STRING, GW_PARAM_ENUM: quoted(text)
        case GW_PARAM_STRING_LIST: "[" + items(text).map(quoted).joined(separator: ",") + "]"
        case GW_PARAM_DURATION, GW_PARAM_SIZE: integer(text, as: type).map { String($0) } ?? quoted(text)
        default: text
        }
    }

    /// Reads a text of the type STRING_LIST: items separated by commas.
    static func items(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    private static let sizes: [(unit: String, factor: Double)] = [
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776), ("KB", 1024),
        ("MB", 1_048_576), ("GB", 1_073_741_824), ("TB", 1_099_511_627_776),
    ]

    private static func scaled(_ text: String, _ units: [(unit: String, factor: Double)], _ bare: Double) -> Int64? {
        let unit = units.first { text.hasSuffix($0.unit) }
        guard let number = Double(text.dropLast(unit?.unit.count ?? 0)) else { return nil }
        return Int64(exactly: (number * (unit?.factor ?? bare)).rounded())
    }

    private static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
