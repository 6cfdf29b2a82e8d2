import Glibc
import MetricFamilies

/// What the system says of the process, under the names that Prometheus' client libraries use.
struct ProcessFigures {
    var cpuSeconds: Double?
    var virtualBytes: Double?
    var residentBytes: Double?
    var threads: Double?
    var startSeconds: Double?
    var descriptors: Double?
    var descriptorLimit: Double?

    /// [any thread] How many bytes of the process are in memory. It is nil where the system does not tell.
    static var resident: Int? {
        ProcessFigures(stat: bytes(of: "/proc/self/stat"), system: []).residentBytes.flatMap { Int(exactly: $0) }
    }

    /// [any thread] Reads what is in /proc. It takes time in proportion to the number of open descriptors.
    static func read() -> ProcessFigures {
        var figures = ProcessFigures(stat: bytes(of: "/proc/self/stat"), system: bytes(of: "/proc/stat"))
        figures.descriptors = countDescriptors().map { Double($0) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.descriptorLimit = Double(limit.rlim_cur)
        }
        return figures
    }

    /// - Parameters:
    ///   - stat: the text of /proc/self/stat.
    ///   - system: the text of /proc/stat.
    ///   - tick: how many ticks the system counts in a second.
    ///   - page: how many bytes a page has.
    init(
        stat: [UInt8],
        system: [UInt8],
        ticksPerSecond tick: Double = Double(sysconf(Int32(_SC_CLK_TCK))),
        page: Double = Double(sysconf(Int32(_SC_PAGESIZE)))
    ) {
        // The second field is the program's name in brackets, in which anything may be.
        guard let bracket = stat.lastIndex(of: UInt8(ascii: ")")) else { return }
        let fields = stat[(bracket + 1)...].split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
        /// A field by its number in proc(5), of which the third is the first after the name.
        func field(_ number: Int) -> Double? {
            fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil
        }
        if let user = field(14), let kernel = field(15) { cpuSeconds = (user + kernel) / tick }
        threads = field(20)
        virtualBytes = field(23)
        residentBytes = field(24).map { $0 * page }
        let line = system.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "btime ".utf8) }
        if let boot = line.flatMap({ Double(String(decoding: $0.dropFirst(6), as: UTF8.self)) }), let start = field(22)
        {
            startSeconds = boot + start / tick
        }
    }

    func add(to samples: inout MetricSamples) {
        for (value, family) in [
            (cpuSeconds, MetricFamily.Process.cpu), (virtualBytes, MetricFamily.Process.virtual),
            (residentBytes, MetricFamily.Process.resident), (threads, MetricFamily.Process.threads),
            (startSeconds, MetricFamily.Process.start), (descriptors, MetricFamily.Process.descriptors),
            (descriptorLimit, MetricFamily.Process.descriptorLimit),
        ] {
            if let value { samples.add(value, to: family) }
        }
    }

    private static func countDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the directory itself.
        return max(0, count - 3)
    }

    /// The first 64 KB of a file. It is empty where the file cannot be read.
    private static func bytes(of path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 8192)
        while bytes.count < 64 << 10 {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return bytes
    }
}
