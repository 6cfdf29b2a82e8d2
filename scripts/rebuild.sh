#!/bin/bash
# usage: rebuild.sh
# Makes a release of the commit twice, in clones at places of different length, and fails where the archives differ.
set -euo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for place in one "another-place-that-is-longer/than-the-first"; do
    echo "rebuild: building ${commit:0:7} in '$place'"
    # The clone may be of a later commit by now.
    git clone --quiet . "$work/$place"
    git -C "$work/$place" checkout --quiet "$commit"
    if ! make -C "$work/$place" release > "$work/log" 2>&1; then
        tail -n 50 "$work/log" >&2
        echo "rebuild: failed" >&2
        exit 1
    fi
    (cd "$work/$place/.build/distribution" && cat SHA256SUMS)
done
if ! cmp "$work"/one/.build/distribution/SHA256SUMS "$work/another-place-that-is-longer/than-the-first/.build/distribution/SHA256SUMS"; then
    echo "rebuild: failed: the same commit gave different files" >&2
    exit 1
fi
echo "rebuild: done, the same commit gives the same bytes"
