import CallTypes
import HTTPSyntax
import JSON
import Upstream

/// The answers of `GET /v1/models` and `GET /v1/models/{id}`. Clients of Anthropic's, which say the version of its API
/// or ask below its mount, get them in its form.
struct ModelList {
    private let isAnthropic: Bool

    /// - Parameters:
    ///   - fields: the fields of the request.
    ///   - wire: the family whose path it has.
    init(for fields: RequestFields, _ wire: WireProtocol) {
        isAnthropic = wire == .anthropic || fields.forwarded.contains("anthropic-version")
    }

    /// - Parameter tenant: the client's, who sees only what it may request. It is nil for the master key.
    func all(of models: ModelDirectory, for tenant: Tenant?) -> String {
        let names = tenant.map { tenant in models.names.filter { tenant.mayRequest($0, in: models) } } ?? models.names
        return JSONWriter.object { list in
            if !isAnthropic { list.member("object", "list") }
            list.member("data") { data in
                data.array { for name in names { write(name, to: &$0) } }
            }
            if isAnthropic {
                list.member("has_more") { $0.bool(false) }
                list.member("first_id", names.first)
                list.member("last_id", names.last)
            }
        }
    }

    func one(_ name: String, of models: ModelDirectory, for tenant: Tenant?) -> String? {
        guard let group = models.group(named: name), tenant?.mayRequest(name, of: group) != false else { return nil }
        var writer = JSONWriter()
        write(name, to: &writer)
        return writer.text
    }

    private func write(_ name: String, to json: inout JSONWriter) {
        json.object { model in
            model.member("id", name)
            guard !isAnthropic else {
                model.member("type", "model")
                model.member("display_name", name)
                model.member("created_at", "2023-02-28T18:56:42Z")
                return
            }
            model.member("object", "model")
            // When a model was made is not known here; the member must be there, so it is LiteLLM's constant.
            model.member("created") { $0.integer(1_677_610_602) }
            model.member("owned_by", "openai")
        }
    }
}
