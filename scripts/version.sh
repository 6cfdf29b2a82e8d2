#!/bin/bash
# usage: version.sh date|debian
# date: when the sources were committed, in seconds since 1970, as SOURCE_DATE_EPOCH has it; that variable wins.
# debian: the version of Debian's packages. It is VERSION where the commit has that tag or there is no git, and otherwise one
# before it, which grows from commit to commit.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(< VERSION)
has_git() { git rev-parse --git-dir > /dev/null 2>&1; }

case ${1:-} in
date)
    if [[ -n ${SOURCE_DATE_EPOCH:-} ]]; then
        echo "$SOURCE_DATE_EPOCH"
    elif has_git; then
        git log -1 --format=%ct
    else
        stat --format=%Y VERSION
    fi
    ;;
debian)
    if has_git && [[ -z $(git tag --points-at HEAD "v$version") ]]; then
        echo "$version~$(TZ=UTC git log -1 --date=format-local:%Y%m%d%H%M%S --format=git%cd.%h --abbrev=12)-1"
    else
        echo "$version-1"
    fi
    ;;
*)
    echo "usage: version.sh date|debian" >&2
    exit 2
    ;;
esac
