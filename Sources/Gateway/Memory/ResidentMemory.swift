import Glibc

/// How much memory the process has.
enum ResidentMemory {
    /// [any thread] The bytes of the process that are in memory (proc(5)). It is nil where the system does not tell them.
    static var bytes: Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &text, text.count)
        guard count > 0 else { return nil }
        let words = text.prefix(count).split(separator: UInt8(ascii: " "))
        guard words.count > 1, let pages = Int(String(decoding: words[1], as: UTF8.self)) else { return nil }
        return pages.multipliedReportingOverflow(by: Int(getpagesize())).partialValue
    }
}
