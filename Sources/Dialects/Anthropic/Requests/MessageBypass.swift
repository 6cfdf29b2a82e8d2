import JSON

extension CacheBypass {
    /// The request generates nothing, but fills the provider's own cache of prompts.
    static let promptCacheOnly = CacheBypass("max_tokens")
    /// The request uses up a credit, or asks what happened to an earlier one.
    static let oneOff = CacheBypass("one-off")
}

extension JSONDocument {
    /// Returns why the answer to a request for a message is not cached, or nil where it may be.
    func messageBypass(_ allowance: CacheAllowance) -> CacheBypass? {
        guard let root else { return nil }
        var bypass: CacheBypass?
        forEachMember(of: root) { name, member in
            guard bypass == nil, kind(of: member.value) != .null else { return }
            switch name.count {
            case _ where name.escaped: bypass = self.bypass(named: name, member.value, allowance)
            case 5, 9, 10, 11, 21: bypass = self.bypass(named: name, member.value, allowance)
            default: break
            }
        }
        return bypass
    }

    private func bypass(named name: JSONText, _ value: JSONNode, _ allowance: CacheAllowance) -> CacheBypass? {
        if name.equals("tools") { return hasUncachedTool(value, allowance) ? .tool : nil }
        if name.equals("container") { return allowance.stateful ? nil : .stateful }
        if name.equals("max_tokens") { return double(value) == 0 ? .promptCacheOnly : nil }
        if name.equals("mcp_servers") {
            var servers = elements(of: value)
            return servers.next() == nil ? nil : .tool
        }
        let isOneOff =
            name.equals("fallbacks") || name.equals("fallback_credit_token") || name.equals("diagnostics")
        return isOneOff ? .oneOff : nil
    }

    /// Whether a list of tools has one that the provider runs and that the configuration does not allow.
    private func hasUncachedTool(_ tools: JSONNode, _ allowance: CacheAllowance) -> Bool {
        for tool in elements(of: tools) {
            guard let type = member("type", of: tool).flatMap({ string($0) }).map({ Array($0.utf8) }) else { continue }
            if !Self.isRunByClients(Self.withoutDate(type)), !allowance.allows(tool: type) { return true }
        }
        return false
    }

    /// The tools that the client runs, so that an answer only says that they should be. Anthropic's own have a type
    /// with a date, such as `bash_20250124`.
    private static let runByClients: [StaticString] = [
        "custom", "bash", "text_editor", "computer", "computer_toolset", "browser_toolset", "memory",
    ]

    private static func isRunByClients(_ family: ArraySlice<UInt8>) -> Bool {
        runByClients.contains { $0.withUTF8Buffer(family.elementsEqual) }
    }

    /// The type of a tool without the date that it ends with.
    private static func withoutDate(_ type: [UInt8]) -> ArraySlice<UInt8> {
        let date = type.suffix(9)
        let isDate =
            date.count == 9 && date.first == UInt8(ascii: "_")
            && date.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isDate ? type.dropLast(9) : type[...]
    }
}
