#!/bin/bash
# usage: freeze-interface.sh
# Keeps the plugin interface as it is released now, for tests of all later versions: its header, its layout, and the
# examples that are built from it. Run it once for each version of the interface, with the release that brings it.
set -euo pipefail
cd "$(dirname "$0")/.."

header=Sources/PluginAPI/include/gateway_cache_plugin.h
version=$(sed -En 's/^#define GW_ABI_(MAJOR|MINOR) ([0-9]+)u.*/\2/p' "$header" | paste -sd.)
kept=Tests/PluginAPITests/abi/v$version
libraries=$kept/$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$libraries"
cp "$header" "$kept/"
cc -std=c11 -I "$kept" Tests/PluginAPITests/abi/layout.c -o "$work/layout"
"$work/layout" > "$kept/layout.txt"

scripts/install.sh install-development "" "$work/prefix" > "$work/log"
for example in memory-c memory-cpp memory-rust memcached disk; do
    cp -R "examples/plugins/$example" "$work/$example"
    # The first command of the README builds the library.
    # shellcheck disable=SC2016
    sed -n '/^```sh$/,/^```$/{/^```/!p;/^```$/q}' "$work/$example/README.md" > "$work/build.sh"
    (cd "$work/$example" && PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig bash -euo pipefail "$work/build.sh") >> "$work/log" 2>&1 ||
        { cat "$work/log" >&2; exit 1; }
    strip --strip-unneeded -o "$libraries/libgateway-cache-$example.so" "$work/$example/libgateway-cache-$example.so"
done
(cd "$kept" && sha256sum gateway_cache_plugin.h layout.txt "$(uname -m)"/*.so > SHA256SUMS)
echo "freeze-interface: done, version $version is in $kept"
