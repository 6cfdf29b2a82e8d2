import NIOHTTP1

/// The path of a request that is passed on, below the version, and who may reach what it names.
///
/// An object that a provider keeps belongs to the tenant whose request made it. A tenant with a cache of its own reaches
/// nothing but its own objects, so that what is not known to be its own is not there for it. All others reach whatever is
/// not known to be such a tenant's, and the master key reaches everything.
struct ObjectPath {
    /// Whether a tenant's request is passed on.
    enum Access: Equatable {
        case granted
        /// The path names what is not known to be the tenant's.
        case hidden
        /// The path names no object, so that the provider would tell what it keeps for everybody.
        case listing
    }

    /// The parts between the slashes, of which any may be the id of an object.
    let segments: [Substring.UTF8View]
    /// The deployment that the path names at its beginning, as Azure's do.
    let deployment: Substring.UTF8View?

    init(_ path: String) {
        let segments = path.utf8.prefix { $0 != UInt8(ascii: "?") }.split(separator: UInt8(ascii: "/"))
        let namesDeployment =
            segments.count > 1 && ["deployments", "engines"].contains { segments[0].elementsEqual($0.utf8) }
        self.segments = namesDeployment ? Array(segments.dropFirst(2)) : segments
        deployment = namesDeployment ? segments[1] : nil
    }

    /// Decides whether the request of a tenant is passed on.
    ///
    /// - Parameter owner: returns to which tenant the object with that id belongs. It is nil where that is not known.
    func access(
        _ method: HTTPMethod,
        of tenant: Tenant,
        owner: (Substring.UTF8View) -> String?
    ) -> Access {
        var isOwner = false
        for segment in segments {
            guard let owner = owner(segment) else { continue }
            guard owner.utf8.elementsEqual(tenant.cacheTenant.utf8) else { return .hidden }
            isOwner = true
        }
        if isOwner || tenant.isShared || makesObject(method) { return .granted }
        return segments.count < 2 ? .listing : .hidden
    }

    /// Whether the request names no object, but makes one or asks a model: `POST /files`, `POST /fine_tuning/jobs`.
    private func makesObject(_ method: HTTPMethod) -> Bool {
        guard method == .POST, segments.count <= 2 else { return false }
        return segments.count < 2 || !Self.looksLikeID(segments[1])
    }

    /// Ids are long or have digits, and words of a path do not.
    private static func looksLikeID(_ segment: Substring.UTF8View) -> Bool {
        segment.count > 24 || segment.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// What may be ids of objects of which the cache may know, at most three of them.
    var candidates: [[UInt8]] {
        segments.dropFirst().filter { $0.count <= IDSighting.longestID }.prefix(3).map { Array($0) }
    }
}
