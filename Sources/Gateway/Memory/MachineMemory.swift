import Glibc

/// How much memory the gateway has: the machine's, or less where a control group limits it.
struct MachineMemory {
    /// The share of it that current requests and answers may take: see docs/decisions/0018.
    static let share = 4
    /// The memory that is assumed where the system does not report it.
    private static let assumed = 2 << 30

    /// Returns the text of a file, up to 64 KB. It is nil if the file cannot be read.
    let read: (String) -> String?

    init(read: @escaping (String) -> String? = MachineMemory.contents) {
        self.read = read
    }

    /// The default memory limit in bytes.
    var defaultLimit: Int { max(MemoryLimit.least, available / Self.share) }

    /// How many bytes this process may use.
    var available: Int {
        min(machine ?? Self.assumed, group ?? .max)
    }

    /// `MemTotal` of /proc/meminfo (proc(5)).
    private var machine: Int? {
        guard let text = read("/proc/meminfo") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
            let words = line.split(separator: " ")
            guard words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]), kilobytes < 1 << 50 else {
                continue
            }
            return kilobytes * 1024
        }
        return nil
    }

    /// The least limit of the control groups that this process is in, of either version (cgroups(7)).
    private var group: Int? {
        guard let text = read("/proc/self/cgroup") else { return nil }
        var limits: [Int] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[0] == "0", parts[1].isEmpty {
                limits += self.limits("/sys/fs/cgroup", String(parts[2]), file: "memory.max")
            } else if parts[1].split(separator: ",").contains("memory") {
                limits += self.limits("/sys/fs/cgroup/memory", String(parts[2]), file: "memory.limit_in_bytes")
            }
        }
        return limits.min()
    }

    /// The limits of a group and of its ancestors. Within a container the path may be one that only the host sees. The
    /// container's own group is then the root.
    private func limits(_ root: String, _ path: String, file: String) -> [Int] {
        var limits: [Int] = []
        var parts = path.split(separator: "/")
        while true {
            let directory = parts.isEmpty ? root : root + "/" + parts.joined(separator: "/")
            // `max`, or for version 1 a number greater than all memory, is not a limit.
            if let text = read(directory + "/" + file), let limit = Int(text.prefix { $0 != "\n" }), limit > 0 {
                limits.append(limit)
            }
            if parts.popLast() == nil { return limits }
        }
    }

    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

/// The bounds of a configured memory limit.
enum MemoryLimit {
    /// The least limit in bytes. With less, hardly any request could be read.
    static let least = 32 << 20
}
