import Foundation
import Testing

/// Ways in which a plugin misbehaves, and what the gateway makes of each. docs/plugin-abi.md has the table for readers.
struct Misbehaviour: Sendable, CustomTestStringConvertible {
    /// What the gateway makes of it.
    enum Outcome: Sendable {
        /// The process ends with this exit status, or with a signal, whose number is negative, and the last line of
        /// its log contains the words, if there are any.
        case ends(Int32, lastLine: String?)
        /// The gateway does not start, with exit code 78, and its log contains the words.
        case refused(String)
        /// Requests are answered. `statuses` are the ends of `Cache-Status` of one question asked three times, and
        /// `log` is what the log contains.
        case served(_ statuses: [String], log: String?)
        /// As `served`, and the stop takes until the plugin's time is over.
        case slowStop(log: String)
        /// The event loop does not answer, and the stop cuts it off.
        case heldLoop(log: String)
    }

    /// The name, as the plugin's parameter has it.
    let name: String
    let outcome: Outcome

    init(_ name: String, _ outcome: Outcome) {
        self.name = name
        self.outcome = outcome
    }

    var testDescription: String { name }

    private static let miss = "fwd=miss; stored"
    private static let hits = [miss, "hit", "hit"]

    private static func failing(_ detail: String, from first: Bool = false) -> [String] {
        let failed = "fwd=miss; stored; detail=\(detail)"
        return [first ? failed : miss, failed, failed]
    }

    static let all: [Misbehaviour] = [
        Misbehaviour("none", .served(hits, log: nil)),
        Misbehaviour("crash in get", .ends(-SIGSEGV, lastLine: "crashed in get (SIGSEGV)")),
        Misbehaviour("crash in create", .ends(-SIGSEGV, lastLine: "crashed in create (SIGSEGV)")),
        Misbehaviour("crash in release", .ends(-SIGSEGV, lastLine: "crashed in release (SIGSEGV)")),
        Misbehaviour("crash in a thread", .ends(-SIGSEGV, lastLine: "crashed in a thread of its own (SIGSEGV)")),
        Misbehaviour("stack overflow in get", .ends(-SIGSEGV, lastLine: "crashed in get (SIGSEGV)")),
        Misbehaviour("abort in set", .ends(-SIGABRT, lastLine: "crashed in set (SIGABRT)")),
        Misbehaviour("exception in get", .ends(-SIGABRT, lastLine: "crashed in get (SIGABRT)")),
        Misbehaviour("exit in get", .ends(3, lastLine: "called exit in get")),
        Misbehaviour("exit in a thread", .ends(3, lastLine: "called exit in a thread of its own")),
        Misbehaviour("hang in create", .refused("has not returned from create within 10.0 s")),
        Misbehaviour("hang in start", .refused("has not returned from start within 10.0 s")),
        Misbehaviour("hang in get", .heldLoop(log: "has held an event loop in get for 1.")),
        Misbehaviour("hang in shutdown", .slowStop(log: "has not returned from shutdown within 5.0 s")),
        Misbehaviour("hang in destroy", .slowStop(log: "has not returned from destroy within 5.0 s")),
        Misbehaviour(
            "fail in start",
            .served(
                Array(repeating: "fwd=miss; detail=breaker-open", count: 3),
                log: "cannot start: the licence has expired"
            )
        ),
        Misbehaviour("never complete", .slowStop(log: "operations still open")),
        Misbehaviour("complete twice", .served(hits, log: "completed an operation twice (rule O-2)")),
        Misbehaviour("complete unknown", .served(hits, log: "completed an operation that never was (rule O-5)")),
        Misbehaviour("complete inline", .served(hits, log: "also completed the operation (rule O-2)")),
        Misbehaviour("wrong length", .served(failing("defect"), log: "gave a value that cannot be")),
        Misbehaviour("null value", .served(failing("defect"), log: "gave a value that cannot be")),
        Misbehaviour("huge value", .served(failing("too-large"), log: "the value is too large")),
        Misbehaviour(
            "garbage value",
            .served(failing("entry-truncated"), log: "an entry in the cache could not be used")
        ),
        Misbehaviour(
            "change a value",
            .served(failing("entry-damaged"), log: "an entry in the cache could not be used")
        ),
        Misbehaviour("damaged", .served(failing("corrupt"), log: "the stored value is damaged")),
        Misbehaviour("positive status", .served(failing("defect", from: true), log: "a defect of the plugin")),
        Misbehaviour("unknown error", .served(failing("defect", from: true), log: "a defect of the plugin")),
        Misbehaviour(
            "log flood",
            .served(hits, log: "more lines were left out that are like this one: the same again")
        ),
        Misbehaviour("health flood", .served(hits, log: "more lines were left out that are like this one")),
        Misbehaviour("fork in get", .served(hits, log: "has forked the gateway without exec (rule P-2)")),
        Misbehaviour("close descriptors", .ends(-SIGILL, lastLine: nil)),
        Misbehaviour("write to standard output", .served(hits, log: nil)),
        Misbehaviour("fail every ping", .served(hits, log: nil)),
        Misbehaviour(
            "fail every set",
            .served(Array(repeating: "fwd=miss", count: 3), log: "the disk is read-only; answers are not stored")
        ),
        Misbehaviour("lose every set", .served(Array(repeating: miss, count: 3), log: nil)),
    ]
}
