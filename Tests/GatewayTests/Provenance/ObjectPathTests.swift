import Configuration
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("The objects that a path names")
struct ObjectPathTests {
    private static func tenant(_ name: String, _ scope: KeySettings.CacheScope) -> Tenant {
        var settings = KeySettings(name: name, credential: .key(Secret(name)))
        settings.cacheScope = scope
        return Tenant(settings, position: 0, usages: KeyUsages())
    }

    private func access(_ method: HTTPMethod, _ path: String, _ scope: KeySettings.CacheScope) -> ObjectPath.Access {
        let owners = ["file-1": "a", "file-2": "b", "file-3": "master", "vs_1": "a", "resp_1": "a"]
        return ObjectPath(path).access(method, of: Self.tenant("a", scope)) { owners[String(Substring($0))] }
    }

    @Test(
        "are reached by the tenant that made them, and what is not known to be its own is hidden",
        arguments: [
            (.GET, "/files/file-1", .granted), (.DELETE, "/files/file-1", .granted), (.HEAD, "/files/file-1", .granted),
            (.GET, "/files/file-1/content?x=file-2", .granted), (.GET, "/vector_stores/vs_1/files/file-9", .granted),
            (.GET, "/files/file-2", .hidden), (.GET, "/files/file-3", .hidden), (.GET, "/files/file-9", .hidden),
            (.DELETE, "/files/file-9", .hidden), (.GET, "/vector_stores/vs_1/files/file-2", .hidden),
            (.POST, "/responses/resp_1/cancel", .granted), (.POST, "/responses/resp_2/cancel", .hidden),
            (.POST, "/batches/batch_6711/cancel", .hidden), (.POST, "/conversations/conv_123", .hidden),
            (.POST, "/threads/thread_abcdefghijklmnopqrstuv", .hidden),
            (.GET, "/files", .listing), (.GET, "/files?limit=2", .listing), (.GET, "/fine_tuning/jobs", .hidden),
            (.POST, "/files", .granted), (.POST, "/fine_tuning/jobs", .granted), (.POST, "/images/edits", .granted),
            (.POST, "/deployments/gpt-4/images/generations", .granted), (.GET, "/deployments/gpt-4/files", .listing),
        ] as [(HTTPMethod, String, ObjectPath.Access)]
    )
    func own(method: HTTPMethod, path: String, expected: ObjectPath.Access) {
        #expect(access(method, path, .own) == expected)
    }

    @Test("are reached by those who share the cache with the master key, unless they are known to be another tenant's")
    func shared() {
        for path in ["/files", "/files/file-3", "/files/file-9", "/files/file-3/content"] {
            #expect(access(.GET, path, .shared) == .granted)
        }
        for path in ["/files/file-1", "/files/file-2"] { #expect(access(.DELETE, path, .shared) == .hidden) }
    }

    @Test("are looked for in the cache, a few of them and none that is too long")
    func candidates() {
        let path = "/a/b/c/d/e?f=/g"
        #expect(ObjectPath(path).candidates.map { String(decoding: $0, as: UTF8.self) } == ["b", "c", "d"])
        #expect(ObjectPath("/files/" + String(repeating: "x", count: 129)).candidates.isEmpty)
        #expect(
            ObjectPath("").candidates.isEmpty
                && ObjectPath("/engines/m/x/y").deployment?.elementsEqual("m".utf8) == true
        )
    }
}
