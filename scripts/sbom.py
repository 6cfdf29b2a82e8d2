#!/usr/bin/env python3
"""Prints the bill of materials of a release: what is in it, in which versions, under which licences (SPDX 2.3, JSON).

usage: sbom.py ARCHIVE

The Swift packages are those of Package.swift, whose code is in the executable and the plugins; the libraries of Debian
are those that these files are linked with on the machine that builds. A library that is not known here is an error.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
APPLE = "Organization: Apple Inc."
SWIFT_LICENSE = "Apache-2.0 WITH Swift-exception"

# The licences of the Swift packages, as their LICENSE.txt says.
SWIFT_PACKAGES = {
    "swift-nio": "Apache-2.0",
    "swift-nio-ssl": "Apache-2.0",
    "swift-log": "Apache-2.0",
    "swift-metrics": "Apache-2.0",
    "swift-distributed-tracing": "Apache-2.0",
    "swift-service-context": "Apache-2.0",
    "swift-argument-parser": SWIFT_LICENSE,
    "swift-atomics": SWIFT_LICENSE,
    "swift-collections": SWIFT_LICENSE,
    "swift-system": SWIFT_LICENSE,
}

# The licences of Debian's libraries by their source packages, as far as the libraries themselves are concerned.
DEBIAN_LICENSES = {
    "curl": "curl",
    "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "hiredis": "BSD-3-Clause",
    "libyaml": "MIT",
    "libzstd": "BSD-3-Clause",
    "openssl": "Apache-2.0",
    "zlib": "Zlib",
}


@dataclass
class Part:
    """Something that a release contains or needs."""

    name: str
    version: str
    license: str
    download: str
    purl: str
    supplier: str
    # How the gateway uses it: a relationship of SPDX.
    use: str


def said(*command: object) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def swift_packages() -> list[Part]:
    """The packages of the manifest with their exact versions, and what two of them carry of others."""
    manifest = (ROOT / "Package.swift").read_text()
    parts = []
    for url, name, version in re.findall(r'url: "(https://\S+/(\S+?))\.git", exact: "(\S+?)"', manifest):
        if name not in SWIFT_PACKAGES:
            sys.exit(f"sbom: the licence of {name} is not known; add it to scripts/sbom.py")
        purl = f"pkg:swift/{url.removeprefix('https://')}@{version}"
        download = f"git+{url}.git@{version}"
        parts.append(
            Part(name, version, SWIFT_PACKAGES[name], download, purl, "Organization: Apple Inc.", "STATIC_LINK")
        )
    boring = said("cat", BUILD / "checkouts/swift-nio-ssl/Sources/CNIOBoringSSL/hash.txt")
    url, revision = re.search(r"(https://\S+) at revision ([0-9a-f]{40})", boring).groups()
    purl = f"pkg:generic/boringssl@{revision}"
    google = "Organization: Google LLC"
    parts.append(Part("BoringSSL", revision, "Apache-2.0", f"git+{url}@{revision}", purl, google, "STATIC_LINK"))
    llhttp = said("sh", "-c", f"cat {BUILD}/checkouts/swift-nio/Sources/CNIOLLHTTP/include/*.h")
    version = ".".join(re.findall(r"define LLHTTP_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", llhttp))
    url, purl = f"git+https://github.com/nodejs/llhttp@v{version}", f"pkg:github/nodejs/llhttp@v{version}"
    parts.append(Part("llhttp", version, "MIT", url, purl, "Organization: Node.js", "STATIC_LINK"))
    compiler = re.search(r"Swift version (\d+\.\d+(\.\d+)?)", said("swift", "--version")).group(1)
    swift = f"https://github.com/swiftlang/swift@swift-{compiler}-RELEASE"
    purl = f"pkg:github/swiftlang/swift@swift-{compiler}-RELEASE"
    parts.append(Part("swift-runtime", compiler, SWIFT_LICENSE, f"git+{swift}", purl, APPLE, "STATIC_LINK"))
    return parts


def debian_libraries() -> list[Part]:
    """The packages of the libraries that the executable and the plugins are linked with."""
    files = [BUILD / "release/gateway", *sorted((BUILD / "release").glob("libgateway-cache-*.so"))]
    needed = {name for file in files for name in re.findall(r"NEEDED.*\[(.+)\]", said("readelf", "--dynamic", file))}
    paths = {name: path for file in files for name, path in re.findall(r"(\S+) => (/\S+)", said("ldd", file))}
    distribution = said("sh", "-c", '. /etc/os-release && echo "$ID"').strip()
    parts = {}
    for name in sorted(needed - {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}):
        path = Path(paths[name]).resolve()
        # Debian's database knows either of the two places that are one since /usr was merged.
        owner = said("sh", "-c", f"dpkg-query --search {path} 2>/dev/null || dpkg-query --search {str(path)[4:]}")
        format_ = "${Package} ${Version} ${source:Package} ${Architecture}"
        package, version, source, architecture = said(
            "dpkg-query", "--show", f"--showformat={format_}", owner.split(": ")[0]
        ).split()
        if source not in DEBIAN_LICENSES:
            sys.exit(f"sbom: the licence of {source}, to which {name} belongs, is not known; add it to scripts/sbom.py")
        purl = f"pkg:deb/{distribution}/{package}@{version}?arch={architecture}"
        parts[package] = Part(
            package, version, DEBIAN_LICENSES[source], "NOASSERTION", purl, "Organization: Debian", "DYNAMIC_LINK"
        )
    return list(parts.values())


def identifier(name: str) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(part: Part) -> dict[str, Any]:
    return {
        "SPDXID": identifier(part.name),
        "name": part.name,
        "versionInfo": part.version,
        "supplier": part.supplier,
        "downloadLocation": part.download,
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": part.license,
        "copyrightText": "NOASSERTION",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": part.purl},
        ],
    }


def bill(archive: Path) -> dict[str, Any]:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    name = archive.name.removesuffix(".tar.gz")
    version = said("scripts/version.sh", "release").strip()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    parts = swift_packages() + debian_libraries()
    gateway = {
        "SPDXID": "SPDXRef-gateway",
        "name": "gateway",
        "versionInfo": version,
        "packageFileName": archive.name,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
    }
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-gateway")]
    relationships += [("SPDXRef-gateway", part.use, identifier(part.name)) for part in parts]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{digest}",
        "creationInfo": {"created": created, "creators": ["Tool: scripts/sbom.py"]},
        "packages": [gateway, *map(package, parts)],
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in relationships
        ],
    }


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    json.dump(bill(Path(sys.argv[1])), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
