import NIOCore
import ResponseCache
import Testing

@Suite struct RequestReaderTests {
    private func failure(_ body: String) throws -> RequestError? {
        let document = try document(body)
        do throws(RequestError) {
            _ = try document.readRequest()
            return nil
        } catch {
            return error
        }
    }

    @Test("The model, its place and the delivery are read") func members() throws {
        let body = #"{"messages":[{"model":"inner","stream":true}],"mod\u0065l":"gpt\n","stream":false,"input":"x"}"#
        let document = try document(body)
        let request = try document.readRequest()
        #expect(request.model == "gpt\n")
        #expect(Array(body.utf8)[request.modelLiteral] == Array(#""gpt\n""#.utf8)[...])
        #expect(!request.stream && request.cache == nil && request.cacheCut == nil)
        #expect(request.input.flatMap { document.string($0) } == "x")
    }

    @Test(
        "What is no request names the member and the byte",
        arguments: [
            ("[]", .notAnObject, "", 0), (" 1", .notAnObject, "", 1), (" {}", .missing, "model", 1),
            (#"{"model":""}"#, .empty, "model", 9), (#"{"model":null}"#, .notAString, "model", 9),
            (#"{"model":["a"]}"#, .notAString, "model", 9), (#"{"model":"m","stream":1}"#, .notABoolean, "stream", 22),
            (#"{"model":"m","stream":"true"}"#, .notABoolean, "stream", 22),
            (#"{"model":"m","cache":true}"#, .notAnObjectMember, "cache", 21),
            (#"{"model":"m","cache":[]}"#, .notAnObjectMember, "cache", 21),
        ] as [(String, RequestError.Code, String, Int)]
    )
    func errors(body: String, code: RequestError.Code, member: String, offset: Int) throws {
        let error = try #require(try failure(body))
        #expect(error == RequestError(code: code, member: member, offset: offset))
        #expect(error.description.contains(member.isEmpty ? "JSON object" : "'\(member)'"))
    }

    @Test("A model's name has at most 1,024 bytes, however they are written")
    func longNames() throws {
        for name in [String(repeating: "a", count: 1024), String(repeating: #"\u0041"#, count: 1024)] {
            #expect(try document(#"{"model":"\#(name)"}"#).readRequest().model.utf8.count == 1024)
        }
        for name in [
            String(repeating: "a", count: 1025), String(repeating: #"\u0041"#, count: 1025),
            String(repeating: "\u{301}", count: 1 << 20),
        ] {
            let error = try #require(try failure(#"{"model":"\#(name)"}"#))
            #expect(error == RequestError(code: .nameTooLong, member: "model", offset: 9))
            #expect(error.description.contains("1024 bytes"))
        }
    }

    @Test(
        "A member that differs from one of ours in the case of its letters is refused by its name",
        arguments: [
            (#"{"model":"m","Model":"x"}"#, "Model", 13), (#"{"MODEL":"m"}"#, "MODEL", 1),
            (#"{"model":"m","streaM":true}"#, "streaM", 13), (#"{"model":"m","Cache":{}}"#, "Cache", 13),
            (#"{"model":"m","CACHE":null}"#, "CACHE", 13), (#"{"\u004dodel":"x","model":"m"}"#, "Model", 1),
            (#"{"model":"m","Stream_Options":{}}"#, "Stream_Options", 13),
        ] as [(String, String, Int)]
    )
    func otherCase(body: String, member: String, offset: Int) throws {
        let error = try #require(try failure(body))
        #expect(error == RequestError(code: .wrongCase, member: member, offset: offset))
        #expect(error.description.contains("'\(member)'") && error.description.contains("'\(member.lowercased())'"))
    }

    @Test("Members that only resemble ours, or stand deeper, are not refused")
    func similar() throws {
        for member in [
            #""Models":1"#, #""_Model":1"#, #""tools":[{"Model":1,"Stream":2,"Cache":3}]"#, #""Input":1"#,
            #""mode1":1"#, #""[ache":1"#, #""c\u00e0che":1"#,
        ] {
            #expect(try document(#"{"model":"m",\#(member)}"#).readRequest().model == "m")
        }
    }

    @Test("Null stands for absent", arguments: ["null", "true", "false"]) func null(stream: String) throws {
        let document = try document("{\"model\":\"m\",\"stream\":\(stream),\"cache\":null}")
        let request = try document.readRequest()
        #expect(request.stream == (stream == "true"))
        #expect(request.cache == nil && request.cacheCut != nil)
    }

    @Test("With `cache` cut out, the rest is the same object without it") func cut() throws {
        let others = [#""model":"m""#, #""a":[1,{"cache":2}]"#, #""z":{}"#]
        for space in ["", " ", "\n\t "] {
            for name in ["\"cache\"", #""c\u0061che""#] {
                for place in 0...3 {
                    var members = others
                    members.insert("\(name)\(space):\(space){\"ttl\":1,\"b\":[]}", at: place)
                    let joined = { (members: [String]) in
                        space + "{" + space + members.joined(separator: space + "," + space) + space + "}" + space
                    }
                    var body = Array(joined(members).utf8)
                    let document = try document(joined(members))
                    let request = try document.readRequest()
                    #expect(request.cache.flatMap { document.member("ttl", of: $0) } != nil)
                    body.removeSubrange(try #require(request.cacheCut))
                    #expect(try JSONOracle.read(body) == JSONOracle.read(Array(joined(others).utf8)))
                }
            }
        }
    }

    @Test("A body with nothing but `cache` beside the model is cut to the model alone") func cutOfTwo() throws {
        for body in [#"{"cache":{},"model":"m"}"#, #"{"model":"m","cache":{}}"#] {
            let request = try document(body).readRequest()
            var bytes = Array(body.utf8)
            bytes.removeSubrange(try #require(request.cacheCut))
            #expect(bytes == Array(#"{"model":"m"}"#.utf8))
        }
    }

    @Test(
        "Inputs are taken apart where each has an embedding of its own",
        arguments: [
            (#""one""#, [#""one""#]), (#""""#, [#""""#]), (#"["a","b","a"]"#, [#""a""#, #""b""#, #""a""#]),
            ("[1,2,3]", ["[1,2,3]"]), ("[[1,2],[3]]", ["[1,2]", "[3]"]), ("[]", nil), (#"["a",1]"#, nil),
            (#"[1,"a"]"#, nil),
            ("[[1],2]", nil), ("[[]]", nil), ("[[1],[]]", nil), (#"[["a"]]"#, nil), ("[1.5]", nil), ("[[1,null]]", nil),
            ("null", nil), ("{}", nil), ("[{}]", nil), ("[null]", nil), ("7", nil), ("[true]", nil),
        ] as [(String, [String]?)]
    )
    func inputs(input: String, parts: [String]?) throws {
        let body = "{\"model\":\"m\",\"input\":\(input)}"
        let document = try document(body)
        let node = try #require(try document.readRequest().input)
        let read = document.inputs(of: node)?.map { part in
            document.byteRange(of: part).map { String(decoding: Array(body.utf8)[$0], as: UTF8.self) }
        }
        #expect(read == parts)
    }
}
