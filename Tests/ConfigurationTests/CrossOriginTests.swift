import Configuration
import Testing

@Suite("The websites that may call the gateway")
struct CrossOriginTests {
    private func read(_ settings: String) throws -> Outcome {
        try load("model_list: []\ngeneral_settings: {\(settings)}\n")
    }

    @Test("are none by default, whatever else is set")
    func none() throws {
        for settings in ["", "cors_max_age: 5", "cors_allow_origins: []"] {
            #expect(try read(settings).settings.crossOrigin == nil)
        }
    }

    @Test(
        "are written as browsers write them",
        arguments: [
            ("https://app.example.com", "https://app.example.com"), ("HTTPS://App.Example:443", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"), ("http://[::1]:80", "http://[::1]"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"), ("http://a:443", "http://a:443"),
        ]
    )
    func origins(written: String, origin: String) throws {
        let outcome = try read("cors_allow_origins: ['\(written)']")
        #expect(outcome.settings.crossOrigin?.origins == .listed([origin]) && outcome.messages == [])
        #expect(try read("cors_allow_origins: '\(written)'").settings.crossOrigin?.origins == .listed([origin]))
    }

    @Test(
        "are origins and nothing else",
        arguments: ["https://a/", "a.example", "https://", "://a", "https://a b", "https://*.a", "null", "1://a"]
    )
    func noOrigins(text: String) throws {
        #expect(
            try read("cors_allow_origins: ['\(text)']").messages == [
                "config.yaml:2:41: '\(text)' in cors_allow_origins is no origin; write it as browsers do, such as "
                    + "https://app.example.com or http://localhost:3000, without a path"
            ]
        )
    }

    @Test("may be all, and then without credentials, in whichever order the keys stand")
    func any() throws {
        for origins in ["'*'", "['*', 'https://a']"] {
            #expect(try read("cors_allow_origins: \(origins)").settings.crossOrigin?.origins == .any)
        }
        for settings in [
            "cors_allow_origins: '*', cors_allow_credentials: true",
            "cors_allow_credentials: true, cors_allow_origins: '*'",
        ] {
            let messages = try read(settings).messages
            #expect(messages.count == 1 && messages[0].contains("list the origins"))
        }
    }

    @Test("have permissions, whose names are checked")
    func permissions() throws {
        let outcome = try read(
            "cors_allow_origins: 'https://a', cors_allow_methods: [GET], cors_allow_headers: [a, b], "
                + "cors_expose_headers: [], cors_allow_credentials: true, cors_max_age: 0"
        )
        #expect(
            outcome.settings.crossOrigin
                == CrossOriginSettings(
                    origins: .listed(["https://a"]),
                    methods: ["GET"],
                    headers: ["a", "b"],
                    exposed: [],
                    allowsCredentials: true,
                    maxAge: 0
                )
        )
        #expect(
            try read("cors_allow_headers: [ab, 'c d']").messages.last
                == "config.yaml:2:45: 'c d' in cors_allow_headers is not the name of a method or a header"
        )
    }
}
