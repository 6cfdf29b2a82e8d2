"""Made-up figures in the shape of `GET /ui/data`, for pictures of the page."""

import math
import random
import time


def figures(now: float | None = None) -> dict:
    """An hour of a gateway that has much to do, with an outage of its backend."""
    now = now or time.time()
    dice = random.Random(7)
    count = 360
    times = [int(now) - 10 * (count - 1 - at) for at in range(count)]
    columns = {name: [] for name in (
        "requests", "hits", "misses", "coalesced", "errors", "saved_tokens", "saved_dollars", "hit_p50_ms",
        "hit_p95_ms", "hit_p99_ms", "miss_p50_ms", "miss_p95_ms", "miss_p99_ms", "connections", "calls", "waiting",
        "resident_bytes", "backend")}
    for at in range(count):
        isOut = 214 <= at < 226
        load = 160 + 70 * math.sin(at / 40) + 25 * math.sin(at / 7) + dice.gauss(0, 9)
        ratio = 0 if isOut else 0.58 + 0.16 * min(1, at / 130) + dice.gauss(0, 0.015)
        requests = max(0, round(load))
        hits = round(requests * ratio)
        columns["requests"].append(requests)
        columns["hits"].append(hits)
        columns["misses"].append(requests - hits)
        columns["coalesced"].append(round((requests - hits) * 0.08))
        columns["errors"].append(1 if dice.random() < 0.04 else 0)
        columns["saved_tokens"].append(hits * 640 + dice.randrange(4000))
        columns["saved_dollars"].append(round(hits * 0.0019, 4))
        for name, middle in (("hit_p50_ms", 0.31), ("hit_p95_ms", 0.72), ("hit_p99_ms", 1.4)):
            value = middle * (1 + 0.08 * math.sin(at / 15)) * dice.uniform(0.93, 1.1)
            columns[name].append(None if isOut else round(value, 3))
        for name, middle in (("miss_p50_ms", 840), ("miss_p95_ms", 2150), ("miss_p99_ms", 3900)):
            columns[name].append(round(middle * (1 + 0.1 * math.sin(at / 23)) * dice.uniform(0.93, 1.08), 1))
        columns["connections"].append(round(48 + 18 * math.sin(at / 50) + dice.gauss(0, 1)))
        columns["calls"].append(round(max(0, (requests - hits) * 0.11 + dice.gauss(0, 1))))
        columns["waiting"].append(columns["calls"][-1] + dice.randrange(3))
        columns["resident_bytes"].append(round((88 + 9 * min(1, at / 90) + dice.uniform(0, 0.6)) * 2**20))
        columns["backend"].append("down" if isOut else "degraded" if 226 <= at < 232 else "up")
    hits, requests = sum(columns["hits"]), sum(columns["requests"])
    dollars = sum(columns["saved_dollars"])
    totals = {
        "requests": requests, "hits": hits, "misses": requests - hits, "coalesced": sum(columns["coalesced"]),
        "errors": sum(columns["errors"]), "saved_input_tokens": round(sum(columns["saved_tokens"]) * 0.7),
        "saved_output_tokens": round(sum(columns["saved_tokens"]) * 0.3), "saved_dollars": dollars,
    }
    models = [("gpt-5-mini", 0.46, 0.74), ("claude-sonnet-5", 0.27, 0.61), ("text-embedding-3-large", 0.19, 0.83),
              ("llama-4-scout", 0.08, 0.42)]
    misses = requests - hits
    hour = {
        **totals, "seconds": 3600, "hit_latency_ms": {"p50": 0.31, "p95": 0.74, "p99": 1.5},
        "miss_latency_ms": {"p50": 848, "p95": 2180, "p99": 4010},
        "reasons": [{"reason": reason, "count": round(misses * share)} for reason, share in (
            ("absent", 0.71), ("expired", 0.13), ("breaker-open", 0.08), ("no-cache", 0.05), ("purged", 0.03))],
        "models": [{"name": name, "requests": round(requests * share), "hits": round(requests * share * ratio),
                    "saved_tokens": round(hits * share * 640), "saved_dollars": round(dollars * share, 2)}
                   for name, share, ratio in models],
        "unlisted_models": 0,
    }
    milliseconds = int(now * 1000)

    def event(ago: int, kind: str, severity: str, text: str) -> dict:
        return {"time": milliseconds - ago * 1000, "kind": kind, "severity": severity, "text": text}

    model = "model 'gpt-5-mini' (openai/gpt-5-mini)"
    down = 10 * (count - 214)
    return {
        "version": "1.0.0", "state": "serving", "now": milliseconds, "began": int(now) - 3 * 86400 - 7200,
        "generation": 3,
        "cache": {
            "cache_type": "redis", "version": "1.0.0", "namespace": "gateway", "state": "up", "code": None,
            "reason": None, "round_trip_ms": 0.214, "entries": 48211, "bytes": 412_330_112,
            "pending_stores": {"entries": 2, "bytes": 9120}, "flights": {"calls": 5, "requests": 6},
            "purges": {"before": None, "marks": 1, "keys": 0, "record": "read"}, "statistics": {},
        },
        "flights": {"calls": 5, "requests": 6}, "connections": {"open": 52, "limit": 16000},
        "memory": {"held": 3_240_000, "limit": 2_147_483_648, "resident": columns["resident_bytes"][-1]},
        "events": [
            event(3 * 86400 + 7200, "start", "notice", "gateway 1.0.0 serves 4 models, 6 deployments"),
            event(9300, "reload", "notice", "the configuration is reloaded: 2 values changed (generation 3)"),
            event(down, "cache", "warning", "the cache 'redis' has failed too often and is left alone for a "
                                           "while; requests go uncached"),
            event(down - 120, "cache", "recovery", "the cache 'redis' is in use again"),
            event(840, "rotation", "warning", f"{model} is taken out of rotation after failures; requests go to the "
                                             "other one of the model first"),
            event(790, "rotation", "recovery", f"{model} answers again and is back in rotation"),
        ],
        "totals": {**totals, "saved_dollars": dollars * 31}, "hour": hour,
        "samples": {"interval_s": 10, "time": times, "seconds": [10.0] * count, **columns},
    }
