# What the benchmarks share: servers that are stopped with the script, and questions to them. To be sourced, with `here`
# set to the folder of the benchmarks.

work=$(mktemp -d)
started=()
stop() {
    if ((${#started[@]} > 0)); then kill "${started[@]}" 2> /dev/null || true; wait || true; fi
    rm -rf "$work"
}
trap stop EXIT

# needs PROGRAM...: fails where one is not there.
needs() {
    local program
    for program in "$@"; do
        if ! command -v "$program" > /dev/null; then
            echo "error: $program is not there; 'make bench-$(basename "$0" .sh)' builds and installs what is needed" >&2
            exit 1
        fi
    done
}

# start NAME COMMAND...: runs a server in a folder of its own; `last` is its process.
start() {
    local name=$1
    shift
    mkdir -p "$work/$name"
    (cd "$work/$name" && exec "$@" > log 2>&1) &
    last=$!
    started+=("$last")
}

# await URL: waits until a server answers, whatever it says.
await() {
    if ! curl --silent --output /dev/null --retry 50 --retry-delay 1 --retry-connrefused --max-time 60 "$1"; then
        echo "error: nothing answers at $1" >&2
        tail -n 5 "$work"/*/log "$work"/*/error.log >&2 2> /dev/null || true
        exit 1
    fi
}

# answer URL: one request; the headers of its answer.
answer() {
    curl --silent --show-error --output /dev/null --dump-header - --header 'Content-Type: application/json' \
        --data "$(sed -n "s/^wrk.body = '\(.*\)'/\1/p" "$here/chat.lua")" "$1"
}

# median: of the numbers on standard input, one a line.
median() {
    awk NF | sort -g |
        awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}
