import Glibc

extension Trial {
    /// The parameters for a place of this machine at which nothing listens.
    func deadBackend() throws -> [String: String] {
        let place = try place()
        // The system chooses a free port, which nothing has once it is closed again.
        let listener = try Listener()
        defer { listener.close() }
        return subject.configured.merging(place.parameters(host: "127.0.0.1", port: "\(listener.port)")) { $1 }
    }

    /// Calls `body` with the parameters for a place that accepts connections and never says anything.
    func withSilentBackend(_ body: ([String: String]) throws -> Void) throws {
        let place = try place()
        let listener = try Listener()
        defer { listener.close() }
        try body(subject.configured.merging(place.parameters(host: "127.0.0.1", port: "\(listener.port)")) { $1 })
    }

    private func place() throws -> BackendPlace {
        guard let place = subject.backend else { throw Skipped(reason: "no backend is named with --backend") }
        return place
    }
}

/// A socket that listens on a free port of this machine. The system accepts connections for it.
private struct Listener {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw Trial.Skipped(reason: "no socket can be opened") }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    func close() { Glibc.close(descriptor) }
}
