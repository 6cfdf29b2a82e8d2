import Glibc

/// Ports at which no server listens, and that the system does not use for connections, since those begin at 32,768.
enum FreePort {
    /// A port such that the one `offset` above it is free as well (a cluster node talks to others on port + 10000).
    static func find(alsoAbove offset: UInt16 = 0) throws -> Int {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 10_100..<22_000)
            if isFree(port), offset == 0 || isFree(port + offset) { return Int(port) }
        }
        throw HarnessError("there is no free port")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
