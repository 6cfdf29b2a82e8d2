import PluginAPI

extension ConformanceCheck {
    /// Check what every plugin supports.
    static let operationChecks = [
        ConformanceCheck(
            .operations,
            "get-returns-what-set-stored",
            "A value of every byte comes back as it was stored.",
            [.o1, .o2, .o4]
        ) { trial in
            try trial.withInstance { trial.storeAndFind("value", [Array(UInt8.min...UInt8.max)], $0) }
        },
        ConformanceCheck(.operations, "a-key-that-is-not-there-is-a-miss", "An unknown key is a miss.", [.o4]) {
            trial in
            try trial.withInstance { instance in
                let found = trial.end(instance.get(trial.key("none")))
                trial.expect(found?.statuses == [GW_MISS], .o4, "does not answer a key that is not there with GW_MISS")
            }
        },
        ConformanceCheck(
            .operations,
            "set-replaces-what-was-there",
            "What is stored replaces what was there, be it longer or shorter.",
            [.o3, .o4]
        ) { trial in
            try trial.withInstance { instance in
                var lost = 0
                let values = ["first", "second, which is longer", "", "x", "another"]
                for value in values {
                    trial.end(instance.set(trial.key("same"), value))
                    let found = trial.end(instance.get(trial.key("same")))
                    let isRight = found?.values == [value]
                    if found?.statuses == [GW_MISS] { lost += 1 }
                    let isMiss = found?.statuses == [GW_MISS]
                    trial.expect(isRight || isMiss, .o4, "does not replace a value that is stored again")
                    instance.release(found?.leases ?? [])
                }
                trial.expect(lost < values.count, .o4, "never finds a value that is stored again")
                trial.remove([trial.key("same")], instance)
            }
        },
        ConformanceCheck(
            .operations,
            "get-may-be-repeated",
            "A value is found as often as it is looked up.",
            [.o4, .v1]
        ) { trial in
            try trial.withInstance { instance in
                guard let key = trial.storeAndFind("again", [[1, 2, 3]], instance, removes: false) else { return }
                for _ in 0..<100 {
                    let found = trial.end(instance.get(key))
                    trial.expect(found?.bytes == [[1, 2, 3]], .o4, "does not find a value again")
                    instance.release(found?.leases ?? [])
                }
                trial.remove([key], instance)
            }
        },
        ConformanceCheck(.operations, "ping-succeeds", "A ping of a backend that is up succeeds.", [.o1, .o2]) {
            trial in
            try trial.withInstance { instance in
                for _ in 0..<5 {
                    let outcome = trial.end(instance.ping(within: trial.subject.patience))
                    trial.expect(outcome?.status == GW_OK, .o2, "fails a ping: \(outcome?.reason ?? "it does not end")")
                }
            }
        },
        ConformanceCheck(
            .operations,
            "a-second-instance-sees-its-own-or-shared-entries",
            "What one instance stores is seen by another one exactly as it is, or not at all.",
            [.o4, .c8]
        ) { trial in
            try trial.need(!trial.plugin.has(GW_CAP_EXCLUSIVE), "the plugin announces GW_CAP_EXCLUSIVE")
            try trial.withInstance { first in
                guard let key = trial.storeAndFind("shared", [[4, 5]], first, removes: false) else { return }
                try trial.withInstance { second in
                    let found = trial.end(second.get(key))
                    let isRight = found?.bytes == [[4, 5]] || found?.statuses == [GW_MISS]
                    trial.expect(isRight, .o4, "gives another value to a second instance")
                    if trial.plugin.has(GW_CAP_SHARED) {
                        trial.expect(found?.bytes == [[4, 5]], .l5, "announces GW_CAP_SHARED and does not share")
                    }
                    second.release(found?.leases ?? [])
                }
                trial.remove([key], first)
            }
        },
        ConformanceCheck(
            .operations,
            "persistent-entries-outlive-an-instance",
            "GW_CAP_PERSISTENT: the next instance finds what was stored.",
            [.l5]
        ) { trial in
            try trial.need(GW_CAP_PERSISTENT, "GW_CAP_PERSISTENT")
            var key: String?
            try trial.withInstance { key = trial.storeAndFind("kept", [[6, 7]], $0, removes: false) }
            guard let key else { return }
            try trial.withInstance { instance in
                let found = trial.end(instance.get(key))
                trial.expect(found?.bytes == [[6, 7]], .l5, "announces GW_CAP_PERSISTENT and loses its entries")
                instance.release(found?.leases ?? [])
                trial.remove([key], instance)
            }
        },
    ]

    /// Check values of each size and form.
    static let valueChecks: [ConformanceCheck] =
        [0, 1, 7, 16, 255, 4_095, 4_096, 4_097, 65_536, 1_048_576, 4_194_303].map { size in
            ConformanceCheck(
                .values,
                "of-\(size)-bytes",
                "A value of \(size) bytes comes back as it was stored.",
                [.o4]
            ) { trial in
                let limit = trial.descriptor.max_value
                try trial.need(
                    limit == 0 || UInt64(size) <= limit,
                    "the plugin stores values of \(limit) bytes at most"
                )
                var random = trial.random
                let value = random.bytes(size)
                try trial.withInstance { trial.storeAndFind("value", [value], $0) }
            }
        } + [
            parts("without-parts", "no part") { _ in [] },
            parts("of-an-empty-part", "one part without bytes") { _ in [[]] },
            parts("of-two-parts", "two parts") { [$0.bytes(3), $0.bytes(20_000)] },
            parts("of-a-thousand-parts", "a thousand parts") { random in
                (0..<1_000).map { random.bytes($0 % 17) }
            },
            parts("with-empty-parts-between", "parts with empty ones between them") {
                [[], $0.bytes(5), [], [], $0.bytes(7), []]
            },
            parts("of-nul-bytes", "nothing but NUL bytes") { _ in [[UInt8](repeating: 0, count: 1_000)] },
            parts("like-the-backends-protocol", "line ends and lengths, as in a protocol") { _ in
                [Array("\r\n$-1\r\n*0\r\nEND\r\n\u{0}\u{0}".utf8)]
            },
        ]

    private static func parts(
        _ name: String,
        _ what: String,
        _ make: @escaping @Sendable (inout SeededValues) -> [[UInt8]]
    ) -> ConformanceCheck {
        ConformanceCheck(.values, name, "A value of \(what) comes back as one.", [.o3, .o4]) { trial in
            var random = trial.random
            let parts = make(&random)
            try trial.withInstance { trial.storeAndFind("value", parts, $0) }
        }
    }

    /// Check keys of each length and form.
    static let keyChecks: [ConformanceCheck] =
        [64, 128, 255, 256, 512].map { length in
            ConformanceCheck(
                .keys,
                "of-\(length)-characters",
                "An entry under a key of \(length) characters is found.",
                [.o4]
            ) { trial in
                let limit = trial.descriptor.max_key == 0 ? 512 : Int(trial.descriptor.max_key)
                try trial.need(length <= limit, "the plugin's keys have \(limit) bytes at most")
                // A key that is tried again, since the entry was dropped, is one character longer or ends differently.
                let room = length - trial.prefix.utf8.count
                try trial.need(room > 0, "the checks' keys are longer")
                let key = trial.key(String(repeating: "k", count: room))
                try trial.withInstance { instance in
                    trial.end(instance.set(key, "value"))
                    let found = trial.end(instance.get(key))
                    trial.expect(found?.values == ["value"], .o4, "does not find a key of \(length) characters")
                    instance.release(found?.leases ?? [])
                    trial.remove([key], instance)
                }
            }
        } + [
            apart("that-differ-in-case", "that differ in case alone", ["abc", "ABC", "Abc"]),
            apart("that-are-prefixes-of-others", "that begin alike", ["a", "aa", "aaa", "a.", "a/", "a:"]),
            apart(
                "of-every-character",
                "of each character that keys may have",
                Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-").map { "x\($0)y" }
            ),
            apart(
                "that-look-like-paths",
                "that look like paths",
                ["../a", "./a", "a/../b", "a//b", "a/b", "/", "//", "..", "."]
            ),
            apart("that-end-differently", "that differ in their last character", (0..<20).map { "key:\($0)" }),
        ]

    private static func apart(_ name: String, _ what: String, _ keys: [String]) -> ConformanceCheck {
        ConformanceCheck(.keys, name, "Keys \(what) are kept apart.", [.o4]) { trial in
            try trial.withInstance { instance in
                for name in keys { trial.end(instance.set(trial.key(name), "value of \(name)")) }
                var found = 0
                for name in keys {
                    let outcome = trial.end(instance.get(trial.key(name)))
                    let isMiss = outcome?.statuses == [GW_MISS]
                    let isRight = outcome?.values == ["value of \(name)"]
                    trial.expect(isRight || isMiss, .o4, "mistakes one key for another")
                    found += isRight ? 1 : 0
                    instance.release(outcome?.leases ?? [])
                }
                trial.expect(
                    found * 2 > keys.count,
                    .o4,
                    "finds \(found) of \(keys.count) keys that it has just stored"
                )
                trial.remove(keys.map(trial.key), instance)
            }
        }
    }
}
