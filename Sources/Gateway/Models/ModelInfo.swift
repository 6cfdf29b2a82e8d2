import JSON
import Upstream

/// The answers of `GET /v1/model/info` and `GET /model_group/info`, in LiteLLM's form. They show no keys.
enum ModelInfo {
    /// Every deployment, with the name that clients request.
    static func deployments(of models: ModelDirectory) -> String {
        list { json in
            for group in models.groups {
                for deployment in group.deployments { write(deployment, of: group, to: &json) }
            }
        }
    }

    /// Every name that clients request, with the providers that serve it.
    static func groups(of models: ModelDirectory) -> String {
        list { json in
            for group in models.groups {
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

    private static func write(_ deployment: Deployment, of group: ModelGroup, to json: inout JSONWriter) {
        json.object { json in
            json.member("model_name", group.name)
            json.member("litellm_params") { json in
                json.object { json in
                    json.member("model", "\(deployment.provider)/\(deployment.model)")
                    if let base = deployment.apiBase { json.member("api_base", base) }
                }
            }
            json.member("model_info") { json in
                json.object { json in
                    json.member("id", deployment.id)
                    json.member("db_model") { $0.bool(false) }
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
