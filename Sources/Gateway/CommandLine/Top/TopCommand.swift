import ArgumentParser
import Glibc
import NIOCore

/// `gateway top`: live figures of a running gateway in a terminal.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show live figures of a running gateway in the terminal.",
        discussion: """
            Requests, hit ratio, latencies, savings, the cache's backend, models, misses by reason and events: what /ui shows.
            Press q to quit. Where standard output is no terminal, the figures are printed once.

            Exit codes: 0 quit, 1 not reached or the key is refused.
            """
    )

    @Option(help: "The running gateway's address: http://HOST:PORT or unix:/PATH.")
    var admin = "http://127.0.0.1:8000"

    @Option(
        help: ArgumentHelp(
            "A file with the gateway's master key.",
            discussion: "Without it the key is taken from the environment variable GATEWAY_MASTER_KEY."
        )
    )
    var keyFile: String?

    @Option(help: "How often the figures are read, in seconds.")
    var interval = 2

    @Option(help: "How long to wait for the gateway, in seconds.")
    var timeout = 5

    @Flag(help: "Print the figures once.")
    var once = false

    func validate() throws {
        guard (1...3_600).contains(interval) else {
            throw ValidationError("--interval \(interval) is out of range; use 1 to 3600.")
        }
        guard (1...3_600).contains(timeout) else {
            throw ValidationError("--timeout \(timeout) is out of range; use 1 to 3600.")
        }
    }

    func run() throws {
        guard let address = AdministrationClient.Address(admin) else {
            throw ValidationError("--admin \(admin) is no address; use http://HOST:PORT or unix:/PATH.")
        }
        signal(SIGPIPE, SIG_IGN)
        let environment = ProcessEnvironment.variables()
        let key = try keyFile.map(Self.key) ?? environment["GATEWAY_MASTER_KEY"]
        let client = AdministrationClient(address, key: key, timeout: timeout)
        let isUnicode = Self.isUnicode(environment)
        let first = try OneLine.orExit { () throws(CannotReach) in try client.figures() }
        guard !once, let terminal = Terminal() else {
            let screen = TopScreen(width: 100, height: nil, isUnicode: isUnicode)
            for line in screen.lines(first) { print(line.text) }
            return
        }
        let isColored = environment["NO_COLOR", default: ""].isEmpty
        defer { terminal.restore() }
        show(first, client, terminal, isUnicode: isUnicode, isColored: isColored)
    }

    /// Draws until somebody quits. A gateway that does not answer for a while is asked again.
    private func show(
        _ first: TopFigures,
        _ client: AdministrationClient,
        _ terminal: Terminal,
        isUnicode: Bool,
        isColored: Bool
    ) {
        var (figures, previous, trouble) = (first, TopFigures?.none, String?.none)
        var next = MachineClock.monotonic() + UInt64(interval) * 1_000_000_000
        while true {
            let size = Terminal.size
            let screen = TopScreen(width: size.width, height: size.height, isUnicode: isUnicode)
            terminal.draw(screen.lines(figures, after: previous, trouble: trouble), isColored: isColored)
            switch terminal.wait(until: next) {
            case .quit: return
            case .redraw: continue
            case .none: break
            }
            do throws(CannotReach) {
                let latest = try client.figures()
                (previous, figures, trouble) = (figures, latest, nil)
            } catch {
                trouble = error.description
            }
            next = MachineClock.monotonic() + UInt64(interval) * 1_000_000_000
        }
    }

    /// Whether the terminal draws characters beyond ASCII, by the usual variables (locale(7)).
    static func isUnicode(_ environment: [String: String]) -> Bool {
        let values = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.filter { !$0.isEmpty }
        let value = values.first?.lowercased() ?? ""
        return value.hasSuffix("utf-8") || value.hasSuffix("utf8")
    }

    /// The key in a file, without the line end behind it.
    private static func key(in path: String) throws -> String {
        func cannot(_ reason: String) -> any Error {
            StandardError.print("gateway: the key file \(path) cannot be used: \(reason)")
            return ExitCode.failure
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannot(String(cString: strerror(errno)).lowercased()) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw cannot(String(cString: strerror(errno)).lowercased()) }
        guard count < bytes.count else { throw cannot("it is too long for a key") }
        var text = bytes.prefix(count)
        while let last = text.last, last == 0x0A || last == 0x0D { text.removeLast() }
        guard !text.isEmpty else { throw cannot("it is empty") }
        return String(decoding: text, as: UTF8.self)
    }
}
