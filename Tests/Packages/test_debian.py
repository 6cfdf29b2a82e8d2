"""What the Debian packages contain and say."""

import os
import re
import tempfile
import unittest
from pathlib import Path

from package import PACKAGES, ROOT, attempt, contents, package, said


def field(name: str, of: str) -> str:
    return said("dpkg-deb", "--field", package(of), name).strip()


class DebianPackages(unittest.TestCase):
    def test_lintian_finds_nothing(self) -> None:
        found = attempt("lintian", "--profile", "debian", "--fail-on", "error,warning", *PACKAGES.glob("*.deb"))
        self.assertEqual((found.returncode, found.stdout), (0, ""))

    def test_the_gateway_is_what_is_installed_by_make_install(self) -> None:
        root = contents("gateway")
        files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        plugins = {f"usr/lib/gateway/libgateway-cache-{name}.so" for name in ["local", "redis", "s3"]}
        expected = {"etc/gateway/config.yaml", "etc/logrotate.d/gateway", "usr/bin/gateway", *plugins,
                    "lib/systemd/system/gateway.service",
                    "lib/systemd/system/gateway.socket", "usr/share/bash-completion/completions/gateway",
                    "usr/share/fish/vendor_completions.d/gateway.fish", "usr/share/zsh/vendor-completions/_gateway",
                    "usr/share/man/man1/gateway.1.gz", "usr/share/man/man5/gateway.yaml.5.gz"}  # fmt: skip
        self.assertEqual(expected - files, set())
        documents = ("usr/share/doc/", "usr/share/man/man1/gateway-")
        others = {file for file in files - expected if not file.startswith(documents)}
        self.assertEqual(others, {"usr/share/lintian/overrides/gateway"})

    def test_it_has_its_change_log_its_licence_and_the_sums_of_its_files(self) -> None:
        documents = {path.name for path in (contents("gateway") / "usr/share/doc/gateway").iterdir()}
        self.assertEqual(documents, {"changelog.gz", "changelog.Debian.gz", "copyright"})
        with tempfile.TemporaryDirectory() as control:
            said("dpkg-deb", "--control", package("gateway"), control)
            self.assertEqual(
                (Path(control) / "conffiles").read_text().split(),
                ["/etc/gateway/config.yaml", "/etc/logrotate.d/gateway"],
            )
            said("md5sum", "--check", "--quiet", Path(control) / "md5sums", cwd=contents("gateway"))

    def test_what_it_depends_on_is_what_its_files_are_linked_with(self) -> None:
        linked = said("ldd", contents("gateway") / "usr/bin/gateway",
                      *contents("gateway").glob("usr/lib/gateway/*.so"))  # fmt: skip
        self.assertNotIn("not found", linked)
        depends = {re.split(r"[ (]", item.strip())[0] for item in field("Depends", "gateway").split(",")}
        self.assertEqual(
            depends,
            {"adduser", "ca-certificates", "libc6", "libcurl4", "libgcc-s1", "libhiredis0.14", "libssl3", "libstdc++6",
             "libyaml-0-2", "libzstd1", "zlib1g"},
        )  # fmt: skip

    def test_the_configuration_is_right_and_needs_nothing(self) -> None:
        root = contents("gateway")
        checked = said(root / "usr/bin/gateway", "check", "--strict", root / "etc/gateway/config.yaml", env={})
        self.assertIn("ok", checked)

    def test_the_version_grows_from_commit_to_commit_and_is_below_the_release(self) -> None:
        version = (ROOT / "VERSION").read_text().strip()
        self.assertRegex(field("Version", "gateway"), rf"^{re.escape(version)}(~git\d{{14}}\.[0-9a-f]{{12}})?-1$")
        said("dpkg", "--compare-versions", "1.0~git20260101000000.f-1", "lt", "1.0~git20260102000000.a-1")
        said("dpkg", "--compare-versions", "1.0~git20260102000000.a-1", "lt", "1.0-1")

    def test_every_file_has_the_time_of_the_commit(self) -> None:
        epoch = int(said(ROOT / "scripts/version.sh", "date"))
        for path in contents("gateway").rglob("*"):
            self.assertEqual(path.lstat().st_mtime, epoch, path)


class Unit(unittest.TestCase):
    unit = "lib/systemd/system/gateway.service"

    def test_it_is_exposed_to_1_5_at_most(self) -> None:
        unit = contents("gateway") / self.unit
        rating = said("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)
        self.assertIn("Overall exposure level", rating)

    def test_systemd_understands_it(self) -> None:
        environment = dict(os.environ, SYSTEMD_LOG_LEVEL="warning")
        root = contents("gateway")
        with tempfile.TemporaryDirectory() as folder:
            # The executable is not at its place here.
            for name in ["gateway.service", "gateway.socket"]:
                text = (root / f"lib/systemd/system/{name}").read_text()
                (Path(folder) / name).write_text(text.replace("/usr/bin/gateway", str(root / "usr/bin/gateway")))
            units = [f"{folder}/gateway.service", f"{folder}/gateway.socket"]
            result = attempt("systemd-analyze", "verify", "--man=no", *units, env=environment)
            self.assertEqual([line for line in result.stderr.splitlines() if folder in line or "gateway" in line], [])
            self.assertEqual(result.returncode, 0, result.stderr)


class PluginDevelopment(unittest.TestCase):
    def test_a_plugin_in_c_is_built_with_what_the_package_has_alone(self) -> None:
        root = contents("gateway-plugin-dev")
        environment = {"PATH": os.environ["PATH"], "PKG_CONFIG_PATH": str(root / "usr/share/pkgconfig"),
                       "PKG_CONFIG_SYSROOT_DIR": str(root)}  # fmt: skip
        version = said("pkg-config", "--modversion", "gateway-plugin", env=environment).strip()
        self.assertEqual(version, (ROOT / "VERSION").read_text().strip())
        with tempfile.TemporaryDirectory() as folder:
            flags = said("pkg-config", "--cflags", "--libs", "gateway-plugin", env=environment)
            # The script of the linker is named by its place on the installed system.
            flags = flags.replace("=/usr/share/gateway", f"={root}/usr/share/gateway").split()
            plugin = Path(folder) / "libgateway-cache-memory-c.so"
            said("cc", "-std=c11", *ROOT.glob("examples/plugins/memory-c/*.c"), *flags, "-o", plugin)
            described = said(contents("gateway") / "usr/bin/gateway", "plugins", "describe", "memory-c",
                             "--plugin-dir", folder)  # fmt: skip
            self.assertIn("memory-c", described)


if __name__ == "__main__":
    unittest.main()
