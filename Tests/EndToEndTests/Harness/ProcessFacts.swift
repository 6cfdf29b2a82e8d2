import Foundation

/// What the system reports of a running gateway.
extension GatewayProcess {
    /// How many descriptors it has open.
    var openDescriptors: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processIdentifier)/fd").count }
    }

    /// The processor time used so far, in seconds.
    var processorSeconds: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(processIdentifier)/stat", encoding: .utf8)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
                throw HarnessError("/proc has no times")
            }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { kill(processIdentifier, number) }
}
