import JSON
import Upstream

/// The answers of `GET /v1/models` and `GET /v1/models/{id}`.
enum ModelList {
    static func all(of models: ModelDirectory) -> String {
        JSONWriter.object { list in
            list.member("object", "list")
            list.member("data") { data in
                data.array { for name in models.names { write(name, to: &$0) } }
            }
        }
    }

    static func one(_ name: String, of models: ModelDirectory) -> String? {
        models.group(named: name).map { _ in
            var writer = JSONWriter()
            write(name, to: &writer)
            return writer.text
        }
    }

    private static func write(_ name: String, to json: inout JSONWriter) {
        json.object { model in
            model.member("id", name)
            model.member("object", "model")
            // When a model was made is not known here; the member must be there, so it is LiteLLM's constant.
            model.member("created") { $0.integer(1_677_610_602) }
            model.member("owned_by", "openai")
        }
    }
}
