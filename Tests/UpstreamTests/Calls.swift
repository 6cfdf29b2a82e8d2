import CallTypes
import Dialects

/// The calls of OpenAI's API, which requests of tests make.
enum Calls {
    static let table = DialectTable([OpenAI.dialect]).types
    static let chat = table.all[0]
    static let completions = table.all[1]
    static let embeddings = table.all[2]
}
