import Text

/// Builds the tree of a document out of events. The cost of a document is limited before it is incurred.
struct YAMLComposer {
    /// Nesting deeper than this is refused, because code that walks the tree recurses.
    static let depthLimit = 64
    /// The greatest number of nodes, each counted as often as aliases repeat it.
    static let nodeLimit = 100_000

    private let stream: YAMLEventStream
    private let whole: SourcePosition
    private var anchors: [String: Anchored] = [:]
    private var nodeCount = 0
    private(set) var diagnostics: [Diagnostic] = []

    private struct Anchored {
        let node: YAMLNode
        let nodeCount: Int
    }

    private init(_ file: SourceFile) throws(SourceError) {
        stream = try YAMLEventStream(file)
        whole = SourcePosition(file: file.path)
    }

    /// Composes the one document of a file. It throws where there is no tree; duplicate keys and the like go to
    /// `report`.
    static func compose(_ file: SourceFile, report: (Diagnostic) -> Void) throws(SourceError) -> YAMLNode {
        var composer = try YAMLComposer(file)
        defer { composer.diagnostics.forEach(report) }
        return try composer.document()
    }

    private mutating func document() throws(SourceError) -> YAMLNode {
        _ = try stream.next()
        guard case .documentStart = try stream.next().kind else {
            throw SourceError(whole, "the file is empty; it needs at least a model_list")
        }
        let root = try node(try stream.next(), depth: 0)
        _ = try stream.next()
        let end = try stream.next()
        guard case .streamEnd = end.kind else {
            throw SourceError(end.position, "a second document begins here; a configuration is one document")
        }
        return root
    }

    // MARK: Nodes

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(SourceError) -> YAMLNode {
        if depth > Self.depthLimit {
            throw SourceError(event.position, "nested deeper than \(Self.depthLimit) levels")
        }
        if case .alias(let name) = event.kind { return try aliased(name, at: event.position) }

        let countBefore = nodeCount
        try count(1, at: event.position)
        // An anchor names its node once that is complete. An alias inside the node finds nothing, so there are no
        // cycles.
        if let anchor = event.anchor { anchors[anchor] = nil }
        let node = YAMLNode(content: try content(event, depth: depth), position: event.position)
        if let anchor = event.anchor {
            anchors[anchor] = Anchored(node: node, nodeCount: nodeCount - countBefore)
        }
        return node
    }

    private mutating func content(_ event: YAMLEvent, depth: Int) throws(SourceError) -> YAMLNode.Content {
        switch event.kind {
        case .scalar(let text, let isPlain):
            return .scalar(scalar(text, isPlain: isPlain, tag: event.tag, position: event.position))
        case .sequenceStart:
            check(tag: event.tag, against: YAMLTag.sequence, position: event.position)
            return .sequence(try sequence(depth: depth + 1))
        case .mappingStart:
            check(tag: event.tag, against: YAMLTag.mapping, position: event.position)
            return .mapping(try mapping(depth: depth + 1))
        default:
            throw SourceError(event.position, "not YAML: a value was expected here")
        }
    }

    private mutating func aliased(_ name: String, at position: SourcePosition) throws(SourceError) -> YAMLNode {
        guard let anchored = anchors[name] else {
            throw SourceError(position, "no anchor '&\(name.quotable)' is complete before this alias")
        }
        try count(anchored.nodeCount, at: position)
        return anchored.node
    }

    private mutating func count(_ nodes: Int, at position: SourcePosition) throws(SourceError) {
        nodeCount += nodes
        if nodeCount > Self.nodeLimit {
            throw SourceError(
                position,
                "the file has more than \(Self.nodeLimit) values, aliases followed; it must be smaller"
            )
        }
    }

    // MARK: Collections

    private mutating func sequence(depth: Int) throws(SourceError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try stream.next()
            if case .sequenceEnd = event.kind { return items }
            items.append(try node(event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(SourceError) -> [YAMLMember] {
        var members: [YAMLMember] = []
        var merged: [YAMLMember] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try stream.next()
            if case .mappingEnd = event.kind { break }
            let keyNode = try node(event, depth: depth)
            let value = try node(try stream.next(), depth: depth)
            guard case .scalar(let scalar) = keyNode.content else {
                report(event.position, "a key must be a word, not \(keyNode.kind)")
                continue
            }
            let key = scalar.text
            if case .scalar(_, isPlain: true) = event.kind, event.tag == nil, key == "<<" {
                merged += mergeable(value)
            } else if let line = lines[key] {
                report(event.position, "duplicate key '\(key.quotable)'; it is already on line \(line)")
            } else {
                lines[key] = event.position.line
                members.append(YAMLMember(key: key, keyPosition: event.position, value: value))
            }
        }
        // The mapping's own members take precedence, then those of the first merged mapping.
        var names = Set(lines.keys)
        for member in merged where names.insert(member.key).inserted {
            try count(1, at: member.keyPosition)
            members.append(member)
        }
        return members
    }

    private mutating func mergeable(_ node: YAMLNode) -> [YAMLMember] {
        switch node.content {
        case .mapping(let members): return members
        case .sequence(let items):
            var members: [YAMLMember] = []
            for item in items {
                if case .mapping(let more) = item.content {
                    members += more
                } else {
                    report(item.position, "'<<' merges mappings; this is \(item.kind)")
                }
            }
            return members
        case .scalar:
            report(node.position, "'<<' merges mappings; this is \(node.kind)")
            return []
        }
    }

    // MARK: Scalars and tags

    private mutating func scalar(_ text: String, isPlain: Bool, tag: String?, position: SourcePosition) -> YAMLScalar {
        switch YAMLTag.resolve(text, isPlain: isPlain, tag: tag) {
        case .success(let value): return YAMLScalar(text: text, value: value)
        case .failure(let failure):
            report(position, failure.message)
            return YAMLScalar(text: text, value: .text)
        }
    }

    private mutating func check(tag: String?, against expected: String, position: SourcePosition) {
        guard let tag, tag != expected, tag != "!" else { return }
        report(position, YAMLTag.unknown(tag))
    }

    private mutating func report(_ position: SourcePosition, _ message: String) {
        guard diagnostics.count < Diagnostic.limit else { return }
        diagnostics.append(Diagnostic(.error, at: position, message))
    }
}
