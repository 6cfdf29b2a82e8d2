import JSON
import NIOCore
import Testing

@testable import Gateway

@Suite("What a server tells of itself")
struct ServerReportTests {
    @Test("Clients have texts, and figures are numbers, objects or texts")
    func shape() {
        let json = ServerReport.json(
            clients: "id=7 addr=127.0.0.1:5 name= cmd=client|list\nid=8 addr=/tmp/a\n",
            info:
                "# Server\r\nredis_version:7.0.15\r\nuptime:12\r\nratio:1.50\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0\r\n"
        )
        #expect(
            json == #"{"num_clients":2,"clients":[{"id":"7","addr":"127.0.0.1:5","name":"","cmd":"client|list"},"#
                + #"{"id":"8","addr":"/tmp/a"}],"info":{"redis_version":"7.0.15","uptime":12,"ratio":1.5,"#
                + #""db0":{"keys":"1","expires":"0"}}}"#
        )
    }

    @Test(
        "Whatever a server says, the report is JSON without two members of one name",
        arguments: [
            "", ":", "=", "a", "a=", "=a b=c", "a:1\na:2", "a=1 a=2", "x:=,=", "x:a=1,,b", "\u{0}:\u{1F}", "q:\"\\",
            "n:1.2.3", "n:.", "n:99999999999999999999", "n:-5", "é:ü", "\r\r\n\n:::",
        ]
    )
    func hostile(text: String) throws {
        let document = JSONDocument()
        try document.parse(ByteBuffer(string: ServerReport.json(clients: text, info: text)))
        #expect(document.root != nil)
    }

    @Test("A list of many clients is cut, and all are counted")
    func many() {
        let json = ServerReport.json(clients: String(repeating: "id=1\n", count: 5_000), info: "")
        #expect(json.hasPrefix(#"{"num_clients":5000,"#))
        #expect(json.utf8.count < 20_000)
    }
}
