import JSON
import Upstream

/// The answers of `GET /v1/model/info` and `GET /model_group/info`, in LiteLLM's form. They show no keys, and
/// to tenants only what they may request, without the addresses of servers.
enum ModelInfo {
    /// Every deployment, with the name that clients request.
    static func deployments(of models: ModelDirectory, for tenant: Tenant?) -> String {
        list { json in
            for group in models.groups where tenant?.mayRequest(group.name, of: group) != false {
                for deployment in group.deployments {
                    write(deployment, of: group, showsAddress: tenant == nil, to: &json)
                }
            }
        }
    }

    /// Every name that clients request, with the providers that serve it.
    static func groups(of models: ModelDirectory, for tenant: Tenant?) -> String {
        list { json in
            for group in models.groups where tenant?.mayRequest(group.name, of: group) != false {
                json.object { json in
                    json.member("model_group", group.name)
                    json.member("providers") { json in
                        json.array { json in for provider in providers(of: group) { json.string(provider) } }
                    }
                }
            }
        }
    }

    private static func list(_ body: (inout JSONWriter) -> Void) -> String {
        JSONWriter.object { json in json.member("data") { $0.array(body) } }
    }

    private static func write(
        _ deployment: Deployment,
        of group: ModelGroup,
        showsAddress: Bool,
        to json: inout JSONWriter
    ) {
        json.object { json in
            json.member("model_name", group.name)
            json.member("litellm_params") { json in
                json.object { json in
                    json.member("model", "\(deployment.provider)/\(deployment.model)")
                    if showsAddress, let base = deployment.apiBase { json.member("api_base", base) }
                }
            }
            json.member("model_info") { json in
                json.object { json in
                    json.member("id", deployment.id)
                    json.member("db_model") { $0.bool(false) }
                    if let prices = deployment.prices {
                        json.member("input_cost_per_token") { $0.number(prices.input) }
                        json.member("output_cost_per_token") { $0.number(prices.output) }
                        json.member("cache_read_input_token_cost") { $0.number(prices.cachedInput) }
                    }
                }
            }
        }
    }

    /// The providers of a group, each once and in the order of the configuration.
    private static func providers(of group: ModelGroup) -> [String] {
        group.deployments.map(\.provider).reduce(into: []) { names, name in
            if !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { names.append(name) }
        }
    }
}
