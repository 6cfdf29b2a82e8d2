import Foundation

/// What `/metrics` had at one time.
struct Scrape: Sendable {
    /// A line with a value.
    struct Sample: Sendable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let text: String
    let samples: [Sample]

    /// - Parameter text: the text format of Prometheus, version 0.0.4.
    init(_ text: String) throws {
        self.text = text
        samples = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            guard let match = line.wholeMatch(of: #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/#),
                let value = Double(match.output.3)
            else { throw HarnessError("no sample: \(line)") }
            let labels = (match.output.2 ?? "").matches(of: #/([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"/#)
            return Sample(
                name: String(match.output.1),
                labels: Dictionary(labels.map { (String($0.output.1), String($0.output.2)) }) { first, _ in first },
                value: value
            )
        }
    }

    /// The sum of all samples of that name that have these labels.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        matching(name, labels).reduce(0) { $0 + $1.value }
    }

    /// The only sample of that name with these labels. It is nil where there is none, or several.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = matching(name, labels)
        return found.count == 1 ? found.first?.value : nil
    }

    private func matching(_ name: String, _ labels: [String: String]) -> [Sample] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
    }
}

extension GatewayProcess {
    /// Asks for `/metrics`.
    func scrape(headers: [String: String] = [:]) async throws -> Scrape {
        let answer = try await get("/metrics", headers: headers)
        guard answer.status == 200 else { throw HarnessError("/metrics: \(answer.status) \(answer.text)") }
        return try Scrape(answer.text)
    }
}

/// Debian's promtool, which the prerequisites of the tests unpack.
enum Promtool {
    /// Runs it in a folder of the repository.
    ///
    /// - Parameter input: what it reads. It is nil where it reads nothing.
    /// - Returns: what it wrote, and its status.
    static func run(_ arguments: [String], in folder: String = "", input: URL? = nil) async throws -> Command.Result {
        let unpacked = Repository.root.appending(path: ".build-tools/prometheus/usr/bin/promtool")
        let program =
            FileManager.default.isExecutableFile(atPath: unpacked.path) ? unpacked : try Command.find("promtool")
        return try await Command.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", #"input=$0; exec "$@" < "$input""#, input?.path ?? "/dev/null", program.path] + arguments,
            directory: Repository.root.appending(path: folder)
        )
    }
}
