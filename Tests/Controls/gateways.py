"""The gateways that are driven, each with another configuration."""

import sys
from dataclasses import dataclass
from pathlib import Path

from request import Settings

# What the soak has for the same purpose.
sys.path.append(str(Path(__file__).resolve().parent.parent / "Soak"))
from backend import Redis, free_port  # noqa: F401
from process import Failure, Gateway  # noqa: F401

# Seconds after which a model that says nothing has failed.
PATIENCE = 5


@dataclass(frozen=True)
class Configuration:
    name: str
    # Lines of `cache_params`.
    lines: tuple[str, ...]
    settings: Settings

    def text(self, model: int, redis: int) -> str:
        backend = ["type: local", "max_size: 256MB"]
        if self.name.startswith("redis"):
            # A redis-server that is slow for once, because the machine is, is not what this is about.
            backend = ["type: redis", "host: 127.0.0.1", f"port: {redis}", "lookup_timeout: 5"]
        lines = [*backend, *self.lines, f"on_disconnect: {self.settings.on_disconnect}"]
        return (
            "model_list:\n  - model_name: model\n    litellm_params: "
            f'{{model: openai/model, api_base: "http://127.0.0.1:{model}/v1", api_key: sk-model}}\n'
            f"litellm_settings:\n  request_timeout: {PATIENCE}\n  num_retries: 0\n  cache: True\n  cache_params:\n"
            + "".join(f"    {line}\n" for line in lines)
        )


def windows(name: str, ttl: float, revalidate: float = 0, on_error: float = 0, on_disconnect: str = "finish"):
    lines = [f"ttl: {ttl}"]
    lines += [f"stale_while_revalidate: {revalidate}"] if revalidate else []
    lines += [f"stale_if_error: {on_error}"] if on_error else []
    return Configuration(name, tuple(lines), Settings(ttl, revalidate, on_error, on_disconnect=on_disconnect))


ALL = [
    windows("without windows", 1.5),
    Configuration("as it is by default", (), Settings(600)),
    windows("revalidate", 1.2, revalidate=1.5),
    windows("on error", 1.2, on_error=1.8, on_disconnect="cancel"),
    windows("revalidate, then on error", 1.2, 1.2, 2.6),
    windows("revalidate and on error", 1, 2.4, 1.2, on_disconnect="cancel"),
    Configuration(
        "off by default", ("mode: default_off", "ttl: 1.2", "stale_while_revalidate: 1", "stale_if_error: 2"),
        Settings(1.2, 1, 2, is_opt_in=True),
    ),
    Configuration(
        "chat and embeddings", ("supported_call_types: [acompletion, embedding]", "ttl: 1.5", "stale_if_error: 1.5"),
        Settings(1.5, 0, 1.5, call_types=frozenset({"completion", "embedding"})),
    ),
    windows("redis", 1.2, 1.2, 2.6),
    windows("redis, on error", 1.5, on_error=1.5, on_disconnect="cancel"),
]
