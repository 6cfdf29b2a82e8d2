public import Text

/// What the requests of one call tell the models' servers of the trace that they belong to. It is bound to the event loop of
/// the call, which looks for a `CallTrace` in it.
public protocol TraceFields: AnyObject {
    /// Writes `traceparent` and `tracestate` for the attempt that is under way, as lines, in place of the client's.
    func writeFields(to head: inout WireText)
}
