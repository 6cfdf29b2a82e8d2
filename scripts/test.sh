#!/bin/bash
# Runs all tests and fails when one fails or was not run.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs the tests that the arguments select, and remembers how many there were.
total=0
run() {
    local name=$1
    shift
    if ! swift test --parallel --explicit-target-dependency-import-check error "$@" 2>&1 | tee "$log"; then
        # Repeated here, for a long log is often read by its end alone.
        echo "test: failed. What failed, from the log above:" >&2
        grep -E '^(✘|error:)|: error:|[Ff]atal error' "$log" >&2 || true
        exit 1
    fi
    # As Swift Testing and XCTest say it; a test may have the word in its name.
    if grep -Ei '^(\S+\s)?(Test|Suite) .* skipped(\.|: ".*")$|with [1-9][0-9]* skipped' "$log"; then
        echo "test: failed, because tests were skipped" >&2
        exit 1
    fi
    local count
    count=$(sed -En 's/.*Test run with ([0-9]+) tests?.* passed.*/\1/p' "$log" | tail -n 1)
    if [[ ${count:-0} -eq 0 ]]; then
        echo "test: failed, because no tests were run of those $name" >&2
        exit 1
    fi
    total=$((total + count))
}

# One after the other, so that what only computes does not keep those waiting that watch a running gateway, and
# those not the ones that put load on the machine.
run "within one process" --skip EndToEndTests
# Sixteen at a time: each starts processes of its own, and all at once they would wait for each other past their time limits.
SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16 run "from outside" --skip-build --filter EndToEndTests --skip OneAtATime \
    --skip OutsideTheTree
# Each of these may have a compiler of its own.
SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=3 run "that build plugins" --skip-build --filter OutsideTheTree
run "under load" --skip-build --filter OneAtATime
echo "test: all is well. $total tests passed"
