#!/bin/bash
# usage: run.sh GATEWAY CONFIG HOST PORT
# Starts the gateway and says how to try it.
set -euo pipefail
gateway=$1 config=$2 host=$3 port=$4

cat << END

The gateway starts on http://$host:$port with $config. Send it the same request twice; the second answer comes
from the cache, as its Cache-Status header says:

  curl -i http://$host:$port/v1/chat/completions -H 'Content-Type: application/json' -d '{"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "write a poem about caching"}]}'

  curl -i http://$host:$port/embeddings -H 'Content-Type: application/json' -d '{"model": "text-embedding-ada-002", "input": ["write a poem"]}'

END
exec "$gateway" --config "$config" --host "$host" --port "$port"
