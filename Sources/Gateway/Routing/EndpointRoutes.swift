import Configuration

/// Which requests go to the configured paths that lead to other servers.
struct EndpointRoutes: Sendable {
    private let endpoints: [PassThroughSettings]

    init(_ endpoints: [PassThroughSettings]) {
        // A longer path comes before one that it begins with.
        self.endpoints = endpoints.sorted { $0.path.utf8.count > $1.path.utf8.count }
    }

    var isEmpty: Bool { endpoints.isEmpty }

    /// Whether requests for a path go to an endpoint.
    func contains(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { route($0) } != nil
    }

    /// The route of a target. It is nil where the target belongs to no endpoint.
    func route(_ target: UnsafeBufferPointer<UInt8>) -> Route? {
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        for endpoint in endpoints where path.starts(with: endpoint.path.utf8) {
            var rest = path.dropFirst(endpoint.path.utf8.count)
            if rest.elementsEqual("/".utf8) { rest = rest.dropFirst() }
            guard rest.isEmpty || endpoint.includesSubpaths && PathSegments.arePlain(rest) else { continue }
            return .endpoint(
                endpoint,
                path: String(decoding: rest, as: UTF8.self),
                query: String(decoding: target[path.endIndex...].dropFirst(), as: UTF8.self)
            )
        }
        return nil
    }
}
