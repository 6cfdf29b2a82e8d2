import JSON

extension JSONDocument {
    /// Returns why the cache has no part in a request for a response. It is nil where it has.
    func responseBypass(_ allowance: CacheAllowance) -> CacheBypass? {
        guard let root else { return nil }
        var bypass: CacheBypass?
        forEachMember(of: root) { name, member in
            guard bypass == nil, kind(of: member.value) != .null else { return }
            if name.equals("conversation") {
                // The model reads the conversation and appends its answer to it.
                bypass = .stateful
            } else if name.equals("previous_response_id") {
                if !allowance.stateful { bypass = .stateful }
            } else if name.equals("background") {
                if bool(member.value) != false { bypass = CacheBypass("background") }
            } else if name.equals("prompt") {
                if !hasVersion(member.value) { bypass = CacheBypass("unversioned-prompt") }
            } else if name.equals("tools") {
                if hasEffects(tools: member.value, allowance) { bypass = .tool }
            }
        }
        return bypass
    }

    /// The id of the response or the conversation that a request continues.
    var continuedResponse: [UInt8]? {
        guard let root else { return nil }
        for name in ["previous_response_id", "conversation"] as [StaticString] {
            guard let value = self.member(name, of: root) else { continue }
            let id = kind(of: value) == .object ? self.member("id", of: value) : value
            if let id, let text = string(id) { return Array(text.utf8) }
        }
        return nil
    }

    /// Whether a reference to a prompt says which version of it is meant. Without a version, it means the newest.
    private func hasVersion(_ prompt: JSONNode) -> Bool {
        guard let version = self.member("version", of: prompt) else { return false }
        return kind(of: version) != .null
    }

    /// Whether one of the tools is run by the provider. Functions and custom tools are run by the client.
    private func hasEffects(tools: JSONNode, _ allowance: CacheAllowance) -> Bool {
        for tool in elements(of: tools) {
            guard let type = self.member("type", of: tool), let name = string(type) else { return true }
            if text(of: type, equals: "function") || text(of: type, equals: "custom") { continue }
            if !allowance.allows(tool: name.utf8) { return true }
        }
        return false
    }
}
