/// Another name of a model, under which clients may request it.
public struct ModelAlias: Sendable, Hashable {
    /// The name that clients request.
    public var name: String
    /// The name of the model.
    public var model: String
    /// Whether the list of models leaves it out.
    public var isHidden: Bool

    /// Makes an alias, which the list of models names by default.
    public init(name: String, model: String, isHidden: Bool = false) {
        self.name = name
        self.model = model
        self.isHidden = isHidden
    }
}
