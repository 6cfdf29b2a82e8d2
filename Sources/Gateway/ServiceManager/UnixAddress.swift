import Glibc

/// The address of a Unix socket: a path, or a name in Linux's abstract namespace. See unix(7).
struct UnixAddress: Sendable {
    /// The length of the longest path or name, in bytes.
    static let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// The bytes of `sun_path`, without the zero byte that ends a path.
    private let bytes: [UInt8]
    private let isAbstract: Bool

    /// - Parameter text: a path, or a name after an `@`. The result is nil where it is empty or too long, or has a zero
    ///   byte.
    init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.longest, !bytes.contains(0) else { return nil }
        isAbstract = bytes[0] == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        self.bytes = bytes
    }

    /// Calls `body` with the address as the system takes it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // A name in the abstract namespace ends with the length, and a path with a zero byte.
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
