import Dialects

@testable import Gateway

/// The calls that the gateway serves.
enum Served {
    static let table = DialectTable.served
    static let routes = RouteTable(table)
    static let chat = table.calls[0]
    static let completions = table.calls[1]
    static let embeddings = table.calls[2]
}
