#!/bin/bash
# Runs all tests and fails when one fails or was not run.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! swift test --parallel 2>&1 | tee "$log"; then
    # Repeated here, for a long log is often read by its end alone.
    echo "test: failed. What failed, from the log above:" >&2
    grep -E '^(✘|error:)|: error:|[Ff]atal error' "$log" >&2 || true
    exit 1
fi
if grep -Ei '^(.\s)?(Test|Suite) .*skipped|with [1-9][0-9]* skipped' "$log"; then
    echo "test: failed, because tests were skipped" >&2
    exit 1
fi
summary=$(grep -Eo 'Test run with [0-9]+ tests?.* passed' "$log" | tail -n 1)
if [[ -z $summary ]]; then
    echo "test: failed, because no tests were run" >&2
    exit 1
fi
echo "test: all is well. $summary"
