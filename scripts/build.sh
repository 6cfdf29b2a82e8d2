#!/bin/bash
# usage: build.sh PRODUCT...
# Builds products in release mode. The Swift runtime is linked in, so that they run where no Swift is installed, and
# the executable exports no symbols, so that a plugin can never bind to the gateway's.
set -euo pipefail
cd "$(dirname "$0")/.."

# The sources are named without the folder that they are in, in assertions and for debuggers, so that the same commit
# gives the same bytes wherever it is built.
places=$PWD=/gateway

for product in "$@"; do
    echo "build: $product"
    # SwiftPM's own temporary file function draws a linker warning in every static link; it is not ours to mend.
    swift build --configuration release --static-swift-stdlib -Xlinker --no-export-dynamic \
        --explicit-target-dependency-import-check error -Xswiftc -enforce-exclusivity=unchecked \
        -Xswiftc -file-prefix-map -Xswiftc "$places" -Xcc "-ffile-prefix-map=$places" -Xcxx "-ffile-prefix-map=$places" \
        --product "$product" 2>&1 |
        { grep --line-buffered -v -e "the use of \`mktemp' is dangerous" -e 'in function .*mktemp' || true; }
done
echo "build: done, .build/release has $*"
