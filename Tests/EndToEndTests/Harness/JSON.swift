import Foundation

/// A JSON document for tests. Every access to a missing value gives nil, never an error.
struct JSON: CustomStringConvertible {
    private let value: Any?

    init(_ bytes: [UInt8]) {
        value = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    private init(value: Any?) { self.value = value }

    subscript(name: String) -> JSON { JSON(value: (value as? [String: Any])?[name]) }

    subscript(index: Int) -> JSON {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSON(value: nil) }
        return JSON(value: array[index])
    }

    var string: String? { value as? String }
    var int: Int? { value as? Int }
    var double: Double? { value as? Double }
    var bool: Bool? { value as? Bool }
    var names: Set<String> { Set((value as? [String: Any])?.keys ?? [:].keys) }
    var array: [JSON] { (value as? [Any])?.map { JSON(value: $0) } ?? [] }

    /// Whether the member exists and is null.
    var isNull: Bool { value is NSNull }

    /// Whether there is such a member at all.
    var exists: Bool { value != nil }

    var description: String { value.map { "\($0)" } ?? "nothing" }
}
