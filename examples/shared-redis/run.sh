#!/bin/bash
# usage: run.sh [GATEWAY]
#
# Starts a Redis, two gateways that share it, and nginx in front of them, and shows that what one gateway was asked the
# other answers. Stops everything afterwards; with KEEP=1 it goes on until it is interrupted.
#
# In the environment: FRONT (8000), GATEWAY_1 (8001), GATEWAY_2 (8002) and REDIS (8079), the ports on 127.0.0.1.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
gateway=$(realpath "${1:-$here/../../.build/release/gateway}")
front=${FRONT:-8000} first=${GATEWAY_1:-8001} second=${GATEWAY_2:-8002} redis=${REDIS:-8079}

for program in redis-server nginx curl; do
    if ! command -v "$program" > /dev/null; then
        echo "error: $program is not installed; on Debian: apt-get install redis-server nginx curl" >&2
        exit 1
    fi
done

work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null; wait; rm -rf "$work"' EXIT

sed -e "s/FRONT/$front/; s/GATEWAY_1/$first/; s/GATEWAY_2/$second/" "$here/nginx.conf" > "$work/nginx.conf"
redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no > "$work/redis.log" &
for port in "$first" "$second"; do
    REDIS_HOST=127.0.0.1 REDIS_PORT=$redis "$gateway" --config "$here/gateway.yaml" --port "$port" \
        2> "$work/gateway-$port.log" &
done
(cd "$work" && exec nginx -p "$work" -c nginx.conf 2> nginx.log) &

for port in "$first" "$second" "$front"; do
    if ! curl --silent --output /dev/null --retry 50 --retry-delay 1 --retry-connrefused --max-time 30 \
        "http://127.0.0.1:$port/health/readiness"; then
        echo "error: nothing answers on port $port" >&2
        tail -n 5 "$work"/*.log >&2
        exit 1
    fi
done

# ask PORT: one question; what the answer says of itself.
ask() {
    curl --silent --show-error --dump-header - --output /dev/null "http://127.0.0.1:$1/v1/chat/completions" \
        --header 'Content-Type: application/json' \
        --data '{"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "write a poem about sharing"}]}' |
        tr -d '\r' | grep -Ei '^(cache-status|x-gateway):'
}

echo "the first gateway, asked for the first time:"
ask "$first"
echo "the second gateway, asked for the first time:"
ask "$second"
echo "through nginx, which takes them in turn:"
ask "$front"
ask "$front"

if [[ -n ${KEEP:-} ]]; then
    echo "running: http://127.0.0.1:$front, until interrupted"
    wait
fi
