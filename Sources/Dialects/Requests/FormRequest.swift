public import HTTPSyntax
import JSON

/// What the gateway needs to know about a request that is a form.
public struct FormRequest: Sendable {
    /// What is read of a request in JSON too.
    public let read: ReadRequest
    /// The client's own key. It is nil where the request has none.
    public let cacheKey: [UInt8]?
    /// What the key of the request covers, in order: of each part its headers, but of the name of a file only the
    /// extension, and its content. `name` is that of the field.
    public let keyed: [(name: [UInt8], labels: [Range<Int>], content: Range<Int>)]
    /// Why the cache has no part in the request. It is nil where it may have one.
    public let bypass: CacheBypass?
}

extension MultipartForm {
    /// Reads the parts of a form that the gateway acts on.
    ///
    /// - Parameters:
    ///   - body: the bytes of which this is the form.
    ///   - form: says which role each part has for the gateway, by its name.
    ///   - pathModel: the model that the request names in its path, which counts more than one in the form.
    /// - Returns: nil where servers could take the form for one of several models.
    public func readRequest(
        _ body: UnsafeRawBufferPointer,
        _ form: RequestForm,
        pathModel: String? = nil
    ) throws(RequestError) -> FormRequest? {
        var reading = FormReading(body: body)
        for part in parts { try reading.take(part, form) }
        guard reading.models < 2 else { return nil }
        let model = reading.model.map { String(decoding: body[$0], as: UTF8.self) }
        guard (model ?? "").utf8.count <= ReadRequest.longestModelName else {
            throw RequestError(code: .nameTooLong, member: "model", offset: reading.model?.lowerBound ?? 0)
        }
        return FormRequest(
            read: ReadRequest(
                model: pathModel ?? model ?? "",
                modelPlace: .form(reading.model),
                isStream: reading.isStream,
                cache: nil,
                isCachingOff: reading.isCachingOff,
                cacheKey: nil,
                cuts: reading.cuts,
                input: nil
            ),
            cacheKey: reading.cacheKey,
            keyed: reading.keyed,
            bypass: reading.isStream ? .stream : nil
        )
    }
}

/// A form as it is read, part by part.
private struct FormReading {
    let body: UnsafeRawBufferPointer
    var model: Range<Int>?
    /// How many parts name a model.
    var models = 0
    var isStream = false
    var isCachingOff = false
    var cacheKey: [UInt8]?
    var cuts: [Range<Int>] = []
    var keyed: [(name: [UInt8], labels: [Range<Int>], content: Range<Int>)] = []

    init(body: UnsafeRawBufferPointer) { self.body = body }

    mutating func take(_ part: MultipartForm.Part, _ form: RequestForm) throws(RequestError) {
        // A list or an object has a part for each element, such as `tags[]`.
        let name = part.name.prefix { $0 != UInt8(ascii: "[") }
        let role = name.withUnsafeBufferPointer { name in
            name.baseAddress.map { form.member(JSONText(bytes: $0, count: name.count, escaped: false)) } ?? .other
        }
        let isWhole = name.count == part.name.count && !part.isFile
        switch role {
        case .model where isWhole:
            models += 1
            model = part.content
        // A server may take more for true than `true`.
        case .stream where isWhole: isStream = isStream || !body[part.content].elementsEqual("false".utf8)
        case .caching where isWhole: isCachingOff = isCachingOff || body[part.content].elementsEqual("false".utf8)
        case .cacheKey where isWhole:
            guard (1...ReadRequest.longestCacheKey).contains(part.content.count) else {
                throw RequestError(code: .cacheKeyLength, member: "cache_key", offset: part.content.lowerBound)
            }
            cacheKey = Array(body[part.content])
        default: break
        }
        if role.isCut || isMetadata(role) {
            cut(part.whole)
        } else {
            keyed.append((Array(name), labels(of: part), part.content))
        }
    }

    /// Forms have no metadata for OpenAI.
    private func isMetadata(_ role: RequestMember) -> Bool {
        if case .metadata = role { true } else { false }
    }

    private mutating func cut(_ range: Range<Int>) {
        if let last = cuts.last, last.upperBound == range.lowerBound {
            cuts[cuts.count - 1] = last.lowerBound..<range.upperBound
        } else {
            cuts.append(range)
        }
    }

    /// The headers of a part without the name of its file, of which servers look only at the extension.
    private func labels(of part: MultipartForm.Part) -> [Range<Int>] {
        guard let fileName = part.fileName else { return [part.header] }
        let dot = body[fileName].lastIndex(of: UInt8(ascii: ".")) ?? fileName.upperBound
        return [part.header.lowerBound..<fileName.lowerBound, dot..<part.header.upperBound]
    }
}
