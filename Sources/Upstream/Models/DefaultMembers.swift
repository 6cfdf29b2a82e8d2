import CallTypes
import JSON
import NIOCore
import Text

/// The members that a deployment adds to the bodies of requests that do not have them.
struct DefaultMembers: Sendable {
    fileprivate struct Member {
        /// The names in a body, each of which stands in for the member: its own, and those that say the same.
        let names: [[UInt8]]
        /// `,"name":value`
        let text: [UInt8]
    }

    /// The members for each call, by the calls' positions.
    private let members: [[Member]]

    /// It is nil where the description has no such members.
    init?(_ description: DeploymentDescription, calls: CallTable) {
        let given = description.parameters
        let extra = description.extraBody
        if given.isEmpty, extra.isEmpty { return nil }
        members = calls.all.map { type in
            let name = calls[type].name
            let parameters = ModelParameter.all.compactMap { parameter -> Member? in
                guard parameter.calls.contains(name), let value = given.last(where: { $0.name == parameter.name })
                else { return nil }
                return Member(value, alternatives: parameter.alternatives)
            }
            guard ModelParameter.callsWithExtraBody.contains(name) else { return parameters }
            return parameters.filter { parameter in !extra.contains { parameter.names[0].elementsEqual($0.name.utf8) } }
                + extra.map { Member($0, alternatives: []) }
        }
    }

    /// The body with the members that it lacks at the end of its object. A body that is no JSON object is left as it is.
    ///
    /// - Parameter document: scratch space.
    func added(to body: RequestBody, of call: CallType, _ document: JSONDocument) -> RequestBody {
        guard members.indices.contains(call.position), !members[call.position].isEmpty else { return body }
        defer { document.reset() }
        do { try document.parse(body.source, forKey: false, skipsNumbers: true) } catch { return body }
        guard let root = document.root, let range = document.byteRange(of: root), document.kind(of: root) == .object
        else { return body }
        var missing = members[call.position]
        var hasMembers = false
        for member in document.members(of: root) {
            hasMembers = true
            guard let name = document.string(member.name) else { continue }
            missing.removeAll { $0.names.contains { $0.elementsEqual(name.utf8) } }
        }
        guard !missing.isEmpty else { return body }
        var added = ByteBuffer()
        for member in missing { added.writeBytes(member.text) }
        var body = body
        body.append(added, at: range.upperBound - 1, afterMembers: hasMembers)
        return body
    }
}

extension DefaultMembers.Member {
    fileprivate init(_ member: DeploymentDescription.Member, alternatives: [String]) {
        names = ([member.name] + alternatives).map { Array($0.utf8) }
        text = Array(",\(member.name.jsonLiteral):\(member.json)".utf8)
    }
}
