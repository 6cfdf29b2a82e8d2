import NIOCore
import NIOHTTP1

/// A part of an answer.
enum AnswerPart {
    /// - Parameter keepsAlive: whether another request may follow on the connection.
    case head(UpstreamHead, keepsAlive: Bool)
    case body(ByteBuffer)
    case end
}

/// Receives the parts of the answers on a connection.
protocol AnswerReceiver: AnyObject {
    func receive(_ part: AnswerPart)
}
