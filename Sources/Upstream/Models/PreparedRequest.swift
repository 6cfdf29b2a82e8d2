import CallTypes
import HTTPSyntax
import NIOCore
import Text

/// The common part of all requests to a deployment, as bytes that are made once and copied into each request.
final class PreparedRequest: Sendable {
    let url: UpstreamURL
    /// Which certificate the server needs.
    let trust: ServerTrust
    /// The model's name as a JSON string. It is nil where the body keeps the name that it has.
    private let modelLiteral: [UInt8]?
    /// The members that are added to bodies. It is nil where there are none.
    let defaults: DefaultMembers?
    /// What a request is made of where the model's name has stars. It is nil where it has none.
    private let template: Template?

    private struct Template {
        let endpoint: Endpoint
        /// The fields that follow the request line.
        let fields: [WireProtocol: String]
    }

    /// `PATH HTTP/1.1` and the fields, by the calls' positions.
    private let prefixes: [[UInt8]?]
    /// Whether the server has each call.
    private let isServed: [Bool]
    private let calls: CallTable
    private let endpoint: Endpoint
    /// The fields of requests that are passed on, which have a content type of their own.
    private let passThroughFields: [WireProtocol: String]
    /// The names of the fields that the configuration adds.
    private let configured: [String]
    /// Whether the configuration sets `x-request-id` itself.
    private let setsRequestID: Bool

    init(
        _ endpoint: Endpoint,
        description: DeploymentDescription,
        calls: CallTable
    ) throws(EndpointProblem) {
        let configured = try Self.fields(of: description)
        self.calls = calls
        self.endpoint = endpoint
        self.url = endpoint.base
        self.trust = description.trust ?? .standard
        self.modelLiteral = Self.literal(endpoint)
        self.defaults = DefaultMembers(description, calls: calls)
        self.configured = configured.map(\.name)
        self.setsRequestID = configured.contains { $0.name == "x-request-id" }
        var blocks: [WireProtocol: String] = [:]
        var typeless: [WireProtocol: String] = [:]
        for wire in WireProtocol.allCases {
            blocks[wire] = try Self.block(endpoint, configured, wire, contentType: "application/json")
            typeless[wire] = try Self.block(endpoint, configured, wire, contentType: nil)
        }
        passThroughFields = typeless
        self.template =
            ModelPattern.stars(in: endpoint.model) == 0
            ? nil : Template(endpoint: endpoint, fields: blocks)
        self.isServed = calls.all.map { endpoint.serves(calls[$0]) }
        self.prefixes = calls.all.map { type in
            let call = calls[type]
            guard let block = (call.takesForms ? typeless : blocks)[call.wire] else { return nil }
            return Array("\(endpoint.target(call.upstreamPath)) HTTP/1.1\r\n\(block)".utf8)
        }
    }

    /// The fields that the configuration adds, with names in lower case.
    private static func fields(
        of description: DeploymentDescription
    ) throws(EndpointProblem) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        if let organization = description.organization { fields.append(("openai-organization", organization)) }
        for (name, value) in description.extraHeaders {
            let name = name.lowercased()
            guard FieldSyntax.isName(name), !FieldSyntax.belongsToConnection(name) else {
                throw EndpointProblem(
                    member: "extra_headers",
                    description: "'\(name)' is not a header that can be set"
                )
            }
            fields.removeAll { $0.name == name }
            fields.append((name, value))
        }
        return fields
    }

    /// The fields of all requests in a protocol, as lines.
    private static func block(
        _ endpoint: Endpoint,
        _ configured: [(name: String, value: String)],
        _ wire: WireProtocol,
        contentType: String?
    ) throws(EndpointProblem) -> String {
        var fields: [(name: String, value: String)] = [("host", endpoint.base.authority)]
        if let credential = endpoint.credential(for: wire) { fields.append(credential) }
        if let contentType { fields.append(("content-type", contentType)) }
        // A configured field replaces ours, since some servers require another kind of authorization.
        fields.removeAll { field in configured.contains { $0.name == field.name } }
        fields += configured
        for (name, value) in fields where !FieldSyntax.isValue(value) {
            let member =
                name == endpoint.credential(for: wire)?.name
                ? "api_key" : name == "openai-organization" ? "organization" : "extra_headers"
            throw EndpointProblem(
                member: member,
                description: "the value for the header '\(name)' has a line break or another control character"
            )
        }
        return fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    }

    /// The path of a call that the server does not have, below its base URL. It is nil for any other call.
    func unservedPath(_ call: CallType) -> String? {
        isServed[call.position] ? nil : calls[call].upstreamPath
    }

    /// The model's name as a JSON string, which replaces the one in the body. It is nil where the body keeps the name
    /// that it has.
    ///
    /// - Parameter starValues: what the stars of the model's name stand for.
    func modelLiteral(filledWith starValues: [String]?) -> [UInt8]? {
        guard let template, let starValues else { return modelLiteral }
        return Self.literal(template.endpoint.filled(with: starValues))
    }

    /// Whether the model's name with these values of its stars is one that may be sent.
    func takes(_ starValues: [String]) -> Bool { template?.endpoint.takes(starValues) ?? true }

    private static func literal(_ endpoint: Endpoint) -> [UInt8]? {
        endpoint.provider.paths == .azure ? nil : Array(endpoint.model.jsonLiteral.utf8)
    }

    /// Writes the request line of a request that is passed on, and its fields that do not come from the client.
    private func writeLines(of target: PassThroughTarget, to head: inout WireText) {
        head.write(string: endpoint.target(passing: target.path, query: target.query))
        head.write(" HTTP/1.1\r\n")
        head.write(string: passThroughFields[target.wire] ?? "")
        if let type = target.contentType { writeContentType(Array(type.utf8), to: &head) }
        if let codings = target.contentEncoding {
            head.write("content-encoding: ")
            head.write(string: codings)
            head.write("\r\n")
        }
    }

    /// Writes how the end of a body that is passed on is marked (RFC 9112 section 6), and the end of the head.
    ///
    /// - Parameter bodyBytes: the size of what the request has of the body.
    private func writeFraming(of target: PassThroughTarget, bodyBytes: Int, to head: inout WireText) {
        switch target.rest {
        case .some(let rest):
            if let length = rest.length {
                head.write("content-length: ")
                head.write(decimal: Int64(bodyBytes + length))
                head.write("\r\n")
            } else {
                head.write("transfer-encoding: chunked\r\n")
            }
        case nil where bodyBytes > 0 || !target.hasNoBody:
            head.write("content-length: ")
            head.write(decimal: Int64(bodyBytes))
            head.write("\r\n")
        case nil: break
        }
        head.write("\r\n")
    }

    /// Writes the target of the request, and the lines that all requests to the deployment have in common.
    private func writeLines(of call: CallType, _ starValues: [String]?, to head: inout WireText) {
        guard let template, let starValues, template.endpoint.provider.paths == .azure else {
            prefixes[call.position]?.withUnsafeBytes { head.write($0) }
            return
        }
        let endpoint = template.endpoint.filled(with: starValues)
        head.write(string: endpoint.target(calls[call].upstreamPath))
        head.write(" HTTP/1.1\r\n")
        let fields = calls[call].takesForms ? passThroughFields : template.fields
        head.write(string: fields[calls[call].wire] ?? "")
    }

    /// Writes the content type of a request that has one of its own, unless the configuration sets it.
    private func writeContentType(_ type: [UInt8], to head: inout WireText) {
        guard !configured.contains("content-type") else { return }
        head.write("content-type: ")
        type.withUnsafeBytes { head.write($0) }
        head.write("\r\n")
    }

    /// The request in one buffer: head and body, or the head alone where the body is sent apart.
    /// - Parameters:
    ///   - model: what `modelLiteral(filledWith:)` returned for the values of the stars.
    ///   - proxy: the forward proxy that the request is sent to (RFC 9112 section 3.2.2). It is nil where there is
    ///     none, or where the proxy opened a tunnel.
    ///   - head: a buffer in which the head is assembled.
    func render(
        _ request: UpstreamRequest,
        model: [UInt8]?,
        starValues: [String]? = nil,
        proxy: ProxyServer?,
        head: inout WireText,
        allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let length = request.body.count(model: model)
        head.reset()
        if let target = request.passThrough {
            head.write(string: target.method)
            head.write(" ")
            if proxy != nil { head.write(string: url.origin) }
            writeLines(of: target, to: &head)
        } else if let call = request.callType {
            head.write("POST ")
            if proxy != nil { head.write(string: url.origin) }
            writeLines(of: call, starValues, to: &head)
            if let type = request.contentType { writeContentType(type, to: &head) }
        }
        if let authorization = proxy?.authorization {
            head.write("proxy-authorization: ")
            head.write(string: authorization)
            head.write("\r\n")
        }
        if let id = request.id, !setsRequestID {
            head.write("x-request-id: ")
            id.write(to: &head)
            head.write("\r\n")
        }
        if let trace = request.trace {
            trace.writeFields(to: &head)
            request.headers.forEach { name, line in
                let isOfTrace = name.isSameField(as: "traceparent") || name.isSameField(as: "tracestate")
                if !isOfTrace, !configured.contains(where: name.isSameField) { head.write(line) }
            }
        } else if configured.isEmpty {
            request.headers.lines.withUnsafeBytes { head.write($0) }
        } else {
            request.headers.forEach { name, line in
                if !configured.contains(where: name.isSameField) { head.write(line) }
            }
        }
        if let target = request.passThrough {
            writeFraming(of: target, bodyBytes: length, to: &head)
        } else {
            head.write("content-length: ")
            head.write(decimal: Int64(length))
            head.write("\r\n\r\n")
        }
        let isBodyApart = request.isBodyApart
        var buffer = head.withBytes { bytes in
            var buffer = allocator.buffer(capacity: bytes.count + (isBodyApart ? 0 : length))
            buffer.writeBytes(bytes)
            return buffer
        }
        if !isBodyApart { request.body.render(model: model, into: &buffer) }
        return buffer
    }
}
