import NIOCore
import NIOHTTP1

/// What is read of an answer, part by part.
enum AnswerPart {
    /// - Parameter keepsAlive: whether another request may follow on the connection.
    case head(UpstreamHead, keepsAlive: Bool)
    case body(ByteBuffer)
    case end
}

/// Takes what is read of the answers on a connection.
protocol AnswerReceiver: AnyObject {
    func receive(_ part: AnswerPart)
}
