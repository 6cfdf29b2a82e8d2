import NIOCore
import ResponseCache
import Testing

@testable import Gateway

@Suite("The record of an object that a provider keeps")
struct OriginRecordTests {
    @Test("is read as it was written", arguments: [true, false])
    func roundTrip(hasEntry: Bool) throws {
        let key = try CacheKeyBuilder().key(ofObject: Array("resp_1".utf8), namespace: "team:a")
        let origin = IssuedIDs.Origin(model: "a \"model\"", account: "0123abcd", entry: hasEntry ? key : nil)
        let read = try #require(OriginRecord.read(OriginRecord.body(origin)))
        #expect(read.model == origin.model && read.account == origin.account && read.entry == origin.entry)
    }

    @Test(
        "says to which tenant the object belongs, and the master key's say nothing of it, as ever",
        arguments: ["a", "master"]
    )
    func tenant(name: String) throws {
        let body = OriginRecord.body(IssuedIDs.Origin(model: "m", account: "a", tenant: name))
        #expect(OriginRecord.read(body)?.tenant == name)
        #expect(String(buffer: body).contains("tenant") == (name == "a"))
        #expect(OriginRecord.read(ByteBuffer(string: #"{"model":"m","account":"a","tenant":1}"#))?.tenant == "")
    }

    @Test(
        "is none where the entry is another, or damaged",
        arguments: [
            "", "{}", #"{"model":"m"}"#, #"{"model":"m","account":1}"#, "[]", #"{"model":"m","account":"a""#,
            #"{"model":"m","account":"a","x":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}"#,
        ]
    )
    func unreadable(text: String) {
        #expect(OriginRecord.read(ByteBuffer(string: text)) == nil)
    }

    @Test("has no entry where it names none that is a key")
    func wrongKey() {
        let record = ByteBuffer(string: #"{"model":"m","account":"a","entry":"gateway:xyz"}"#)
        #expect(OriginRecord.read(record).map { $0.entry == nil } == true)
    }
}
