import Foundation

/// The memory of a running gateway.
extension GatewayProcess {
    /// The resident memory in megabytes.
    var residentMegabytes: Double {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
            return (Double(line.filter(\.isNumber)) ?? 0) / 1_024
        }
    }

    /// How many bytes requests and answers hold, as the gateway reports.
    func heldBytes(headers: [String: String] = [:]) async throws -> Int {
        let response = try await get("/health", headers: headers)
        guard let held = JSON(response.body)["memory"]["held"].int else {
            throw HarnessError("/health does not say what is held: \(response.text)")
        }
        return held
    }

    /// Runs `body` and returns by how many megabytes the gateway's memory grew at its peak.
    func growth(during body: () async throws -> Void) async throws -> Double {
        let before = try residentMegabytes
        let watch = Task { [processIdentifier] in
            var highest = 0.0
            while !Task.isCancelled, let now = Self.resident(processIdentifier) {
                highest = max(highest, now)
                try? await Task.sleep(for: .milliseconds(10))
            }
            return highest
        }
        defer { watch.cancel() }
        try await body()
        let after = try residentMegabytes
        watch.cancel()
        return max(after, await watch.value) - before
    }

    private static func resident(_ process: pid_t) -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Double(fields[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576 } : nil
    }
}
