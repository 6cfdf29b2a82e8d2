import Configuration
import Foundation
import SeededRandom
import Testing

@Suite("A document")
struct YAMLTests {
    private func mock(_ yaml: String) throws -> Outcome {
        try load("model_list:\n- model_name: m\n  litellm_params:\n    model: m\n    mock_response:\n" + yaml)
    }

    private func json(_ yaml: String) throws -> String? {
        let outcome = try mock(yaml)
        #expect(outcome.messages == [])
        return outcome.settings.models.first?.mockResponse?.json
    }

    @Test("keeps the order of its members, and renders as JSON")
    func rendering() throws {
        let yaml = """
                  z: [1, 2.5, yes, ~, "a\\tb", 'c"d']
                  a: {n: -0x10, inf: .inf, t: 2006-03-01}
                  u: "ü\\x01"
            """
        #expect(
            try json(yaml)
                == #"{"z":[1,2.5,true,null,"a\tb","c\"d"],"a":{"n":-16,"inf":null,"t":"2006-03-01"},"u":"ü\u0001"}"#
        )
    }

    @Test("follows anchors and aliases")
    func aliases() throws {
        #expect(try json("      a: &x [1]\n      b: *x\n      c: [*x, *x]\n") == #"{"a":[1],"b":[1],"c":[[1],[1]]}"#)
    }

    @Test("merges with '<<': own members win, then the first of a list")
    func merging() throws {
        let yaml = """
                  a: &a {x: 1, y: 1}
                  b: &b {y: 2, z: 2}
                  c: {<<: [*a, *b], x: 0}
                  d: {"<<": text}
            """
        #expect(
            try json(yaml)
                == #"{"a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"x":0,"y":1,"z":2},"d":{"<<":"text"}}"#
        )
    }

    @Test(
        "is refused, with the place, where it is wrong",
        arguments: [
            ("      a: *x\n", "config.yaml:6:10: no anchor '&x' is complete before this alias"),
            ("      &x [*x]\n", "config.yaml:6:11: no anchor '&x' is complete before this alias"),
            ("      a: 1\n      a: 2\n", "config.yaml:7:7: duplicate key 'a'; it is already on line 6"),
            ("      <<: 1\n", "config.yaml:6:11: '<<' merges mappings; this is a number"),
            ("      <<: [{}, 1]\n", "config.yaml:6:16: '<<' merges mappings; this is a number"),
            ("      ? [a]\n      : 1\n", "config.yaml:6:9: a key must be a word, not a list"),
            ("      !!int x\n", "config.yaml:6:7: the tag !!int does not fit this value"),
            ("      !!float x\n", "config.yaml:6:7: the tag !!float does not fit this value"),
            ("      !!bool 3\n", "config.yaml:6:7: the tag !!bool does not fit this value"),
            ("      0x_\n", "config.yaml:6:7: this looks like a number but is none; quote it if it is text"),
            (
                "      !!python/object:os.system x\n",
                "config.yaml:6:7: the tag '!!python/object:os.system' has no meaning here; use !!str, !!int, !!float, !!bool, !!null or none"
            ),
            (
                "      !x [1]\n",
                "config.yaml:6:7: the tag '!x' has no meaning here; use !!str, !!int, !!float, !!bool, !!null or none"
            ),
            (
                "      'open\n",
                "config.yaml:7:1: not YAML: while scanning a quoted scalar: found unexpected end of stream"
            ),
        ]
    )
    func mistakes(yaml: String, message: String) throws {
        #expect(try mock(yaml).messages.filter { !$0.contains("model_list") } == [message])
    }
}

@Suite("A hostile document")
struct HostileDocumentTests {
    @Test("of aliases that double themselves is refused before it costs anything")
    func aliasesThatExplode() throws {
        var yaml = "a0: &a0 [x, x]\n"
        for level in 1...40 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let errors = try load(yaml).errors
        #expect(
            errors == ["config.yaml:15:18: the file has more than 100000 values, aliases followed; it must be smaller"]
        )
    }

    @Test("of merges that double themselves is refused before it costs anything")
    func mergesThatExplode() throws {
        let members = (0..<1000).map { "k\($0): 1" }.joined(separator: ", ")
        let aliases = repeatElement("*a", count: 5000).joined(separator: ", ")
        let errors = try load("a: &a {\(members)}\nb: {<<: [\(aliases)]}\n").errors
        #expect(errors.count == 1 && errors.first?.contains("more than 100000 values") == true)
    }

    @Test("nested a hundred thousand times is refused", arguments: ["[", "{a: ", "- ", "? "])
    func deep(opening: String) throws {
        let errors = try load(String(repeating: opening, count: 100_000)).errors
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("config.yaml:1:") == true)
    }

    @Test("of a hundred thousand mistakes gives a bounded number of messages")
    func manyMistakes() throws {
        let outcome = try load(String(repeating: "a: 1\n", count: 50_000))
        #expect(outcome.messages.count < 200)
        let unknown = try load((0..<40_000).map { "k\($0): 1\n" }.joined())
        #expect(unknown.messages.count < 200)
    }

    @Test("cut off anywhere never stops the process")
    func truncated() throws {
        let whole = Array(try String(contentsOfFile: golden("litellm.yaml"), encoding: .utf8).utf8)
        for length in stride(from: 0, to: whole.count, by: 7) {
            let outcome = try load(whole.prefix(length))
            #expect(outcome.messages.allSatisfy { $0.hasPrefix("config.yaml") })
        }
    }

    @Test("of random bytes never stops the process")
    func random() throws {
        var random = SeededGenerator(seed: 42)
        let syntax = Array("-:[]{}&*!|>'\"%@`#,? \n\t<~0aé".utf8)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? syntax.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
            }
            _ = try load(bytes)
            _ = try load("model_list: []", dotEnv: String(decoding: bytes, as: UTF8.self))
        }
    }
}
