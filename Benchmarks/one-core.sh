#!/bin/bash
# usage: one-core.sh [GATEWAY]
#
# CPU time per request of the gateway beside nginx's, in two tasks: answering from a cache, and passing on; and of the
# gateway with a Redis for its cache beside its own memory. The server that is measured works alone on core 0; wrk, Redis
# and a model that answers at once run on core 1. The time is what the
# kernel accounted to the server's process (user and system), divided by the requests answered. Rounds are interleaved
# and only figures of one run are comparable: machines drift. A row in which any answer was not 2xx, or in which the
# cache did not hit, is void and says so, and the script fails.
#
# In the environment: ROUNDS (5), SECONDS_PER_ROUND (4), CONNECTIONS (64); PEERS_ONLY=1 measures nginx alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
gateway=${1:-$here/../.build/release/gateway}
rounds=${ROUNDS:-5} seconds=${SECONDS_PER_ROUND:-4} connections=${CONNECTIONS:-64}

if (($(nproc) < 2)); then
    echo "error: two cores are needed, one for the server and one for the load" >&2
    exit 1
fi
if [[ -z ${PEERS_ONLY:-} && ! -x $gateway ]]; then
    echo "error: there is no gateway at $gateway; 'make build' builds it" >&2
    exit 1
fi

. "$here/servers.sh"
needs nginx redis-server wrk taskset curl bc

# ticks PID: CPU time of a process and of its children that are alive (nginx does its work in one), in clock ticks.
ticks() {
    local total=0 pid fields
    for pid in "$1" $(< "/proc/$1/task/$1/children"); do
        read -ra fields <<< "$(sed 's/.*) //' "/proc/$pid/stat")"
        total=$((total + fields[11] + fields[12]))
    done
    echo "$total"
}

declare -A pid url task hits results=() void=()

# measure NAME: one round; appends "microseconds requests/s p99".
measure() {
    local name=$1 before after output requests rate p99
    before=$(ticks "${pid[$name]}")
    output=$(taskset -c 1 wrk -t1 -c"$connections" -d"${seconds}s" --latency -s "$here/chat.lua" "${url[$name]}")
    after=$(ticks "${pid[$name]}")
    requests=$(awk '/requests in/ {print $1}' <<< "$output")
    rate=$(awk '/Requests\/sec/ {print $2}' <<< "$output")
    p99=$(awk '$1 == "99%" {print $2}' <<< "$output")
    if grep -Eq 'Non-2xx|Socket errors' <<< "$output"; then
        void[$name]=$(grep -E 'Non-2xx|Socket errors' <<< "$output" | head -n 1 | sed 's/^ *//')
    fi
    if [[ -n ${hits[$name]} ]] && ! answer "${url[$name]}" | grep -Eiq "${hits[$name]}"; then
        void[$name]="not answered from the cache"
    fi
    results[$name]+="$(bc -l <<< "($after - $before) * 1000000 / $(getconf CLK_TCK) / $requests") $rate $p99"$'\n'
}

# column NUMBER NAME: the median of a column.
column() { awk -v column="$1" 'NF {print $column}' <<< "${results[$2]}" | median; }

# row NAME
row() {
    local note=
    if [[ -n ${void[$1]:-} ]]; then note=" **void: ${void[$1]}**"; fi
    printf '| %s | %s | %.1f | %s | %.0f |%s\n' "${task[$1]}" "$1" "$(column 1 "$1")" \
        "$(awk 'NF {printf "%.1f ", $1}' <<< "${results[$1]}")" "$(column 2 "$1")" "$note"
}

# ratio TASK OURS PEER
ratio() {
    if [[ -n ${void[$2]:-}${void[$3]:-} ]]; then
        echo "$1: no ratio, a row is void"
    else
        printf '%s: %.2f times the CPU per request of %s\n' "$1" "$(bc -l <<< "$(column 1 "$2") / $(column 1 "$3")")" "$3"
    fi
}

start upstream taskset -c 1 nginx -p . -c "$here/upstream.conf"
await http://127.0.0.1:9811/
start nginx taskset -c 0 nginx -p . -c "$here/nginx.conf"
await http://127.0.0.1:9810/pass/
nginx=$last

names=("nginx proxy_cache" "nginx proxy_pass")
pid=(["nginx proxy_cache"]=$nginx ["nginx proxy_pass"]=$nginx)
url=(["nginx proxy_cache"]=http://127.0.0.1:9810/v1/chat/completions
    ["nginx proxy_pass"]=http://127.0.0.1:9810/pass/v1/chat/completions)
task=(["nginx proxy_cache"]="from the cache" ["nginx proxy_pass"]="passed on")
hits=(["nginx proxy_cache"]='^cache-status: HIT' ["nginx proxy_pass"]="")

if [[ -z ${PEERS_ONLY:-} ]]; then
    gateway=$(realpath "$gateway")
    start cached taskset -c 0 "$gateway" --config "$here/gateway.yaml" --port 9812
    pid["gateway, local cache"]=$last url["gateway, local cache"]=http://127.0.0.1:9812/v1/chat/completions
    task["gateway, local cache"]="from the cache" hits["gateway, local cache"]='^cache-status: gateway; *hit'
    start uncached taskset -c 0 "$gateway" --config "$here/gateway-uncached.yaml" --port 9813
    pid["gateway, no cache"]=$last url["gateway, no cache"]=http://127.0.0.1:9813/v1/chat/completions
    task["gateway, no cache"]="passed on" hits["gateway, no cache"]=""
    start redis taskset -c 1 redis-server --port 9814 --bind 127.0.0.1 --save '' --appendonly no
    start redis-cached taskset -c 0 "$gateway" --config "$here/gateway-redis.yaml" --port 9815
    pid["gateway, redis"]=$last url["gateway, redis"]=http://127.0.0.1:9815/v1/chat/completions
    task["gateway, redis"]="from the cache" hits["gateway, redis"]='^cache-status: gateway; *hit'
    await http://127.0.0.1:9812/health/liveliness
    await http://127.0.0.1:9815/health/liveliness
    await http://127.0.0.1:9813/health/liveliness
    names=("gateway, local cache" "nginx proxy_cache" "gateway, redis" "gateway, no cache" "nginx proxy_pass")
fi

for name in "${names[@]}"; do answer "${url[$name]}" > /dev/null; done
for ((round = 1; round <= rounds; round++)); do
    echo "round $round of $rounds" >&2
    for name in "${names[@]}"; do measure "$name"; done
done

echo
echo "| task | server | CPU µs/request, median | each round | requests/s, median |"
echo "| --- | --- | --- | --- | --- |"
for name in "${names[@]}"; do row "$name"; done
echo
if [[ -z ${PEERS_ONLY:-} ]]; then
    ratio "from the cache" "gateway, local cache" "nginx proxy_cache"
    ratio "from Redis" "gateway, redis" "gateway, local cache"
    printf 'from Redis: %.2f times the requests per second of gateway, local cache\n' \
        "$(bc -l <<< "$(column 2 "gateway, redis") / $(column 2 "gateway, local cache")")"
    ratio "passed on" "gateway, no cache" "nginx proxy_pass"
fi
((${#void[@]} == 0))
