#!/bin/bash
# usage: sanitize.sh address|thread
# Builds everything with a sanitizer, in a folder of its own, runs the tests within one process with it, and puts load on
# the gateway for a minute. Fails when the sanitizer reports anything. The load is that of `make soak`.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
seconds=${SANITIZE_SECONDS:-60}
case $kind in
address) scratch=.build-asan ;;
thread) scratch=.build-tsan ;;
*)
    echo "usage: sanitize.sh address|thread" >&2
    exit 2
    ;;
esac
binaries=$scratch/debug
log=$scratch/tests.log

fail() {
    echo "sanitize: failed: $1" >&2
    exit 1
}

echo "sanitize: building with the $kind sanitizer in $scratch"
# The plugins use functions of the sanitizer's that only the executable has.
build=(swift build --sanitize="$kind" --scratch-path "$scratch" -Xlinker --export-dynamic)
"${build[@]}" --build-tests

# The gateway and the tests never free what lives as long as they do, so leaks are not looked for.
export ASAN_OPTIONS=detect_leaks=0:exitcode=66
export TSAN_OPTIONS=exitcode=66

preload=
if [[ $kind == address ]]; then
    swiftc -O -sanitize=address Tests/Sanitizers/overflow.swift -o "$scratch/overflow" 2> "$log" || fail "see $log"
    "$scratch/overflow" > "$log" 2>&1 || fail "a program without a fault is reported: $log"
    if "$scratch/overflow" deliberate > "$log" 2>&1 || ! grep -q 'AddressSanitizer: heap-buffer-overflow' "$log"; then
        fail "a deliberate overflow is not found; nothing that follows would mean anything: $log"
    fi
    echo "sanitize: a deliberate overflow is found"
else
    # The contended path of the Swift runtime's mutex is not instrumented: Tests/Sanitizers/mutex_annotations.c.
    preload=$PWD/$scratch/libmutex_annotations.so
    toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
    "$toolchain/clang" -O1 -Wall -Wextra -Werror -fPIC -shared Tests/Sanitizers/mutex_annotations.c -o "$preload"
    swiftc -O -sanitize=thread Tests/Sanitizers/race.swift -o "$scratch/race"
    LD_PRELOAD=$preload "$scratch/race" guarded > "$log" 2>&1 ||
        fail "what a mutex guards is reported as a race; the annotations in Tests/Sanitizers do not fit this Swift runtime: $log"
    for race in deliberate both; do
        if LD_PRELOAD=$preload "$scratch/race" "$race" > "$log" 2>&1 || ! grep -q 'ThreadSanitizer: .*race' "$log"; then
            fail "a deliberate race is not found; nothing that follows would mean anything: $log"
        fi
    done
    echo "sanitize: a deliberate race is found, and what a mutex guards is none"
fi

echo "sanitize: running the tests within one process; their output is in $log"
# Not through `swift test`, which the preloaded library is not for. One after the other, since they are slow as it is. A
# sanitizer has an allocator of its own, of which the tests of what the C library's takes do not hold.
LD_PRELOAD=$preload "$binaries/gatewayPackageTests.xctest" --testing-library swift-testing --no-parallel \
    --skip EndToEndTests --skip LocalCacheTests.OverheadTests > "$log" 2>&1 || true
if grep -E -A 30 -m 3 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log" >&2; then fail "see $log"; fi
run=$(sed -En 's/.*Test run with ([0-9]+) tests?.*/\1/p' "$log" | tail -n 1)
[[ ${run:-0} -gt 0 ]] || fail "the tests did not come to their end: $log"
# Those that watch the time may fail because everything takes ten times as long; `make test` is what judges them.
failed=$(grep -cE '✘.* Test .* failed after' "$log" || true)

echo "sanitize: $run tests are clean, of which $failed failed by their own judgement; putting load on the gateway for $seconds s"
GATEWAY_PRELOAD=$preload python3 Tests/Soak --sanitizer --seconds "$seconds" --honest 3 --hostile 1 "$binaries/gateway"
echo "sanitize: all is clean"
