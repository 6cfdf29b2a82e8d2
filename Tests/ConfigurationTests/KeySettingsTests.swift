import Configuration
import Testing

@Suite("keys")
struct KeySettingsTests {
    private static let digest = String(repeating: "0aF9", count: 16)

    @Test("are read with everything that their holders may do")
    func read() throws {
        let outcome = try load(
            """
            general_settings:
              keys:
                - name: team-a
                  key: os.environ/TEAM_A
                  models: [gpt-4o, "claude-*"]
                  cache_scope: shared
                  allowed_cache_controls: [ttl, no-cache]
                  max_ttl: 1h
                  rpm: 60
                  max_parallel_requests: 4
                  expires: 2027-12-31
                - {name: "b@x.y_z", key_sha256: "\(Self.digest)"}
            """,
            ["TEAM_A": "sk-a"]
        )
        #expect(outcome.errors == [])
        let keys = outcome.settings.keys
        let first = try #require(keys.first)
        #expect(first.name == "team-a" && first.credential == .key(Secret("sk-a")))
        #expect(first.models?.map(\.name) == ["gpt-4o", "claude-*"] && first.cacheScope == .shared)
        #expect(first.cacheControls == [.ttl, .noCache] && first.longestTimeToLive == 3_600)
        #expect(first.requestsPerMinute == 60 && first.parallelRequests == 4)
        #expect(first.expiry?.unixSeconds == 1_830_297_600)
        let second = try #require(keys.last)
        #expect(second.models == nil && second.cacheScope == .own && second.cacheControls == nil)
        guard case .digest(let bytes) = second.credential else { return #expect(Bool(false), "no digest") }
        #expect(bytes.count == 32 && bytes.prefix(2) == [0x0A, 0xF9])
        #expect(!"\(outcome.settings)".contains("sk-a"))
        #expect(outcome.settings.requiresKey)
    }

    @Test("have one message for each mistake, with its place")
    func mistakes() throws {
        let outcome = try load(
            """
            general_settings:
              keys:
                - {key: sk-1}
                - {name: a}
                - {name: b, key: sk-2, key_sha256: "\(Self.digest)"}
                - {name: c, key_sha256: 12ab}
                - {name: master, key: sk-3}
                - {name: "team a", key: sk-4}
                - {name: d, key: sk-5, modles: [m]}
                - {name: e, key: sk-6, cache_scope: owm}
                - {name: f, key: sk-7, allowed_cache_controls: [no-cash]}
                - {name: g, key: sk-8, expires: 2027-02-29}
                - {name: h, key: os.environ/UNSET}
                - {name: i, key: sk-9}
                - {name: i, key: sk-10}
                - {name: j, key: "", rpm: 0}
                - {name: k, key: "two words"}
                - text
            """
        )
        #expect(
            outcome.errors == [
                "config.yaml:3:7: this entry of keys has no 'name'",
                "config.yaml:4:7: this entry of keys has neither 'key' nor 'key_sha256'",
                "config.yaml:5:40: this entry of keys has 'key' and 'key_sha256'; remove one of them",
                "config.yaml:6:29: 'key_sha256' in keys must be 64 hexadecimal digits; make them with: printf %s KEY | sha256sum",
                "config.yaml:7:14: 'name' in keys cannot be 'master', which is the tenant of the master key",
                "config.yaml:8:14: 'name' in keys must be 1 to 64 letters, digits, '.', '_', '@' or '-'",
                "config.yaml:9:28: unknown key 'modles' in keys; did you mean 'models'?",
                "config.yaml:10:41: 'cache_scope' in keys must be 'own' or 'shared'; did you mean 'own'?",
                "config.yaml:11:53: 'allowed_cache_controls' in keys must be 'ttl' or 's-maxage' or 'no-cache' or 'no-store' or "
                    + "'namespace' or 'use-cache' or 'only-if-cached' or 'max-stale' or 'min-fresh' or 'tags' or "
                    + "'caching' or 'cache_key'; did you mean 'no-cache'?",
                "config.yaml:12:37: 'expires' in keys must be a date or a time with its zone, such as 2027-12-31 or "
                    + "2027-12-31T18:00:00Z",
                "config.yaml:13:22: the environment variable 'UNSET' is not set; set it, or put it into .env",
                "config.yaml:15:14: the name 'i' has been given to the key on line 14 already",
                "config.yaml:16:22: 'key' in keys must not be empty",
                "config.yaml:16:31: 'rpm' in keys must be a whole number from 1 to 10000000, not this number",
                "config.yaml:17:22: 'key' in keys must be at most 512 bytes without a space; 'gateway keys new' makes one",
                "config.yaml:18:7: an entry of 'keys' in general_settings must be a mapping, not a string",
            ]
        )
    }

    @Test(
        "end with a day in UTC, or at a time with its zone",
        arguments: [
            ("1970-01-01", 86_400), ("2024-02-29", 1_709_251_200), ("2000-12-31", 978_307_200),
            ("1970-01-01T00:00:01Z", 1), ("2027-12-31T18:00:00Z", 1_830_276_000),
            ("2027-12-31t18:00:00.25z", 1_830_276_000), ("2027-12-31 19:30:00+01:30", 1_830_276_000),
            ("2027-12-31T10:00:00-08:00", 1_830_276_000), ("2016-12-31T23:59:60Z", 1_483_228_799),
        ] as [(String, Int64)]
    )
    func expiry(text: String, seconds: Int64) throws {
        #expect(try #require(Expiry(text)).unixSeconds == seconds)
    }

    @Test(
        "have no other form of an end",
        arguments: [
            "", "2027", "2027-13-01", "2027-00-01", "2027-01-32", "2027-02-29", "1969-12-31", "2027-01-01T",
            "2027-01-01T00:00:00", "2027-01-01T24:00:00Z", "2027-01-01T00:00:00+0100", "2027-01-01T00:00Z", "tomorrow",
            "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00Zz", "20270101", "２０２７-01-01",
        ]
    )
    func noExpiry(text: String) {
        #expect(Expiry(text) == nil)
    }
}
