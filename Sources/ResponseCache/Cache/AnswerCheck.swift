public import JSON
public import NIOCore

/// Says whether the body of a model's answer is one that may be stored: what an answer must hold is the API family's to say.
///
/// It is made once, and costs a call for each answer.
public struct AnswerCheck: Sendable {
    /// Why a body is not to be stored, or nil where it may be.
    let refusal: @Sendable (ByteBuffer, JSONDocument) -> NotStored?

    /// - Parameter refusal: says why a body is not to be stored, or nil where it may be. The document is scratch.
    public init(_ refusal: @escaping @Sendable (ByteBuffer, JSONDocument) -> NotStored?) {
        self.refusal = refusal
    }
}
