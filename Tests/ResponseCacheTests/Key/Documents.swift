import JSON
import NIOCore

/// Makes a document of that body.
func document(_ body: String) throws -> JSONDocument {
    let document = JSONDocument()
    try document.parse(ByteBuffer(string: body))
    return document
}
