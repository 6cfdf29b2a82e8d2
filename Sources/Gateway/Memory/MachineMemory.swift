import Glibc

/// How much memory the gateway has: the machine's, or less where a control group says so.
struct MachineMemory {
    /// The share of it that requests and answers under way may take: see docs/decisions/0018.
    static let share = 4
    /// What is assumed where the system does not say.
    private static let assumed = 2 << 30

    /// The text of a file, as far as 64 KB; nil if it cannot be read.
    let read: (String) -> String?

    init(read: @escaping (String) -> String? = MachineMemory.contents) {
        self.read = read
    }

    /// The memory limit where nobody sets one, in bytes.
    var defaultLimit: Int { max(MemoryLimit.least, available / Self.share) }

    /// Bytes that this process may use.
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

    /// The limits of a group and of those that it is in. Within a container the path may be one that only the host sees;
    /// the container's own group is then the root.
    private func limits(_ root: String, _ path: String, file: String) -> [Int] {
        var limits: [Int] = []
        var parts = path.split(separator: "/")
        while true {
            let directory = parts.isEmpty ? root : root + "/" + parts.joined(separator: "/")
            // `max`, or for version 1 a number beyond all memory, is no limit.
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

/// What may be said to be the memory limit.
enum MemoryLimit {
    /// Bytes. With less hardly a request could be read.
    static let least = 32 << 20
}
