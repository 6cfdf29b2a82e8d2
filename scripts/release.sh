#!/bin/bash
# usage: release.sh PLUGIN...
# Makes an archive of what `make build` has built, in .build/distribution, with a bill of materials, the Debian packages and their
# checksums. The same build gives the same bytes: docs/decisions/0064-a-release-is-reproducible.md.
set -euo pipefail
cd "$(dirname "$0")/.."

SOURCE_DATE_EPOCH=$(scripts/version.sh date)
export SOURCE_DATE_EPOCH LC_ALL=C
name=gateway-$(scripts/version.sh release)-linux-$(uname -m)
distribution=.build/distribution
work=$distribution/work
root=$work/$name

rm -rf "$distribution"
mkdir -p "$root"
scripts/install.sh install "$PWD/$root" / "$@" > /dev/null
# The archive is unpacked anywhere.
# shellcheck disable=SC2016
sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|' "$root/lib/pkgconfig/gateway-plugin.pc"
git ls-files -z CHANGELOG.md LICENSE README.md SECURITY.md docs examples packaging ':!packaging/debian' |
    xargs -0 cp --parents --no-dereference --target-directory "$root/share/gateway"
for document in CHANGELOG.md LICENSE README.md; do ln -s "share/gateway/$document" "$root/$document"; done

# Nothing of who packs, when, and in which order the file system lists.
tar --create --directory "$work" --format gnu --sort name --mtime "@$SOURCE_DATE_EPOCH" --owner 0 --group 0 --numeric-owner \
    --mode 'a-s,u+rw,go=rX' "$name" | gzip --no-name --best > "$distribution/$name.tar.gz"
rm -rf "$work"

scripts/sbom.py "$distribution/$name.tar.gz" > "$distribution/$name.spdx.json"
cp .build/packages/*.deb "$distribution/"
(cd "$distribution" && sha256sum -- *.deb *.json *.tar.gz > SHA256SUMS)
echo "release: done, in $distribution: $(cd "$distribution" && echo *)"
