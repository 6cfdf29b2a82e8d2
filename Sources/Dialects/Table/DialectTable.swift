public import CallTypes

/// A call of a dialect as it is served: with its place among all calls. Made once; copying a reference to it is all that a
/// request does.
public final class ServedCall: Sendable {
    /// The call's place among all calls.
    public let type: CallType
    /// The path that asks for it, without `/v1`.
    public let path: String
    /// How its requests are read.
    public let request: RequestForm
    /// What its answers are.
    public let answer: AnswerForm
    /// How errors are reported.
    public let errors: ErrorForm

    fileprivate init(_ call: DialectCall, of dialect: Dialect, _ type: CallType) {
        self.type = type
        errors = dialect.errors
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

/// All API families that a process serves. Routes, the table of usual request lines, keys, policies and prepared upstream
/// requests are made from it.
public struct DialectTable: Sendable {
    /// What keys, the configuration and upstream requests need to know of the calls.
    public let types: CallTable
    /// All calls; each stands at the position of its type.
    public let calls: [ServedCall]
    /// The request headers of all families, in lower case, that go to the model and count for the key.
    public let keyedHeaders: [String]

    /// The calls of all dialects, in their order. Two of one path or one name are a defect of the program, which stops here.
    public init(_ dialects: [Dialect]) {
        let all = dialects.flatMap { dialect in dialect.calls.map { (dialect: dialect, call: $0) } }
        let paths = all.map { Array($0.call.path.utf8) }
        precondition(Set(paths).count == paths.count, "two calls have one path")
        types = CallTable(all.map(\.call.definition))
        keyedHeaders = dialects.flatMap(\.keyedHeaders)
        calls = zip(all, types.all).map { ServedCall($0.call, of: $0.dialect, $1) }
    }
}
