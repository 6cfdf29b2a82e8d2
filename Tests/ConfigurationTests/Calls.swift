import CallTypes
import Dialects

/// The calls of OpenAI's API, which `supported_call_types` may name.
enum Calls {
    static let table = DialectTable([OpenAI.dialect]).types
    static let chat = table.all[0]
    static let completions = table.all[1]
    static let embeddings = table.all[2]
    static let responses = table.all[3]
    static let rerank = table.all[5]
}
