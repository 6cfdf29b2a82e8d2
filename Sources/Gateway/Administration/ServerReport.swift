import JSON
import NIOCore

/// What a Redis server tells of itself and of its clients, as LiteLLM's `/cache/redis/info` has it: `num_clients`, `clients` as
/// CLIENT LIST lists them, and `info` as INFO has it. The texts come from the server, so that anything may be in them.
enum ServerReport {
    /// The most clients that are listed. `num_clients` counts all.
    static let mostClients = 1000

    /// - Parameters:
    ///   - clients: a line for each client, with members such as `addr=127.0.0.1:1234`.
    ///   - info: lines such as `redis_version:7.0.15`, and headings that begin with `#`.
    static func json(clients: String, info: String) -> String {
        let lines = lines(of: clients)
        return JSONWriter.object { report in
            report.member("num_clients") { $0.integer(lines.count) }
            report.member("clients") { json in
                json.array { list in
                    for line in lines.prefix(mostClients) { list.object { write(line, separator: " ", to: &$0) } }
                }
            }
            report.member("info") { json in
                json.object { members in
                    var names: Set<[UInt8]> = []
                    for line in Self.lines(of: info) where line.first != UInt8(ascii: "#") {
                        guard let (name, value) = pair(line, UInt8(ascii: ":")), names.insert(name).inserted else {
                            continue
                        }
                        members.member(named: text(name)) { write(value, to: &$0) }
                    }
                }
            }
        }
    }

    private static func lines(of text: String) -> [ArraySlice<UInt8>] {
        Array(text.utf8).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    private static func pair(_ text: ArraySlice<UInt8>, _ mark: UInt8) -> (name: [UInt8], value: ArraySlice<UInt8>)? {
        guard let place = text.firstIndex(of: mark), place > text.startIndex else { return nil }
        return (Array(text[..<place]), text[(place + 1)...])
    }

    /// Writes `a=1 b=2` as members whose values are texts.
    private static func write(_ pairs: ArraySlice<UInt8>, separator: Character, to json: inout JSONWriter) {
        var names: Set<[UInt8]> = []
        for part in pairs.split(separator: separator.asciiValue ?? 0) {
            guard let (name, value) = pair(part, UInt8(ascii: "=")), names.insert(name).inserted else { continue }
            json.member(named: text(name), text(value))
        }
    }

    /// Writes a number as a number, `keys=1,expires=0` as an object, and anything else as a text.
    private static func write(_ value: ArraySlice<UInt8>, to json: inout JSONWriter) {
        let isNumber =
            !value.isEmpty && value.count <= 20 && value.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        if isNumber, let whole = UInt64(text(value)) { return json.integer(whole) }
        if isNumber, let number = Double(text(value)) { return json.number(number) }
        guard value.contains(UInt8(ascii: "=")),
            value.split(separator: UInt8(ascii: ",")).allSatisfy({
                pair($0, UInt8(ascii: "=")) != nil
            })
        else { return json.string(text(value)) }
        json.object { write(value, separator: ",", to: &$0) }
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
