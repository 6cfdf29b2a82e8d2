import Dialects

extension DialectTable {
    /// The API families that the gateway serves.
    static let served = DialectTable([OpenAI.dialect, Anthropic.dialect])
}
