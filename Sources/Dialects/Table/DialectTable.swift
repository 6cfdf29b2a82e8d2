public import CallTypes

/// A call of a dialect as it is served, with its position among all calls. It is made once. A request only copies a
/// reference to it.
public final class ServedCall: Sendable {
    /// The call's position among all calls.
    public let type: CallType
    /// The path of the call, without `/v1`.
    public let path: String
    /// How its requests are read.
    public let request: RequestForm
    /// What its answers are.
    public let answer: AnswerForm
    /// How errors are reported.
    public let errors: ErrorForm

    /// The texts of which one ends the last event of a stream.
    public var endMarks: [StaticString] { answer.stream?.endMarks ?? [] }

    fileprivate init(_ call: DialectCall, of dialect: Dialect, _ type: CallType) {
        self.type = type
        errors = call.errors ?? dialect.errors
        path = call.path
        request = call.request
        answer = call.answer
    }
}

extension ServedCall: Equatable, CustomStringConvertible {
    /// Whether both are the same call of the same table.
    public static func == (left: ServedCall, right: ServedCall) -> Bool { left === right }

    public var description: String { path }
}

/// All API families that a process serves. The routes, the table of usual request lines, the cache keys, the policies
/// and the prepared upstream requests are made from it.
public struct DialectTable: Sendable {
    /// What cache keys, the configuration and upstream requests need to know about the calls.
    public let types: CallTable
    /// All calls, each at the position of its type.
    public let calls: [ServedCall]
    /// The request headers of all families that are sent to the model and are part of the cache key.
    public let keyedHeaders: [KeyedHeader]
    /// The paths under which all calls can be reached too.
    public let mounts: [(path: String, wire: WireProtocol)]

    /// Makes a table of the calls of all dialects, in their order. Two calls with the same path or the same name are a
    /// programming error, which stops the process here.
    public init(_ dialects: [Dialect]) {
        let all = dialects.flatMap { dialect in dialect.calls.map { (dialect: dialect, call: $0) } }
        let paths = all.map { Array($0.call.path.utf8) }
        precondition(Set(paths).count == paths.count, "two calls have one path")
        types = CallTable(all.map(\.call.definition))
        keyedHeaders = dialects.flatMap(\.keyedHeaders)
        mounts = dialects.compactMap { dialect in
            dialect.mount.map { ($0, dialect.calls.first?.definition.wire ?? .openAI) }
        }
        calls = zip(all, types.all).map { ServedCall($0.call, of: $0.dialect, $1) }
    }
}
