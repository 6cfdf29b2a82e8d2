import JSON
import NIOCore
import ResponseCache
import Testing

@Suite struct CacheKeyTests {
    @Test(
        "The prefix shows the namespaces, and nothing of the client's that a backend could misread",
        arguments: [
            (nil, nil, "gateway"), ("acme", nil, "acme"), (nil, "team.a_B-9", "gateway:team.a_B-9"),
            ("acme", "", "acme:"),
            ("acme", "a:b*c\nd/e", "acme:a-b-c-d-e"), (nil, "\u{E9}", "gateway:--"),
            (nil, String(repeating: "x", count: 500), "gateway:" + String(repeating: "x", count: 128)),
        ] as [(String?, String?, String)]
    )
    func prefix(namespace: String?, clientNamespace: String?, prefix: String) {
        #expect(CacheKey.prefix(namespace: namespace, clientNamespace: clientNamespace) == prefix)
    }

    @Test("Client namespaces that look alike in the prefix still have keys of their own") func lookAlikes() throws {
        let builder = try CacheKeyBuilder()
        let body = try document("{}")
        let keys = try ["a:b", "a-b", "a/b"].map { namespace in
            try builder.key(
                for: KeyMaterial(
                    tenant: "t",
                    namespace: nil,
                    clientNamespace: namespace,
                    callType: "completion",
                    modelGroup: "m",
                    modelGroupFingerprint: [],
                    keyedValues: []
                ),
                body: body
            )
        }
        #expect(Set(keys.map(\.prefix)) == ["gateway:a-b"])
        #expect(Set(keys).count == 3)
    }

    @Test("A client's own key stands for any body, within what all other keys cover, and is no body's key")
    func named() throws {
        let builder = try CacheKeyBuilder()
        func material(_ model: String = "m", call: String = "completion", tenant: String = "t") throws -> KeyMaterial {
            try KeyMaterial(
                tenant: tenant,
                namespace: nil,
                clientNamespace: nil,
                callType: call,
                modelGroup: model,
                modelGroupFingerprint: [],
                keyedValues: []
            )
        }
        func key(_ text: String, _ material: KeyMaterial) throws -> CacheKey {
            let body = try document(text)
            let name = try #require(body.root.flatMap { body.member("k", of: $0) })
            return try builder.key(for: material, name: name, in: body)
        }
        let first = try key(#"{"k":"name"}"#, material())
        #expect(try key(#"{"a":1,"k":"n\u0061me"}"#, material()) == first)
        #expect(try key(#"{"k":"Name"}"#, material()) != first)
        #expect(try key(#"{"k":"name"}"#, material("other")) != first)
        #expect(try key(#"{"k":"name"}"#, material(call: "responses")) != first)
        #expect(try key(#"{"k":"name"}"#, material(tenant: "u")) != first)
        #expect(try builder.key(for: material(), body: document(#""name""#)) != first)
    }

    @Test("The text is the prefix, a colon and 64 lowercase hexadecimal digits, however long the prefix is") func text()
        throws
    {
        let bytes = [UInt8](0xF0...0xFF) + [UInt8](0x00...0x0F)
        let digest = try #require(bytes.withUnsafeBytes { SHA256Digest(bytes: $0) })
        for prefix in ["", "gateway", String(repeating: "p", count: 5_000)] {
            let key = CacheKey(prefix: prefix, digest: digest)
            let text = prefix + ":f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f"
            #expect(key.description == text)
            #expect(key.withText { Array($0) } == Array(text.utf8))
            #expect(key.textLength == text.utf8.count)
        }
    }

    @Test("are read from their text, and from no other")
    func fromText() throws {
        let builder = try CacheKeyBuilder()
        for namespace in [nil, "team", "team:a"] {
            let key = try builder.key(ofObject: Array("resp_1".utf8), namespace: namespace)
            #expect(CacheKey(text: key.description) == key)
            let text = key.description
            for other in [
                "", ":", String(text.dropLast()), text + "0", String(text.dropLast()) + "G", text.uppercased(),
            ] {
                #expect(CacheKey(text: other) == nil, "\(other)")
            }
        }
    }

    @Test("of objects are told apart by the id and the namespace")
    func objects() throws {
        let builder = try CacheKeyBuilder()
        let objects: [(String, String?)] = [("a", nil), ("b", nil), ("a", "n"), ("na", nil), ("", "na")]
        let keys = try objects.map { id, namespace in
            try builder.key(ofObject: Array(id.utf8), namespace: namespace).digest
        }
        #expect(Set(keys).count == keys.count)
    }
}
