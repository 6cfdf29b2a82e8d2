import JSON
import NIOCore

/// Parses bytes, and returns the error in them.
func parse(_ bytes: [UInt8], with document: JSONDocument = JSONDocument()) -> JSONError? {
    do throws(JSONError) {
        try document.parse(ByteBuffer(bytes: bytes))
        return nil
    } catch {
        return error
    }
}

/// Makes a document of that body.
func document(_ body: String) throws -> JSONDocument {
    let document = JSONDocument()
    try document.parse(ByteBuffer(string: body))
    return document
}
