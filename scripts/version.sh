#!/bin/bash
# usage: version.sh date|release|debian
# date: when the sources were committed, in seconds since 1970, as SOURCE_DATE_EPOCH has it; that variable wins.
# release: the version of an archive. It is VERSION where the commit has that tag, and names the commit otherwise, with a mark
# where files of it have been changed.
# debian: the version of Debian's packages. It is VERSION where the commit has that tag or there is no git, and otherwise one
# before it, which grows from commit to commit.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(< VERSION)
has_git() { git rev-parse --git-dir > /dev/null 2>&1; }
is_released() { ! has_git || [[ -n $(git tag --points-at HEAD "v$version") ]]; }
commit() { TZ=UTC git log -1 --date=format-local:%Y%m%d%H%M%S --format=git%cd.%h --abbrev=12; }

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
release)
    if ! is_released; then version+=-$(commit); fi
    if has_git && [[ -n $(git status --porcelain --untracked-files=no) ]]; then version+=-modified; fi
    echo "$version"
    ;;
debian)
    if ! is_released; then version+=\~$(commit); fi
    echo "$version-1"
    ;;
*)
    echo "usage: version.sh date|release|debian" >&2
    exit 2
    ;;
esac
