#!/usr/bin/env python3
"""Makes Sources/Upstream/Prices/KnownPrices.swift from LiteLLM's table of models.

    scripts/prices.py model_prices_and_context_window.json VERSION DATE

VERSION is LiteLLM's, and DATE the day on which its table was read. A model is left out where a price is missing or
zero, where it is paid for by something else besides text tokens, where its provider has withdrawn it by that day, and
where its price is that of the model whose dated snapshot it is.
"""

import json
import pathlib
import re
import sys
from decimal import Decimal

TARGET = pathlib.Path(__file__).parent.parent / "Sources/Upstream/Prices/KnownPrices.swift"
PROVIDERS = [
    "anthropic", "azure", "cerebras", "deepseek", "gemini", "groq", "minimax", "mistral", "moonshot", "openai",
    "text-completion-openai", "together_ai", "voyage", "xai", "zai",
]  # fmt: skip
MODES = ["chat", "completion", "embedding", "responses"]
# Paid for by searches, images, minutes or tools as well, or not for general use.
OTHERWISE_PAID = re.compile(
    r"audio|voxtral|realtime|search|research|image|tts|live|computer-use|robotics|lyria|omni|container|model-router"
    r"|rosalind|cyber|daybreak|-exp\b|experimental|labs-|vibe-cli|together-ai-|multimodal|-beta\b|-latest-|-gv2"
)
# Azure's prices outside its global deployments.
REGIONAL = re.compile(r"^azure/(eu|us|us-gov|apac|global|global-standard|.*/)[^/]*/")
# As in PriceTable.swift.
SNAPSHOT = re.compile(r"^(.+)-(\d{4}-\d\d-\d\d|\d{8}|\d{4})$")

HEADER = '''\
/// The prices of common models in US dollars for a million tokens. Each line has the provider and the model, then what
/// a million tokens cost: of the question, of the answer and, where it is known, of what the provider found in a cache
/// of its own.
///
/// Made by `scripts/prices.py` from the table of LiteLLM {version}
/// (https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json).
enum KnownPrices {{
    /// The day on which the prices were taken from their source.
    static let date = "{date}"

    static let lines = """
{lines}
        """
}}
'''


def dollars(price):
    """Writes dollars for a token as dollars for a million, without an exponent."""
    text = format(Decimal(str(price)).scaleb(6), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rows(table, date):
    found = {}
    for key, model in table.items():
        provider = model.get("litellm_provider")
        if provider not in PROVIDERS or model.get("mode") not in MODES:
            continue
        if model.get("deprecation_date", "9999") < date:
            continue
        name = key if key.startswith(provider + "/") else f"{provider}/{key}"
        asked, answered = model.get("input_cost_per_token"), model.get("output_cost_per_token")
        embeds = model["mode"] == "embedding"
        if not asked or (not answered and not embeds) or OTHERWISE_PAID.search(name) or REGIONAL.match(name):
            continue
        cached = model.get("cache_read_input_token_cost")
        if cached is not None and not 0 < cached <= asked:
            continue
        prices = [dollars(asked), dollars(answered or 0)] + ([dollars(cached)] if cached is not None else [])
        found[name] = " ".join(prices)
    for name, prices in sorted(found.items()):
        snapshot = SNAPSHOT.match(name)
        if snapshot is None or found.get(snapshot[1]) != prices:
            yield f"        {name} {prices}"


def main():
    source, version, date = sys.argv[1:]
    lines = "\n".join(rows(json.loads(pathlib.Path(source).read_text()), date))
    TARGET.write_text(HEADER.format(version=version, date=date, lines=lines))


if __name__ == "__main__":
    main()
