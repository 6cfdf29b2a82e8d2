import Foundation

/// The resources of a process, as the kernel counts them.
struct ProcessUsage {
    private let processIdentifier: pid_t

    init(of gateway: GatewayProcess) { processIdentifier = gateway.processIdentifier }

    /// The resident memory in MiB.
    var memory: Int { get throws { try mebibytes("VmRSS") } }

    /// The peak of the resident memory in MiB, even if it was between two readings.
    var peakMemory: Int { get throws { try mebibytes("VmHWM") } }

    /// The processor time of all threads together, in seconds.
    var processorTime: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8)
            // The fields after the name in parentheses, which may contain anything. These are fields 14 and 15.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
                throw HarnessError("/proc tells no times of process \(processIdentifier)")
            }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    private func mebibytes(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("\(name):") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw HarnessError("/proc tells no \(name) of process \(processIdentifier)") }
        return kibibytes / 1024
    }
}
