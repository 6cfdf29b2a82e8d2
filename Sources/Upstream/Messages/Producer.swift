import HTTPSyntax

/// Who made an answer, as its client and the log are told: the id of a deployment and where it is. Names and lines are
/// ready to be written.
public final class Producer: Sendable {
    /// The deployment's id.
    public let id: String

    /// `x-litellm-model-id` and, unless it is a mock, `x-litellm-model-api-base`, each with a line end. What is not fit
    /// for a field's value is left out.
    public let lines: [UInt8]

    /// - Parameter apiBase: the base URL without its query and without credentials. It is nil for a mock.
    init(id: String, apiBase: String?) {
        self.id = id
        var lines: [UInt8] = []
        for (name, value) in [("x-litellm-model-id", id), ("x-litellm-model-api-base", apiBase ?? "")]
        where !value.isEmpty && FieldSyntax.isValue(value) {
            lines += "\(name): \(value)\r\n".utf8
        }
        self.lines = lines
    }
}
