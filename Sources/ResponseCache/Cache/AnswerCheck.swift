public import JSON
public import NIOCore

/// Says whether the body of a model's answer may be stored. The API family says what an answer must hold.
///
/// It is made once, and costs one call for each answer.
public struct AnswerCheck: Sendable {
    /// Returns why a body must not be stored. It is nil where the body may be stored.
    let refusal: @Sendable (ByteBuffer, JSONDocument) -> NotStored?

    /// - Parameter refusal: returns why a body must not be stored, or nil where it may be. The document is scratch
    ///   memory.
    public init(_ refusal: @escaping @Sendable (ByteBuffer, JSONDocument) -> NotStored?) {
        self.refusal = refusal
    }
}
