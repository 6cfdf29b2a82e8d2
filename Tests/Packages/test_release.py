"""The archive of a release, its bill of materials and its checksums."""

import gzip
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

from package import ROOT, said

sys.path.insert(0, str(ROOT / "scripts"))
import settle

DISTRIBUTION = ROOT / ".build/distribution"


class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        [cls.archive] = DISTRIBUTION.glob("*.tar.gz")
        [cls.bill] = DISTRIBUTION.glob("*.spdx.json")
        cls.name = cls.archive.name.removesuffix(".tar.gz")

    def test_the_checksums_are_right_and_cover_everything(self) -> None:
        said("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=DISTRIBUTION)
        named = {line.split()[1] for line in (DISTRIBUTION / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(named, {path.name for path in DISTRIBUTION.iterdir()} - {"SHA256SUMS"})

    def test_the_same_build_gives_the_same_bytes(self) -> None:
        before = (DISTRIBUTION / "SHA256SUMS").read_text()
        # Another umask and another time of the files, as another person's.
        (ROOT / ".build/release/gateway").touch()
        said("bash", "-c", "umask 077 && scripts/release.sh local redis s3", cwd=ROOT)
        self.assertEqual((DISTRIBUTION / "SHA256SUMS").read_text(), before)

    def test_nothing_of_who_packed_it_is_in_the_archive(self) -> None:
        epoch = int(said(ROOT / "scripts/version.sh", "date"))
        with tarfile.open(self.archive) as archive:
            members = archive.getmembers()
        # Each folder's files are in order.
        places = [member.name.split("/") for member in members]
        self.assertEqual(places, sorted(places))
        for member in members:
            self.assertEqual((member.uid, member.gid, member.uname, member.gname), (0, 0, "", ""), member.name)
            self.assertEqual(member.mtime, epoch, member.name)
            self.assertEqual(member.mode & 0o7022, 0, member.name)
        # The header of gzip has neither a time nor a name.
        self.assertEqual(self.archive.read_bytes()[3:8], bytes(5))

    def test_no_file_names_the_folder_that_it_was_built_in(self) -> None:
        with tarfile.open(self.archive) as archive:
            for member in archive.getmembers():
                file = archive.extractfile(member) if member.isfile() else None
                if file:
                    self.assertNotIn(str(ROOT).encode(), file.read(), member.name)

    def test_what_is_unpacked_anywhere_serves_and_builds_plugins(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            said("tar", "--extract", "--file", self.archive, "--directory", folder)
            root = Path(folder) / self.name
            self.assertEqual(said(root / "bin/gateway", "--version"), (ROOT / "VERSION").read_text().strip() + "\n")
            listed = said(root / "bin/gateway", "plugins", "list")
            for plugin in ["local", "redis", "s3"]:
                self.assertIn(plugin, listed)
            example = root / "share/gateway/examples/quickstart.yaml"
            self.assertIn("ok", said(root / "bin/gateway", "check", example))
            environment = dict(os.environ, PKG_CONFIG_PATH=str(root / "lib/pkgconfig"))
            flags = said("pkg-config", "--cflags", "--libs", "gateway-plugin", env=environment).split()
            source = root / "share/gateway/examples/plugins/memory-c"
            said("cc", "-std=c11", *source.glob("*.c"), *flags, "-o", root / "lib/gateway/libgateway-cache-memory-c.so")
            self.assertIn("memory-c", said(root / "bin/gateway", "plugins", "list"))


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        [cls.path] = DISTRIBUTION.glob("*.spdx.json")
        cls.bill = json.loads(cls.path.read_text())
        cls.packages = {package["name"]: package for package in cls.bill["packages"]}

    def test_it_is_valid(self) -> None:
        validator = ROOT / ".build-tools/packages/bin/pyspdxtools"
        said(validator, "--infile", self.path, "--version", "SPDX-2.3")

    def test_it_has_every_swift_package_of_the_manifest_in_the_version_that_was_built(self) -> None:
        built = json.loads((ROOT / ".build/workspace-state.json").read_text())["object"]["dependencies"]
        for dependency in built:
            package = self.packages[dependency["packageRef"]["identity"]]
            self.assertEqual(package["versionInfo"], dependency["state"]["checkoutState"]["version"])

    def test_its_licences_are_those_that_the_packages_say(self) -> None:
        for dependency in (ROOT / ".build/checkouts").iterdir():
            text = (dependency / "LICENSE.txt").read_text()
            self.assertIn("Apache License", text)
            expected = "Apache-2.0" + (" WITH Swift-exception" if "Runtime Library Exception" in text else "")
            self.assertEqual(self.packages[dependency.name]["licenseDeclared"], expected, dependency.name)

    def test_it_has_every_library_that_the_packages_depend_on(self) -> None:
        [package] = DISTRIBUTION.glob("gateway_*.deb")
        depends = {re.split(r"[ (]", item.strip())[0]
                   for item in said("dpkg-deb", "--field", package, "Depends").split(",")}  # fmt: skip
        relations = self.bill["relationships"]
        names = {package["SPDXID"]: name for name, package in self.packages.items()}
        linked = {names[relation["relatedSpdxElement"]]
                  for relation in relations if relation["relationshipType"] == "DYNAMIC_LINK"}  # fmt: skip
        self.assertEqual(linked, depends - {"adduser", "ca-certificates"})

    def test_it_describes_the_archive_that_it_is_beside(self) -> None:
        archive = DISTRIBUTION / self.packages["gateway"]["packageFileName"]
        digest = said("sha256sum", archive).split()[0]
        self.assertEqual(self.packages["gateway"]["checksums"], [{"algorithm": "SHA256", "checksumValue": digest}])


class Settling(unittest.TestCase):
    """scripts/settle.py on a library that a C compiler makes."""

    def built(self, folder: Path, digest: str) -> bytes:
        source = folder / "library.c"
        section = f'__attribute__((section(".swift_modhash"), used)) static const char digest[] = "{digest}";'
        source.write_text(f"{section}\nint answer(void) {{ return 42; }}\n")
        said("cc", "-shared", "-fPIC", "-s", "-Wl,--build-id=sha1", source, "-o", folder / "library.so")
        return (folder / "library.so").read_bytes()

    def test_files_that_differ_in_the_compilers_digests_alone_become_the_same(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            one, other = (self.built(Path(folder), digest) for digest in ["first", "other"])
        self.assertNotEqual(one, other)
        self.assertEqual(settle.settled(one), settle.settled(other))
        self.assertEqual(settle.settled(settle.settled(one)), settle.settled(one))

    def test_files_that_differ_elsewhere_stay_different_also_in_their_build_ids(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            one = settle.settled(self.built(Path(folder), "first"))
        changed = settle.settled(one.replace(b"answer", b"ANSWER"))
        offset, length = settle.sections(one)[".note.gnu.build-id"]
        self.assertNotEqual(one[offset : offset + length], changed[offset : offset + length])

    def test_what_is_no_library_is_refused_in_one_line(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(gzip.compress(b"text"))
            file.flush()
            words = [str(ROOT / "scripts/settle.py"), file.name]
            result = subprocess.run(words, check=False, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1))
        self.assertIn("no 64-bit ELF file", result.stderr)


if __name__ == "__main__":
    unittest.main()
