/// What libyaml's parser reports, in Swift's words.
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
    /// The tag as written and expanded, nil where there is none.
    let tag: String?
    let position: SourcePosition
}
