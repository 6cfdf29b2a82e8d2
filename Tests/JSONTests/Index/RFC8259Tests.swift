import JSON
import JSONReference
import Testing

@Suite struct RFC8259Tests {
    /// Bodies that RFC 8259 allows, named after those of JSONTestSuite.
    static let accepted: [(name: String, body: [UInt8])] = [
        ("y_structure_lonely_null", "null"), ("y_structure_lonely_true", "true"), ("y_structure_lonely_false", "false"),
        ("y_structure_lonely_string", "\"asd\""), ("y_structure_lonely_int", "42"),
        ("y_structure_whitespace", " \t\r\n[] \t\r\n"),
        ("y_structure_string_empty", "\"\""), ("y_array_empty", "[]"), ("y_array_with_spaces", "[ 1 , 2 ]"),
        ("y_array_heterogeneous", "[null,1,\"1\",{},[],true,false]"), ("y_object_empty", "{}"),
        ("y_object_empty_name", "{\"\":0}"), ("y_object_spaces", "{ \"a\" : 1 , \"b\" : { } }"),
        ("y_object_escaped_null_in_name", #"{"foo\u0000bar":42}"#),
        ("y_object_similar_names", #"{"a":1,"A":2,"aa":3}"#),
        ("y_object_names_of_two_normal_forms", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
        ("y_object_same_name_deeper", #"{"a":{"a":1}}"#),
        ("y_number_zero", "0"), ("y_number_minus_zero", "-0"), ("y_number_exponents", "[1e1,1E+2,1e-3,0e0,1.5E00]"),
        ("y_number_huge", "1" + String(repeating: "0", count: 5000)),
        ("y_number_huge_exponent", "1e99999999999999999999"),
        ("y_number_long_fraction", "-0." + String(repeating: "0", count: 400) + "1"),
        ("y_string_escapes", #""\"\\\/\b\f\n\r\t""#), ("y_string_unicode_escapes", #""\u0041\u00e9\uFFFF\u0000""#),
        ("y_string_surrogate_pair", #""\uD83D\ude39\uDBFF\uDFFF""#), ("y_string_del", "\"\u{7F}\""),
        ("y_string_utf8", "\"\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\""),
        ("y_string_bom_inside", "\"\u{FEFF}\""), ("y_string_slash", "\"a/b\""),
        ("y_string_lines", "\"\u{2028}\u{2029}\""),
    ].map { ($0, Array($1.utf8)) }

    /// Bodies that it does not allow, or that this reader refuses for a reason of its own.
    static let rejected: [(name: String, body: [UInt8], code: JSONError.Code)] = [
        ("n_structure_empty", "", .empty), ("n_structure_blank", " \n", .empty),
        ("n_structure_bom", "\u{FEFF}{}", .byteOrderMark), ("n_structure_trailing", "{} x", .trailingBytes),
        ("n_structure_two_values", "1 2", .trailingBytes), ("n_structure_trailing_nul", "1\0", .trailingBytes),
        ("n_structure_nul", "\0", .expectedValue), ("n_structure_comment", "/**/1", .expectedValue),
        ("n_structure_form_feed", "\u{C}1", .expectedValue), ("n_structure_nbsp", "\u{A0}1", .expectedValue),
        ("n_structure_close", "]", .expectedValue), ("n_structure_open_array", "[", .expectedValue),
        ("n_structure_open_object", "{", .expectedMemberName), ("n_structure_capital_true", "[True]", .expectedValue),
        ("n_literal_incomplete", "[tru]", .invalidLiteral), ("n_literal_cut", "nul", .invalidLiteral),
        ("n_literal_longer", "nullx", .trailingBytes), ("n_number_nan", "NaN", .expectedValue),
        ("n_array_comma_first", "[,1]", .expectedValue), ("n_array_comma_last", "[1,]", .expectedValue),
        ("n_array_commas", "[1,,2]", .expectedValue), ("n_array_no_comma", "[1 2]", .expectedCommaOrBracket),
        ("n_array_wrong_bracket", "[1}", .expectedCommaOrBracket), ("n_array_unclosed", "[1", .expectedCommaOrBracket),
        ("n_array_colon", "[\"a\":1]", .expectedCommaOrBracket),
        ("n_object_comma_last", #"{"a":1,}"#, .expectedMemberName),
        ("n_object_comma_first", #"{,"a":1}"#, .expectedMemberName),
        ("n_object_unquoted", "{a:1}", .expectedMemberName),
        ("n_object_single_quotes", "{'a':1}", .expectedMemberName),
        ("n_object_number_name", "{1:1}", .expectedMemberName),
        ("n_object_no_colon", #"{"a" 1}"#, .expectedColon), ("n_object_no_value", #"{"a":}"#, .expectedValue),
        ("n_object_no_comma", #"{"a":1 "b":2}"#, .expectedCommaOrBrace),
        ("n_object_bracket", #"{"a":1]"#, .expectedCommaOrBrace),
        ("n_object_duplicate", #"{"a":1,"b":2,"a":1}"#, .duplicateMember),
        ("n_object_duplicate_escaped", #"{"a":1,"\u0061":2}"#, .duplicateMember),
        ("n_object_duplicate_pair", "{\"\u{1F600}\":1,\"\\ud83d\\ude00\":2}", .duplicateMember),
        ("n_object_duplicate_nested", #"[{"x":{"":0,"":0}}]"#, .duplicateMember),
        ("n_number_plus", "+1", .expectedValue), ("n_number_leading_zero", "[01]", .invalidNumber),
        ("n_number_minus", "-", .invalidNumber), ("n_number_minus_zero_one", "-01", .invalidNumber),
        ("n_number_point_first", ".5", .expectedValue), ("n_number_point_last", "1.", .invalidNumber),
        ("n_number_point_exponent", "1.e1", .invalidNumber), ("n_number_exponent_empty", "1e", .invalidNumber),
        ("n_number_exponent_sign", "1e+", .invalidNumber), ("n_number_hexadecimal", "0x1", .invalidNumber),
        ("n_number_infinity", "-Infinity", .invalidNumber), ("n_number_two_points", "1.2.3", .invalidNumber),
        ("n_number_minus_minus", "--1", .invalidNumber), ("n_number_letter", "12a", .invalidNumber),
        ("n_string_unclosed", "\"abc", .unterminatedString), ("n_string_only_quote", "\"", .unterminatedString),
        ("n_string_escaped_end", #""\""#, .unterminatedString), ("n_string_newline", "\"a\nb\"", .controlCharacter),
        ("n_string_tab", "\"\t\"", .controlCharacter), ("n_string_nul", "\"a\0\"", .controlCharacter),
        ("n_string_bad_escape", #""\x""#, .invalidEscape), ("n_string_capital_u", #""\U0041""#, .invalidEscape),
        ("n_string_short_escape", #""\u00A""#, .invalidEscape), ("n_string_escape_sign", #""\u+041""#, .invalidEscape),
        ("n_string_escape_g", #""\u00g1""#, .invalidEscape), ("n_string_backslash_end", "\"\\", .invalidEscape),
        ("n_string_lone_high", #""\ud800""#, .loneSurrogate), ("n_string_lone_low", #""\udc00""#, .loneSurrogate),
        ("n_string_high_high", #""\ud800\ud800""#, .loneSurrogate),
        ("n_string_high_letter", #""\ud800a""#, .loneSurrogate),
        ("n_string_high_newline", #""\ud800\n""#, .loneSurrogate),
        ("n_string_high_short", #""\ud800\udc0""#, .invalidEscape),
        ("n_string_reversed_pair", #""\ude00\ud83d""#, .loneSurrogate),
    ].map { ($0, Array($1.utf8), $2) }

    /// Byte sequences in a string that are not UTF-8.
    static let malformed: [(name: String, bytes: [UInt8])] = [
        ("n_utf8_continuation", [0x80]), ("n_utf8_overlong_2", [0xC0, 0xAF]), ("n_utf8_overlong_2b", [0xC1, 0xBF]),
        ("n_utf8_overlong_3", [0xE0, 0x9F, 0xBF]), ("n_utf8_overlong_4", [0xF0, 0x8F, 0xBF, 0xBF]),
        ("n_utf8_surrogate_low_end", [0xED, 0xA0, 0x80]), ("n_utf8_surrogate_high_end", [0xED, 0xBF, 0xBF]),
        ("n_utf8_beyond", [0xF4, 0x90, 0x80, 0x80]), ("n_utf8_f5", [0xF5, 0x80, 0x80, 0x80]), ("n_utf8_ff", [0xFF]),
        ("n_utf8_short_2", [0xC3]), ("n_utf8_short_3", [0xE2, 0x82]), ("n_utf8_short_4", [0xF0, 0x9F, 0x98]),
        ("n_utf8_latin1", [0x63, 0x61, 0x66, 0xE9]), ("n_utf8_bad_third", [0xE2, 0x82, 0x41]),
        ("n_utf8_bad_fourth", [0xF0, 0x9F, 0x98, 0xC0]), ("n_utf16", [0xFE, 0xFF, 0x00, 0x41]),
    ]

    @Test("What RFC 8259 allows is accepted") func accepts() {
        for (name, body) in Self.accepted {
            #expect(parse(body) == nil, "\(name)")
            #expect(JSONOracle.accepts(body), "the oracle on \(name)")
        }
    }

    @Test("What RFC 8259 forbids is rejected, each for its own reason") func rejects() {
        for (name, body, code) in Self.rejected {
            #expect(parse(body)?.code == code, "\(name)")
            #expect(!JSONOracle.accepts(body), "the oracle on \(name)")
        }
    }

    @Test("Malformed UTF-8 is rejected wherever it stands in a string") func malformedText() {
        for (name, bytes) in Self.malformed {
            // Every distance from the opening quote is tried, so that every lane of the eight-byte scan is.
            for before in 0..<18 {
                let body = [0x22] + [UInt8](repeating: 0x61, count: before) + bytes + Array("bcd\"".utf8)
                let error = parse(body)
                #expect(error?.code == .invalidUTF8, "\(name) after \(before) bytes")
                #expect(!JSONOracle.accepts(body), "the oracle on \(name)")
            }
        }
    }

    @Test("Every byte after any run of plain ones is judged as the oracle judges it") func everyByteEverywhere() {
        let document = JSONDocument()
        for byte in UInt8.min...UInt8.max {
            for before in 0..<41 {
                for after in [0, 9, 33] {
                    let body =
                        [0x22] + [UInt8](repeating: 0x7F, count: before) + [byte]
                        + [UInt8](repeating: 0x20, count: after) + [0x22]
                    #expect((parse(body, with: document) == nil) == JSONOracle.accepts(body), "\(byte) after \(before)")
                }
            }
        }
    }

    @Test("128 levels are accepted, 129 are not, and 100,000 brackets cost no stack") func depth() {
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ levels: Int) -> [UInt8] {
                Array(
                    (String(repeating: opening, count: levels) + "1" + String(repeating: closing, count: levels)).utf8
                )
            }
            #expect(parse(nested(128)) == nil)
            #expect(parse(nested(129))?.code == .tooDeep)
            #expect(parse(nested(129))?.offset == 128 * opening.utf8.count)
            #expect(parse(nested(100_000))?.code == .tooDeep)
        }
    }

    @Test("A million members are indexed, and a name that is there twice is found among many") func manyMembers() {
        func members(_ count: Int, and last: String) -> [UInt8] {
            var body: [UInt8] = [0x7B]
            for index in 0..<count { body += "\"m\(index &* 7_919 % 1_000_003)\":0,".utf8 }
            return body + Array("\"\(last)\":1}".utf8)
        }
        let document = JSONDocument()
        #expect(parse(members(1_000_000, and: "last"), with: document) == nil)
        #expect(document.nodeCount == 2_000_003)
        #expect(parse(members(10_000, and: "m7919"), with: document)?.code == .duplicateMember)
        #expect(parse(members(10_000, and: "last"), with: document) == nil)
    }
}
