import NIOCore
import Testing

@testable import ResponseCache

@Suite struct KeyMaterialTests {
    /// A material whose fields can be changed one by one.
    struct Fields {
        var tenant = "tenant"
        var namespace: String? = "space"
        var clientNamespace: String? = "client"
        var callType = "completion"
        var modelGroup = "gpt-4o"
        var fingerprint: [UInt8] = [1, 2, 3]
        var keyedValues: [UInt8] = [4, 5]
        var body = #"{"model":"m"}"#

        var material: KeyMaterial {
            get throws {
                try KeyMaterial(
                    tenant: tenant,
                    namespace: namespace,
                    clientNamespace: clientNamespace,
                    callType: callType,
                    modelGroup: modelGroup,
                    modelGroupFingerprint: fingerprint,
                    keyedValues: keyedValues
                )
            }
        }

        var bytes: [UInt8] {
            KeyMaterial.encode(
                tenant: tenant,
                namespace: namespace,
                clientNamespace: clientNamespace,
                callType: callType,
                modelGroup: modelGroup,
                modelGroupFingerprint: fingerprint,
                keyedValues: keyedValues
            )
        }

        func digest() throws -> SHA256Digest {
            try CacheKeyBuilder().key(for: material, body: document(body)).digest
        }
    }

    @Test("Every field makes another key, and the same fields the same") func everyFieldMatters() throws {
        let changes: [(inout Fields) -> Void] = [
            { _ in }, { $0.tenant = "other" }, { $0.namespace = nil }, { $0.namespace = "" },
            { $0.namespace = "Space" },
            { $0.clientNamespace = nil }, { $0.clientNamespace = "" }, { $0.clientNamespace = "client " },
            { $0.callType = "embedding" }, { $0.modelGroup = "gpt-4" }, { $0.fingerprint = [] },
            { $0.fingerprint = [1, 2, 4] },
            { $0.keyedValues = [] }, { $0.keyedValues = [4, 5, 0] }, { $0.body = #"{"model":"n"}"# },
            { $0.body = "{}" },
        ]
        var seen: Set<SHA256Digest> = []
        for change in changes {
            var fields = Fields()
            change(&fields)
            let digest = try fields.digest()
            #expect(seen.insert(digest).inserted)
            #expect(try fields.digest() == digest)
        }
    }

    /// A field that is added to `KeyMaterial` must be added here, and to those that make another key.
    @Test("The bytes are the seven fields and nothing else") func layout() {
        func part(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count), 0, 0, 0, 0, 0, 0, 0] + bytes }
        func part(_ text: String) -> [UInt8] { part(Array(text.utf8)) }
        let expected =
            part("tenant") + [1] + part("space") + [1] + part("client") + part("completion") + part("gpt-4o")
            + part([1, 2, 3]) + part([4, 5])
        #expect(Fields().bytes == expected)
        var absent = Fields()
        absent.namespace = nil
        #expect(absent.bytes.starts(with: part("tenant") + [0] + part("") + [1] + part("client")))
    }

    @Test("A byte that moves across the border of two fields makes another key") func borders() throws {
        let moves: [(inout Fields) -> Void] = [
            {
                $0.tenant += "s"; $0.namespace = "pace"
            },
            {
                $0.namespace = "spacec"; $0.clientNamespace = "lient"
            },
            {
                $0.clientNamespace = "clientc"; $0.callType = "ompletion"
            },
            {
                $0.callType += "g"; $0.modelGroup = "pt-4o"
            },
            {
                $0.modelGroup += "\u{1}"; $0.fingerprint = [2, 3]
            },
            {
                $0.fingerprint = [1, 2, 3, 4]; $0.keyedValues = [5]
            },
            {
                $0.namespace = nil; $0.clientNamespace = "space"
            },
            {
                $0.tenant = ""; $0.namespace = "tenantspace"
            },
        ]
        var seen: Set = [try Fields().digest()]
        for move in moves {
            var fields = Fields()
            move(&fields)
            #expect(try seen.insert(fields.digest()).inserted)
        }
    }

    @Test("No encoding of the fields begins another") func prefixFree() {
        var encodings: [[UInt8]] = []
        for tenant in ["", "a", "ab"] {
            for namespace in [nil, "", "a", "b"] as [String?] {
                for keyedValues in [[], [0], [0, 0]] as [[UInt8]] {
                    var fields = Fields()
                    (fields.tenant, fields.namespace, fields.keyedValues) = (tenant, namespace, keyedValues)
                    encodings.append(fields.bytes)
                }
            }
        }
        for (index, one) in encodings.enumerated() {
            for (other, two) in encodings.enumerated() where other != index { #expect(!two.starts(with: one)) }
        }
    }
}
