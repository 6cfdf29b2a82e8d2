import Text
import Upstream

/// The answers of `GET /v1/models` and `GET /v1/models/{id}`.
enum ModelList {
    static func all(of models: ModelDirectory) -> String {
        "{\"object\":\"list\",\"data\":[" + models.names.map(entry).joined(separator: ",") + "]}"
    }

    static func one(_ name: String, of models: ModelDirectory) -> String? {
        models.group(named: name).map { entry($0.name) }
    }

    private static func entry(_ name: String) -> String {
        var json = "{\"id\":"
        json.appendJSON(name)
        // When a model was made is not known here; the member must be there, so it is LiteLLM's constant.
        json += ",\"object\":\"model\",\"created\":1677610602,\"owned_by\":\"openai\"}"
        return json
    }
}
