import Glibc

/// Threads of the host.
enum Threads {
    private final class Job: Sendable {
        let number: Int
        let body: @Sendable (Int) -> Void

        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }

    /// Runs `body` on `count` threads at once, and waits for all of them.
    /// - Parameter body: called with the thread's number, from 0.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number -> pthread_t in
            var thread = pthread_t()
            let job = Unmanaged.passRetained(Job(number, body))
            pthread_create(
                &thread,
                nil,
                { data in
                    guard let data else { return nil }
                    let job = Unmanaged<Job>.fromOpaque(data).takeRetainedValue()
                    job.body(job.number)
                    return nil
                },
                job.toOpaque()
            )
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// The ids of the process's threads, and the signals that each thread has blocked.
    static func all() -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        guard let directory = opendir("/proc/self/task") else { return [:] }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), let status = text(of: "/proc/self/task/\(name)/status") else { continue }
            let line = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
            found[name] = line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" }, radix: 16) } ?? 0
        }
        return found
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
