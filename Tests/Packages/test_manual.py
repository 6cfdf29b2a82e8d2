"""The manual pages and the completions of the package, which are made from the executable's own declarations."""

import gzip
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from package import attempt, contents, said

PATH = "{}/usr/bin:/usr/bin:/bin"
OPTIONS = ["--config", "--listen", "--drain-timeout", "--watch"]


def commands(command: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """All commands that help shows, by their paths."""
    path = (*path, command["commandName"])
    found = [(path, command)]
    for item in command.get("subcommands", []):
        if item["shouldDisplay"] and item["commandName"] != "help":
            found += commands(item, path)
    return found


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.gateway = contents("gateway") / "usr/bin/gateway"
        cls.pages = {path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()).decode()
                     for path in contents("gateway").glob("usr/share/man/man*/*.gz")}  # fmt: skip
        cls.commands = commands(json.loads(said(cls.gateway, "--experimental-dump-help"))["command"])

    def rendered(self, name: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_text(self.pages[name])
            return said("mandoc", "-T", "ascii", "-O", "width=200", Path(folder) / name, env={"LC_ALL": "C"})

    def test_every_command_has_a_page_and_no_page_is_left_over(self) -> None:
        expected = {f"{'-'.join(path)}.1" for path, _ in self.commands} | {"gateway.yaml.5"}
        self.assertEqual(set(self.pages), expected)

    def test_every_option_is_on_the_page_of_its_command(self) -> None:
        for path, command in self.commands:
            page = self.rendered(f"{'-'.join(path)}.1").replace("\b", "")
            plain = "".join(character for place, character in enumerate(page) if page[place - 1 : place] != "\b")
            for item in command.get("arguments", []):
                for name in item.get("names", []):
                    if item["shouldDisplay"] and name["kind"] == "long":
                        doubled = "".join(letter * 2 for letter in f"--{name['name']}")
                        self.assertIn(doubled, plain, path)

    def test_every_key_of_the_configuration_is_in_gateway_yaml(self) -> None:
        page = self.pages["gateway.yaml.5"]
        for row in said(self.gateway, "reference").splitlines():
            if row.startswith("| `"):
                key = row.split("`")[1]
                self.assertIn(f".It Sy \\&{key.replace('-', chr(92) + '-')}", page)

    def test_groff_and_mandoc_render_them_without_a_warning(self) -> None:
        for name, text in self.pages.items():
            result = attempt("groff", "-ww", "-man", "-mdoc", "-Tutf8", "-z", input=text)
            self.assertEqual((result.returncode, result.stderr), (0, ""), name)
            with tempfile.TemporaryDirectory() as folder:
                page = Path(folder) / name
                page.write_text(text)
                result = attempt("mandoc", "-T", "lint", "-W", "style", page)
                # Pages refer to each other, which are not installed here.
                found = [line for line in result.stdout.splitlines() if "referenced manual not found" not in line]
                self.assertEqual(found, [], name)

    def test_text_cannot_be_an_instruction_of_roff(self) -> None:
        macros = tuple(f".{macro} " for macro in "Ar Bd Bl Dd Dt Fl Ic It Nd Nm Op Os Sh Xr".split())
        for name, text in self.pages.items():
            for line in text.splitlines():
                known = line.startswith((*macros, '.\\"')) or line in {".Ed", ".El", ".Pp"}
                self.assertTrue(known or not line.startswith((".", "'")), f"{name}: {line}")


class Completions(unittest.TestCase):
    def completed(self, words: str) -> list[str]:
        """What bash offers after `gateway` and these words."""
        file = contents("gateway") / "usr/share/bash-completion/completions/gateway"
        script = f"""
            source {file}
            COMP_LINE='gateway {words}' COMP_POINT=${{#COMP_LINE}} COMP_TYPE=9
            COMP_WORDS=(gateway {words} ); [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            function=$(complete -p gateway | sed -E 's/.*-F ([^ ]+).*/\\1/')
            "$function" gateway "${{COMP_WORDS[COMP_CWORD]}}" ''
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        return said("bash", "--norc", "-c", script, env={"PATH": PATH.format(contents("gateway"))}).split()

    def test_bash_offers_options_and_commands(self) -> None:
        self.assertLessEqual(set(OPTIONS), set(self.completed("--")))
        self.assertLessEqual({"check", "keys", "plugins", "reload"}, set(self.completed("")))
        self.assertEqual(self.completed("plug"), ["plugins"])

    def test_zsh_and_fish_understand_theirs(self) -> None:
        share = contents("gateway") / "usr/share"
        zsh = share / "zsh/vendor-completions/_gateway"
        self.assertTrue(zsh.read_text().startswith("#compdef gateway"))
        said("zsh", "-n", zsh)
        fish = share / "fish/vendor_completions.d/gateway.fish"
        offered = said("fish", "--no-config", "--command", f"source {fish}; complete --do-complete 'gateway --'",
                       env={"PATH": PATH.format(contents("gateway")), "HOME": "/tmp"})  # fmt: skip
        for option in OPTIONS:
            self.assertIn(option, offered)


if __name__ == "__main__":
    unittest.main()
