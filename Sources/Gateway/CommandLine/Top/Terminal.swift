import Glibc
import Synchronization

/// The terminal that `gateway top` draws in. It is used by one thread.
struct Terminal {
    /// What a user or the system asks for.
    enum Event {
        /// The time is over.
        case none
        /// q, Ctrl-C, the end of the input, or a signal that ends the program.
        case quit
        /// The terminal has another size, or a key was pressed, so that everything is drawn again.
        case redraw
    }

    private static let isEnding = Atomic<Bool>(false)
    private static let isResized = Atomic<Bool>(false)

    private let former: termios

    /// Takes the terminal over: the keys are read one by one without being shown, and what stood on the screen is kept
    /// for `restore`. It is nil where standard input or standard output is no terminal.
    init?() {
        var settings = termios()
        guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        former = settings
        cfmakeraw(&settings)
        // A line end begins a line.
        settings.c_oflag |= tcflag_t(OPOST | ONLCR)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
        for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            signal(number) { _ in Terminal.isEnding.store(true, ordering: .relaxed) }
        }
        signal(SIGWINCH) { _ in Terminal.isResized.store(true, ordering: .relaxed) }
        // Another screen, without a cursor, on which long lines are cut.
        Self.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
    }

    /// Gives the terminal back as it was.
    func restore() {
        Self.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        var settings = former
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// How many columns and lines there are.
    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws the lines in place of those before.
    func draw(_ lines: [TopScreen.Line], isColored: Bool) {
        var text = "\u{1B}[H"
        for (place, line) in lines.enumerated() {
            text += Self.code(line.style, isColored) + line.text + "\u{1B}[0m\u{1B}[K"
            if place < lines.count - 1 { text += "\n" }
        }
        Self.write(text + "\u{1B}[J")
    }

    private static func code(_ style: TopScreen.Style, _ isColored: Bool) -> String {
        switch style {
        case .title: "\u{1B}[1m"
        case .quiet: "\u{1B}[2m"
        case .good where isColored: "\u{1B}[32m"
        case .warning where isColored: "\u{1B}[33m"
        case .plain, .good, .warning: ""
        }
    }

    /// Waits until somebody asks for something.
    ///
    /// - Parameter end: until when, by the monotonic clock in nanoseconds.
    func wait(until end: UInt64) -> Event {
        while true {
            if Self.isEnding.load(ordering: .relaxed) { return .quit }
            if Self.isResized.exchange(false, ordering: .relaxed) { return .redraw }
            let now = MachineClock.monotonic()
            guard now < end else { return .none }
            // A signal that arrives just before is noticed after this time.
            let milliseconds = min(250, Int32(clamping: (end - now) / 1_000_000 + 1))
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&input, 1, milliseconds) > 0 else { continue }
            var keys = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &keys, keys.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .quit }
            let pressed = keys.prefix(count)
            let quits = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x03, 0x04]
            return pressed.contains(where: quits.contains) ? .quit : .redraw
        }
    }

    private static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
