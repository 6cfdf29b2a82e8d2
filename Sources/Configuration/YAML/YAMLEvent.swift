/// An event of libyaml's parser as a Swift value.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(text: String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    let anchor: String?
    /// The tag as written and expanded. It is nil where there is none.
    let tag: String?
    let position: SourcePosition
}
