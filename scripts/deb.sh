#!/bin/bash
# usage: deb.sh PLUGIN...
# Makes the Debian packages gateway and gateway-plugin-dev of what `make build` has built, in .build/packages. Their version is
# that of VERSION with what scripts/version.sh adds to it, or DEB_VERSION. The same build gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$PWD/.build/packages
work=$packages/work
SOURCE_DATE_EPOCH=$(scripts/version.sh date)
export SOURCE_DATE_EPOCH
version=${DEB_VERSION:-$(scripts/version.sh debian)}

rm -rf "$packages"
mkdir -p "$work"
cp -R packaging/debian "$work/debian"
cp packaging/systemd/gateway.service packaging/systemd/gateway.socket "$work/debian/"
cat > "$work/debian/changelog" << END
gateway ($version) unstable; urgency=medium

  * What has changed is in changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' packaging/debian/control)  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END

# The build is not part of it: Swift is no package of Debian's, so its dependencies cannot be satisfied there.
if ! (cd "$work" && SOURCE=$OLDPWD PLUGINS=$* debian/rules binary) > "$packages/log" 2>&1; then
    cat "$packages/log" >&2
    echo "deb: failed" >&2
    exit 1
fi
rm -rf "$work"
echo "deb: done, in .build/packages: $(cd "$packages" && echo *.deb)"
