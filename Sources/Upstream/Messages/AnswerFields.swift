import Glibc
import HTTPSyntax
import Text

/// The end-to-end fields of an answer in their order, as lines that are ready to be written: `name: value` and a line
/// end.
///
/// They are passed on unchanged and seldom read, so that any number of them takes one allocation.
public struct AnswerFields: Sendable, Equatable {
    /// The lines, one after another.
    public private(set) var lines: [UInt8] = []
    /// Where the first value of Content-Type begins in the lines. It is 0 where there is none.
    private var contentTypeStart = 0

    /// Makes a value without fields.
    init() {}

    init(_ fields: [(name: String, value: String)]) {
        for (name, value) in fields { append(name, value) }
    }

    /// Adds a field whose name is a token and whose value has no line break.
    mutating func append(_ name: String, _ value: String) {
        lines += (name.isSameField(as: "x-request-id") ? Self.providersRequestID : name).utf8
        lines += Self.separator
        if contentTypeStart == 0, name.isSameField(as: "content-type") { contentTypeStart = lines.count }
        lines += value.utf8
        lines += Self.lineEnd
    }

    /// Adds a field that is part of `bytes`, in which the value is followed by its line end.
    mutating func append(_ bytes: UnsafeRawBufferPointer, name: Range<Int>, value: Range<Int>) {
        if lines.capacity == 0 { lines.reserveCapacity(Self.usualLength) }
        let isUsual =
            !(name.count == 12 && bytes.equalsIgnoringCase(name, "x-request-id"))
            && value.lowerBound == name.upperBound + 2 && bytes[name.upperBound + 1] == UInt8(ascii: " ")
        if isUsual {
            if contentTypeStart == 0, name.count == 12, bytes.equalsIgnoringCase(name, "content-type") {
                contentTypeStart = lines.count + name.count + 2
            }
            lines.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[name.lowerBound..<value.upperBound + 2]))
        } else {
            append(bytes.text(name), bytes.text(value))
        }
    }

    /// The first value of the field `name`, which must be given in lower case.
    public func first(_ name: StaticString) -> String? {
        find(name) { bytes, value in bytes.text(value) }
    }

    /// The first value of Content-Type.
    public var contentType: String? {
        guard contentTypeStart > 0 else { return nil }
        return lines.withUnsafeBytes { bytes in
            let end = bytes.position(of: UInt8(ascii: "\r"), from: contentTypeStart) ?? bytes.count
            return bytes.text(contentTypeStart..<end)
        }
    }

    /// Whether the first value of Content-Type begins with `type`, ignoring case. `type` must be given in lower case.
    public func contentType(startsWith type: StaticString) -> Bool {
        guard contentTypeStart > 0 else { return false }
        return lines.withUnsafeBytes { bytes in
            // No type has a line end, so a shorter value differs from it there.
            bytes.equalsIgnoringCase(contentTypeStart..<contentTypeStart + type.utf8CodeUnitCount, type)
        }
    }

    /// The names and values of all fields.
    public var list: [(name: String, value: String)] {
        var list: [(name: String, value: String)] = []
        walk { bytes, name, value in
            list.append((bytes.text(name), bytes.text(value)))
            return true
        }
        return list
    }

    /// The lines of all but the fields called `name`, which must be given in lower case.
    public func lines(without name: StaticString) -> [UInt8] {
        var kept: [UInt8] = []
        walk { bytes, field, value in
            if !bytes.equalsIgnoringCase(field, name) { kept += bytes[field.lowerBound..<value.upperBound + 2] }
            return true
        }
        return kept
    }

    /// The same without what a provider says of its limits, in OpenAI's or Anthropic's fields.
    public var withoutLimits: AnswerFields {
        var kept = AnswerFields()
        walk { bytes, field, value in
            let isLimit = Self.limitPrefixes.contains { prefix in
                let start = field.lowerBound..<min(field.lowerBound + prefix.utf8CodeUnitCount, field.upperBound)
                return bytes.equalsIgnoringCase(start, prefix)
            }
            if !isLimit { kept.append(bytes, name: field, value: value) }
            return true
        }
        return kept
    }

    private static let limitPrefixes: [StaticString] = ["x-ratelimit-", "anthropic-ratelimit-"]

    private func find<Found>(_ name: StaticString, _ read: (UnsafeRawBufferPointer, Range<Int>) -> Found) -> Found? {
        var found: Found?
        walk { bytes, field, value in
            guard bytes.equalsIgnoringCase(field, name) else { return true }
            found = read(bytes, value)
            return false
        }
        return found
    }

    /// - Parameter body: called with the range of each name and value, until it returns false.
    private func walk(_ body: (UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>) -> Bool) {
        lines.withUnsafeBytes { bytes in
            var start = 0
            // A name has no colon, and a value no line end.
            while let colon = bytes.position(of: UInt8(ascii: ":"), from: start),
                let end = bytes.position(of: UInt8(ascii: "\r"), from: colon + 2)
            {
                guard body(bytes, start..<colon, colon + 2..<end) else { return }
                start = end + 2
            }
        }
    }

    private static let usualLength = 256
    /// The name under which the provider's own request id is passed on, since `x-request-id` has the gateway's.
    private static let providersRequestID = "llm_provider-x-request-id"
    private static let separator = Array(": ".utf8)
    private static let lineEnd = Array("\r\n".utf8)
}

extension UnsafeRawBufferPointer {
    /// The offset of the first such byte, from `start` on.
    fileprivate func position(of byte: UInt8, from start: Int) -> Int? {
        guard let baseAddress, start < count, let found = memchr(baseAddress + start, Int32(byte), count - start) else {
            return nil
        }
        return UnsafeRawPointer(found) - baseAddress
    }
}
