"""Tests of scripts/structure.py: how it reads Swift. `make lint` runs them."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from structure import (
    SwiftFile,
    Undocumented,
    code,
    cycles,
    documented_requirements,
    object_literals,
    pairs,
    stored_variables,
    uses,
)


def swift(text: str, folder: str = "A") -> SwiftFile:
    return SwiftFile(Path(folder, "File.swift"), "Target", folder, text)


class Blanking(unittest.TestCase):
    """Comments and literals name no type."""

    def test_the_text_of_a_literal_is_no_code(self):
        self.assertNotIn("Hidden", code('let a = "Hidden" + "\\"Hidden\\""'))

    def test_what_is_interpolated_is_code(self):
        self.assertEqual(swift('let a = "Hidden \\(Shown(x: "Hidden \\(Deep.b)")) Hidden"').named, {"Shown", "Deep"})

    def test_number_signs_change_what_an_escape_is(self):
        text = 'let a = #"\\(Hidden) " \\#(Shown()) Hidden \\"#; let b: After'
        self.assertEqual(swift(text).named, {"Shown", "After"})

    def test_a_literal_of_several_lines_may_contain_quotes(self):
        text = 'let a = """\n    "Hidden" \\(Shown.b)\n    """\nlet c: After\n'
        self.assertEqual(swift(text).named, {"Shown", "After"})

    def test_block_comments_nest(self):
        self.assertEqual(swift("/* Hidden /* Hidden */ Hidden */ let a: Shown // Hidden").named, {"Shown"})

    def test_a_comment_within_a_literal_is_text(self):
        self.assertEqual(swift('let a = "https://x/*"; let b: Shown').named, {"Shown"})

    def test_lines_stay_where_they_are(self):
        text = 'a\n/* b\n c */\nlet d = """\n  e\n  """\n"f" // g\nh\n'
        self.assertEqual(code(text).count("\n"), text.count("\n"))


class Declarations(unittest.TestCase):
    """What a file declares for others, and what it uses of them."""

    def test_private_and_nested_types_are_not_for_others(self):
        text = "private struct A {}\nfileprivate enum B {}\n@MainActor public final class C {\n    struct D {}\n}\n"
        self.assertEqual(swift(text).declared, {"C"})

    def test_a_name_that_the_file_declares_is_its_own(self):
        self.assertEqual(swift("private struct State {}\nlet a: State\nlet b: Other\n").named, {"Other"})

    def test_a_name_after_a_period_belongs_to_the_type_in_front_of_it(self):
        self.assertEqual(swift("let a: Logger.Message\n").named, {"Logger"})


class Literals(unittest.TestCase):
    """JSON that is put together of strings."""

    def test_a_literal_that_begins_an_object_is_found_however_it_is_quoted(self):
        text = 'let a = "{\\"b\\":"\nlet c = 1\nlet d = #"{"e":1}"#\n'
        self.assertEqual(object_literals(swift(text)), [1, 3])

    def test_a_comment_and_a_lone_brace_are_no_json(self):
        text = '/// `"{\\"a\\":1}"`\nlet b = "{"\nlet c = #"{\\d}"#\n'
        self.assertEqual(object_literals(swift(text)), [])


class Dependencies(unittest.TestCase):
    """Which folders use each other."""

    def test_a_cycle_is_found_through_others(self):
        graph = uses([
            swift("struct A { let b: B }", "One"),
            swift("struct B { let c: C }", "Two"),
            swift("struct C { let a: A }", "Three"),
            swift("struct D { let a: A }", "Four"),
        ])
        self.assertEqual(cycles(graph), [["One", "Three", "Two"]])
        self.assertEqual(pairs(graph), [])

    def test_folders_that_use_each_other_are_a_pair(self):
        graph = uses([swift("struct A { let b: B }", "One"), swift("struct B { let a: A }", "Two")])
        self.assertEqual(pairs(graph), [("One", "Two")])

    def test_a_folder_means_its_own_type_of_a_name(self):
        graph = uses([swift("struct A {}", "One"), swift("struct A {}", "Two"), swift("let a: A", "Two")])
        self.assertEqual(dict(graph), {})


class Figures(unittest.TestCase):
    """What is counted as undocumented and as a variable."""

    def undocumented(self, text: str) -> list[int]:
        file = swift(text)
        return [number for number, _ in Undocumented(file, documented_requirements([file]))]

    def test_a_declaration_without_a_comment_is_counted(self):
        text = "/// Yes.\n@inlinable\npublic func a()\npublic private(set) var b = 1\n"
        self.assertEqual(self.undocumented(text), [4])

    def test_what_a_protocol_documents_is_not_counted(self):
        text = "public protocol P {\n    /// Closes.\n    mutating func close(_ now: Int)\n}\n"
        text += "public func close(_ now: Int) {}\npublic func open() {}\n"
        self.assertEqual(self.undocumented("/// Yes.\n" + text), [7])

    def test_what_everybody_knows_is_not_counted(self):
        text = "public var description: String\npublic static func == (a: A, b: A) -> Bool\npublic init() {}\n"
        text += "public init(rawValue: Int)\npublic init(value: Int)\n"
        self.assertEqual(self.undocumented(text), [5])

    def test_stored_variables_are_those_without_a_getter(self):
        body = "\n".join([
            "    private var a = 1",
            "    weak var b: A?",
            "    var c: Int { 2 }",
            "    var d: Int {",
            "        3",
            "    }",
            "    private(set) var e = f {",
            "        didSet { g() }",
            "    }",
            "    static var h = 4",
            "    func i() {",
            "        var j = 5",
            "    }",
        ])
        self.assertEqual(stored_variables(body), 3)


if __name__ == "__main__":
    unittest.main()
