#!/bin/bash
# usage: install.sh install|uninstall DESTDIR PREFIX PLUGIN...
set -euo pipefail
cd "$(dirname "$0")/.."

action=$1 root=$2$3 prefix=$3
shift 3
if [[ $prefix != /* ]]; then
    echo "error: PREFIX is an absolute path, not '$prefix'" >&2
    exit 2
fi

plugins=("$@")
plugins=("${plugins[@]/#/libgateway-cache-}")
plugins=("${plugins[@]/%/.so}")
files=(
    bin/gateway
    "${plugins[@]/#/lib/gateway/}"
    include/gateway_cache_plugin.h
    lib/pkgconfig/gateway-plugin.pc
)

if [[ $action == uninstall ]]; then
    for file in "${files[@]}"; do rm -f "$root/$file"; done
    rmdir "$root/lib/gateway" 2> /dev/null || true
    echo "uninstall: done, removed from $root"
    exit
fi

if [[ ! -x .build/release/gateway ]]; then
    echo "error: there is nothing to install yet; run 'make build' first" >&2
    exit 1
fi
install -D -m 755 --strip .build/release/gateway "$root/bin/gateway"
for library in "${plugins[@]}"; do
    install -D -m 755 --strip ".build/release/$library" "$root/lib/gateway/$library"
done
install -D -m 644 Sources/PluginAPI/include/gateway_cache_plugin.h "$root/include/gateway_cache_plugin.h"
install -d "$root/lib/pkgconfig"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$(< VERSION)|" packaging/gateway-plugin.pc.in \
    > "$root/lib/pkgconfig/gateway-plugin.pc"
chmod 644 "$root/lib/pkgconfig/gateway-plugin.pc"
echo "install: done, installed below $root: ${files[*]}"
