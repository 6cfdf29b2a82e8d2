import JSON
import NIOCore
import ResponseCache

/// Makes a key that differs for every number.
func makeKey(_ number: Int = 0) throws -> CacheKey {
    let digest = try withUnsafeBytes(of: number) { try SHA256().digest($0) }
    return CacheKey(prefix: "gateway", digest: digest)
}

/// Makes a document of that body.
func document(_ body: String) throws -> JSONDocument {
    let document = JSONDocument()
    try document.parse(ByteBuffer(string: body))
    return document
}
