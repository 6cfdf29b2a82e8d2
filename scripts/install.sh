#!/bin/bash
# usage: install.sh install|install-development|uninstall DESTDIR PREFIX PLUGIN...
# install-development installs only what authors of plugins build with, which needs no build of the gateway.
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
programs=(
    bin/gateway
    "${plugins[@]/#/lib/gateway/}"
    share/bash-completion/completions/gateway
    share/fish/vendor_completions.d/gateway.fish
    share/zsh/site-functions/_gateway
)
development=(
    include/gateway_cache_plugin.h
    include/gateway_cache_inquiry.h
    lib/pkgconfig/gateway-plugin.pc
    share/gateway/plugin.exports
    share/gateway/PluginKit
)

install_programs() {
    local library
    if [[ ! -x .build/release/gateway ]]; then
        echo "error: there is nothing to install yet; run 'make build' first" >&2
        exit 1
    fi
    install -D -m 755 --strip .build/release/gateway "$root/bin/gateway"
    for library in "${plugins[@]}"; do
        install -D -m 755 --strip ".build/release/$library" "$root/lib/gateway/$library"
    done
    scripts/settle.py "$root/bin/gateway" "${plugins[@]/#/$root/lib/gateway/}"
}

# The manual pages and the completions, as the executable that is installed tells of itself.
install_help() {
    local completions
    scripts/manual.py "$root/bin/gateway" "$root/share/man" > /dev/null
    for completions in bash:bash-completion/completions/gateway fish:fish/vendor_completions.d/gateway.fish \
        zsh:zsh/site-functions/_gateway; do
        # The one for bash begins as a script, which it is not.
        install -D -m 644 <("$root/bin/gateway" --generate-completion-script "${completions%%:*}" | sed '1{/^#!\/bin/d}') \
            "$root/share/${completions#*:}"
    done
}

# The version of the plugin interface, as its header says it.
interface_version() {
    sed -En 's/^#define GW_ABI_(MAJOR|MINOR) ([0-9]+)u.*/\2/p' Sources/PluginAPI/include/gateway_cache_plugin.h |
        paste -sd.
}

# install_folder FOLDER BELOW: copies the files of a folder of the sources.
install_folder() {
    local file
    (cd "$1" && find . -type f) | while read -r file; do
        install -D -m 644 "$1/$file" "$2/$file"
    done
}

install_development() {
    local kit=$root/share/gateway/PluginKit
    install_folder Sources/PluginAPI/include "$root/include"
    install -D -m 644 packaging/plugin.exports "$root/share/gateway/plugin.exports"
    install -d "$root/lib/pkgconfig"
    sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$(< VERSION)|" -e "s|@INTERFACE_VERSION@|$(interface_version)|" \
        packaging/gateway-plugin.pc.in > "$root/lib/pkgconfig/gateway-plugin.pc"
    chmod 644 "$root/lib/pkgconfig/gateway-plugin.pc"
    # A file that an older version had must not be compiled into plugins.
    rm -rf "$kit"
    install -D -m 644 packaging/PluginKit/Package.swift "$kit/Package.swift"
    install_folder Sources/PluginAPI "$kit/Sources/PluginAPI"
    install_folder Sources/PluginKit "$kit/Sources/PluginKit"
    install_folder Sources/SystemLibraries/CLinux "$kit/Sources/CLinux"
}

case $action in
install)
    install_programs
    install_help
    install_development
    echo "install: done, installed below $root: ${programs[*]} ${development[*]}"
    ;;
install-development)
    install_development
    echo "install-development: done, installed below $root: ${development[*]}"
    ;;
uninstall)
    for file in "${programs[@]}" "${development[@]}"; do rm -rf "${root:?}/$file"; done
    rm -f "$root"/share/man/man1/gateway{,-*}.1 "$root/share/man/man5/gateway.yaml.5"
    rmdir "$root/lib/gateway" "$root/share/gateway" 2> /dev/null || true
    echo "uninstall: done, removed from $root"
    ;;
*)
    echo "error: there is no action '$action'" >&2
    exit 2
    ;;
esac
