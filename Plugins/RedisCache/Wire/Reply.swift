import Glibc

/// One node of a reply in one block of memory: this header, then a string's bytes or an array's children.
///
/// A string that is taken out of its reply is its own block, so that a value is leased to the host as it was read and
/// never copied again.
struct ReplyHeader {
    let kind: Reply.Kind
    /// The value of an integer, the length of a string, whether it was kept or not, or the count of an array.
    let number: Int64
}

/// A reply of the server (RESP 2). Its owner frees it once, or leases it.
///
/// It is unchecked because a reply is built, read and freed by the I/O thread alone, and a leased string is immutable.
struct Reply: Equatable, @unchecked Sendable {
    enum Kind: Int32 {
        case string, status, error, integer, array, null
        /// A string that was too long to be kept. Its number is its length.
        case oversized
    }

    static let headerSize = MemoryLayout<ReplyHeader>.size
    /// The greatest length of a string in Redis (`proto-max-bulk-len`).
    static let longestString = 512 << 20
    /// The greatest number of elements of an array.
    static let largestArray = 1 << 20
    /// How many bytes of a server's text are included in a message.
    private static let longestMessage = 300

    let address: UnsafeMutableRawPointer

    init(_ address: UnsafeMutableRawPointer) { self.address = address }

    private var header: ReplyHeader { address.load(as: ReplyHeader.self) }

    var kind: Kind { header.kind }
    var integer: Int64? { kind == .integer ? header.number : nil }
    var isNull: Bool { kind == .null }

    /// The bytes of a string, status or error. It is empty for any other kind.
    var bytes: UnsafeRawBufferPointer {
        switch kind {
        case .string, .status, .error:
            UnsafeRawBufferPointer(start: address + Self.headerSize, count: Int(header.number))
        case .integer, .array, .null, .oversized: UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// The text of a string, status or error.
    var text: String? {
        switch kind {
        case .string, .status, .error: String(decoding: bytes, as: UTF8.self)
        case .integer, .array, .null, .oversized: nil
        }
    }

    /// The text of an error in a form that can be quoted in a message.
    var message: String {
        let bytes = bytes
        let text = String(decoding: bytes.prefix(Self.longestMessage), as: UTF8.self)
        return bytes.count > Self.longestMessage ? text + "…" : text
    }

    /// Whether a string, status or error has exactly this text.
    func says(_ text: StaticString) -> Bool { text.withUTF8Buffer { bytes.elementsEqual($0) } }

    /// The length of a string that was not kept. It is nil for any other reply.
    var oversizedLength: Int? { kind == .oversized ? Int(header.number) : nil }

    /// Whether it is the status `OK`.
    var isOK: Bool { kind == .status && bytes.elementsEqual("OK".utf8) }

    /// The number of children of an array.
    var count: Int { kind == .array ? Int(header.number) : 0 }

    /// A child of an array. It is nil where there is none, or it was taken.
    subscript(index: Int) -> Reply? {
        guard index >= 0, index < count else { return nil }
        return children[index].map(Reply.init)
    }

    /// The children of an array.
    var items: [Reply] { (0..<count).compactMap { self[$0] } }

    /// Removes a child from the array. The caller frees or leases it.
    func take(_ index: Int) -> Reply? {
        guard let child = self[index] else { return nil }
        children[index] = nil
        return child
    }

    private var children: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        (address + Self.headerSize).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    // MARK: Making and freeing

    /// Makes a string, status or error. It is nil where there is no memory, or it is longer than any string of Redis.
    /// - Parameter bytes: `count` bytes to copy. If it is nil, the string's bytes are left uninitialised.
    static func string(_ kind: Kind, _ bytes: UnsafeRawPointer?, count: Int) -> Reply? {
        guard count >= 0, count <= longestString, let reply = make(kind, Int64(count), room: count) else { return nil }
        if let bytes, count > 0 { (reply.address + headerSize).copyMemory(from: bytes, byteCount: count) }
        return reply
    }

    static func integer(_ number: Int64) -> Reply? { make(.integer, number, room: 0) }

    static func oversized(_ length: Int) -> Reply? { make(.oversized, Int64(length), room: 0) }

    static func null() -> Reply? { make(.null, 0, room: 0) }

    static func array(count: Int) -> Reply? {
        guard count >= 0, count <= largestArray else { return nil }
        guard let reply = make(.array, Int64(count), room: count * MemoryLayout<UnsafeRawPointer?>.stride) else {
            return nil
        }
        reply.children.initialize(repeating: nil, count: count)
        return reply
    }

    private static func make(_ kind: Kind, _ number: Int64, room: Int) -> Reply? {
        guard let memory = malloc(headerSize + room) else { return nil }
        memory.storeBytes(of: ReplyHeader(kind: kind, number: number), as: ReplyHeader.self)
        return Reply(memory)
    }

    /// Puts a child into an empty place of an array.
    /// - Returns: whether there is such a place.
    func put(_ child: Reply, at index: Int) -> Bool {
        guard index >= 0, index < count, children[index] == nil else { return false }
        children[index] = child.address
        return true
    }

    /// Frees the reply with all its children.
    func free() {
        for index in 0..<count { self[index]?.free() }
        Glibc.free(address)
    }
}
