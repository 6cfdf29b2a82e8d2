import HTTPSyntax

/// The bodies that are passed on while they are received, so that their size is limited by nobody but their provider:
/// files and the like, which are neither JSON nor part of a call that the gateway knows, and all for other servers.
enum PassedBody {
    /// How much of a form is read in search of the model before it is passed on. Clients write short fields before files.
    static let formSearch = 1 << 20
    /// Below these paths forms name a model, which may stand behind a recording or an image. They are not large for a file,
    /// and are collected.
    static let formsWithModel = ["/audio/", "/images/"]
    /// How much of any other body is collected, so that a small one has its length known and may be sent again.
    static let collected = 64 * 1024
    /// The greatest length that a request may state, in bytes: 1 TiB.
    static let longest = 1 << 40

    /// After how many bytes of its body a request is passed on. It is nil where the body is collected whole.
    static func beginning(_ route: Route?, _ fields: RequestFields) -> Int? {
        switch route {
        case .passThrough(let path, _):
            guard let type = fields.contentType else { return nil }
            guard MultipartForm.boundary(in: type) != nil else { return collected }
            return formsWithModel.contains { path.utf8.starts(with: $0.utf8) } ? nil : formSearch
        case .endpoint: return collected
        default: return nil
        }
    }
}
