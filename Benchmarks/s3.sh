#!/bin/bash
# usage: s3.sh [GATEWAY]
#
# A hit in S3 through the gateway, beside curl that fetches the same object from the same server with a signature of its
# own: one process for each request, as a shell loop does, and one process for all, which keeps its connection. The server
# is SeaweedFS on this machine, and it checks signatures; what it takes for an object is in all of the figures. Rounds are
# interleaved and only figures of one run are comparable. A round in which the gateway did not answer from the cache, or
# curl did not get the object, is an error.
#
# In the environment: ROUNDS (5), REQUESTS for each of curl's rounds (300), SECONDS_PER_ROUND for the gateway's (4).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
gateway=$(realpath "${1:-$here/../.build/release/gateway}")
weed=${WEED:-$here/../.build-tools/venv/bin/weed}
url=http://127.0.0.1:9816/v1/chat/completions
rounds=${ROUNDS:-5} requests=${REQUESTS:-300} seconds=${SECONDS_PER_ROUND:-4}

. "$here/servers.sh"
needs nginx wrk curl bc "$weed" "$gateway"

signed=(--silent --show-error --fail --aws-sigv4 aws:amz:us-east-1:s3 --user BENCHMARKKEY:benchmark-secret)

start upstream nginx -p . -c "$here/upstream.conf"
cat > "$work/s3.json" << 'END'
{"identities": [{"name": "benchmark", "credentials": [{"accessKey": "BENCHMARKKEY", "secretKey": "benchmark-secret"}],
  "actions": ["Admin", "Read", "Write", "List"]}]}
END
start seaweed "$weed" server -dir=. -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3 -s3.config="$work/s3.json" -s3.port=9821 \
    -s3.port.iceberg=0 -s3.port.lance=0 -master.port=9822 -volume.port=9823 -filer.port=9824 -volume.max=20 \
    -master.volumeSizeLimitMB=64
await http://127.0.0.1:9811/
await http://127.0.0.1:9821/
for ((try = 0; try < 60; try++)); do
    if curl "${signed[@]}" --request PUT http://127.0.0.1:9821/cache 2> /dev/null; then break; fi
    sleep 1
done
start gateway "$gateway" --config "$here/gateway-s3.yaml" --port 9816
await http://127.0.0.1:9816/health/liveliness

key=$(answer "$url" | tr -d '\r' | sed -n 's/^x-litellm-cache-key: //p')
object=http://127.0.0.1:9821/cache/${key//://}
for ((try = 0; try < 50; try++)); do
    if curl "${signed[@]}" --output /dev/null "$object" 2> /dev/null; then break; fi
    sleep 0.1
done

declare -A rate=() latency=()

# note NAME RATE LATENCY
note() {
    rate[$1]+="$2 "
    latency[$1]+="$3 "
}

# middle LIST: the median of numbers with blanks between.
middle() { tr ' ' '\n' <<< "$1" | median; }

# loop: a process for each request.
loop() {
    local began ended index
    began=$(date +%s%N)
    for ((index = 0; index < requests; index++)); do
        curl "${signed[@]}" --output /dev/null "$object"
    done
    ended=$(date +%s%N)
    note "curl, a process each" "$(bc -l <<< "$requests * 1000000000 / ($ended - $began)")" \
        "$(bc -l <<< "($ended - $began) / $requests / 1000000")"
}

# kept: one process, one connection.
kept() {
    local began ended index times arguments=()
    for ((index = 0; index < requests; index++)); do arguments+=("$object" --output /dev/null); done
    began=$(date +%s%N)
    times=$(curl "${signed[@]}" --write-out '%{time_total}\n' "${arguments[@]}")
    ended=$(date +%s%N)
    note "curl, one process" "$(bc -l <<< "$requests * 1000000000 / ($ended - $began)")" \
        "$(bc -l <<< "$(median <<< "$times") * 1000")"
}

# through NAME CONNECTIONS
through() {
    local output answered
    output=$(wrk -t1 -c"$2" -d"${seconds}s" --latency -s "$here/chat.lua" "$url")
    if grep -Eq 'Non-2xx|Socket errors' <<< "$output"; then
        echo "error: $1: $(grep -E 'Non-2xx|Socket errors' <<< "$output")" >&2
        exit 1
    fi
    answered=$(answer "$url")
    if ! grep -Eiq '^cache-status: gateway; *hit' <<< "$answered"; then
        echo "error: $1: not answered from the cache: $answered" >&2
        exit 1
    fi
    note "$1" "$(awk '/Requests\/sec/ {print $2}' <<< "$output")" \
        "$(awk '$1 == "50%" {t = $2; if (t ~ /us$/) print t / 1000; else if (t ~ /ms$/) print t + 0; else print t * 1000}' <<< "$output")"
}

for ((round = 1; round <= rounds; round++)); do
    echo "round $round of $rounds" >&2
    loop
    kept
    through "gateway, 1 connection" 1
    through "gateway, 64 connections" 64
done

echo
echo "| the same object of the same server | requests/s, median | latency in ms, median | each round |"
echo "| --- | --- | --- | --- |"
for name in "curl, a process each" "curl, one process" "gateway, 1 connection" "gateway, 64 connections"; do
    printf '| %s | %.0f | %.2f | %s |\n' "$name" "$(middle "${rate[$name]}")" "$(middle "${latency[$name]}")" \
        "$(awk '{for (i = 1; i <= NF; i++) printf "%.0f ", $i}' <<< "${rate[$name]}")"
done
