"""What a run says: tables, plots and the raw figures."""

import json
import os
import statistics

from . import plot
from .cases import CASES, TARGETS

FIGURES = [
    ("cpu_us", "CPU µs a request"),
    ("requests_per_second", "requests/s"),
    ("p50_us", "p50 µs"),
    ("p99_us", "p99 µs"),
    ("resident_mb", "memory MB"),
]
#: Those whose least and greatest are told beside the median.
SPREAD = ("cpu_us", "requests_per_second")


def values(result, case, name, figure):
    return [sample[figure] for sample in result["samples"].get(case, {}).get(name, []) if figure in sample]


def failure(result, case, name):
    return next((s["failure"] for s in result["samples"].get(case, {}).get(name, []) if s.get("failure")), None)


def middle(result, case, name, figure):
    """The median of the rounds; nil where a round is void or there is none."""
    found = values(result, case, name, figure)
    return statistics.median(found) if found and failure(result, case, name) is None else None


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(result, case, name, figure, spread=True):
    found = values(result, case, name, figure)
    if not found:
        return "–"
    text = number(statistics.median(found))
    return f"{text} ({number(min(found))}–{number(max(found))})" if spread and len(found) > 1 else text


def case_table(result, case):
    samples = result["samples"].get(case.key)
    if not samples:
        return ""
    titles = " | ".join(title for _, title in FIGURES)
    lines = [f"### {case.title}", "", f"| | {titles} | CPU, against the first |",
             "| --- |" + " ---: |" * (len(FIGURES) + 1)]
    first = middle(result, case.key, next(iter(samples)), "cpu_us")
    for name in samples:
        void = failure(result, case.key, name)
        if void:
            lines.append(f"| {name} | **void: {void}** |" + " |" * len(FIGURES))
            continue
        cells = [cell(result, case.key, name, figure, spread=figure in SPREAD) for figure, _ in FIGURES]
        own = middle(result, case.key, name, "cpu_us")
        ratio = f"{own / first:.2f}" if first and own else "–"
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines) + "\n"


def measured(result, target):
    """What a target's figure came to; nil: it could not be told."""
    case = target.case
    if target.figure == "added_us":
        ours, direct = middle(result, case, target.ours, "p50_us"), middle(result, case, "direct", "p50_us")
        return None if ours is None or direct is None else ours - direct
    ours = middle(result, case, target.ours, target.figure)
    if target.peer is None or ours is None or not middle(result, case, target.peer, target.figure):
        return ours if target.peer is None else None
    # Round by round, so that a machine that drifts from one to the next does so for both.
    ours, peers = (values(result, case, name, target.figure) for name in (target.ours, target.peer))
    return statistics.median(one / other for one, other in zip(ours, peers, strict=True))


def target_table(result):
    lines = ["| target | wanted | measured | |", "| --- | --- | ---: | --- |"]
    for target in TARGETS:
        found = measured(result, target)
        if found is None:
            lines.append(f"| {target.what} | {target.words} | – | not measured |")
            continue
        is_met = found >= target.limit if target.at_least else found <= target.limit
        if target.peer is None:
            text = f"{number(found)} {target.unit}".strip()
        else:
            text = f"{found:.3f}" if found < 0.1 else f"{found:.2f}"
        lines.append(f"| {target.what} | {target.words} | {text} | {'met' if is_met else '**not met**'} |")
    return "\n".join(lines) + "\n"


def stream_table(result, case, title):
    samples = result["samples"].get(case, {})
    lines = [f"### {title}", "", "| | p50 µs | p99 µs | p50 added µs |", "| --- | ---: | ---: | ---: |"]
    for name in samples:
        added = middle(result, case, name, "p50_us") - middle(result, case, "direct", "p50_us")
        cells = [cell(result, case, name, figure) for figure in ("p50_us", "p99_us")]
        cells.append("–" if name == "direct" else number(added))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def rest_table(result):
    titles = [
        ("start-up", "milliseconds", "start to first answer, ms"),
        ("idle-memory", "megabytes", "idle memory, MB"),
        ("connections", "megabytes", "10,000 idle connections, MB"),
    ]
    names = []
    for case, _, _ in titles:
        names += [name for name in result["samples"].get(case, {}) if name not in names]
    head = " | ".join(title for _, _, title in titles)
    lines = ["### At rest", "", f"| | {head} |", "| --- |" + " ---: |" * len(titles)]
    lines += [
        f"| {name} | " + " | ".join(cell(result, case, name, figure) for case, figure, _ in titles) + " |"
        for name in names
    ]
    return "\n".join(lines) + "\n"


def tables(result):
    """All tables, and whether no row is void."""
    parts = ["## Targets\n", target_table(result), "## Requests\n"]
    parts += [table for table in (case_table(result, case) for case in CASES) if table]
    parts += ["## Streams\n", stream_table(result, "first-token", "To the first token, one stream at a time"),
              stream_table(result, "gaps", "Gaps between tokens, off 20 ms: 64 streams at once"), rest_table(result)]
    rounds = [samples for case in result["samples"].values() for samples in case.values()]
    is_whole = not any(sample.get("failure") for samples in rounds for sample in samples)
    return "\n".join(parts), is_whole


def write(result, docs):
    """docs/benchmarks.md, with its plots and the raw figures beside it."""
    folder = os.path.join(docs, "benchmarks")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "benchmarks.json"), "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    plots = []
    for key, title in (("hit-small", "CPU for a hit"), ("pass", "CPU for a request passed on")):
        bars = {name: middle(result, key, name, "cpu_us") for name in result["samples"].get(key, {})}
        bars = {name: value for name, value in bars.items() if value}
        if not bars:
            continue
        with open(os.path.join(folder, f"{key}.svg"), "w") as file:
            file.write(plot.bars(f"{title}, µs, logarithmic", bars))
        plots.append(f"![{title}](benchmarks/{key}.svg)\n")
    about = result["machine"]
    processor = f"{about['processor']}, {about['cores']} cores"
    programs = dict.fromkeys((name.split(",")[0], version) for name, version in result["versions"].items() if version)
    versions = "; ".join(f"{name} {version}" for name, version in programs)
    missing = "".join(f"- Left out: {name}: {reason}\n" for name, reason in result["missing"].items())
    text, _ = tables(result)
    with open(os.path.join(docs, "benchmarks.md"), "w") as file:
        file.write(f"""# Benchmarks

<!-- Made by `make bench`. -->

The gateway beside its peers, each alone on one core; the load, the model and Redis or S3 on another.
{result["rounds"]} rounds of {result["seconds"]} s, the contestants one after the other within each round; medians, with
the least and the most in parentheses. CPU is what the kernel accounted to a server's processes, by request. Figures of
two runs are not to be compared: machines drift. How it is done: [Benchmarks/README.md](../Benchmarks/README.md); all
figures: [benchmarks.json](benchmarks/benchmarks.json).

- {result["date"]}; {processor}, {about["memory_gib"]} GiB; {about["system"]}, Linux {about["kernel"]}
- {versions}
{missing}
{"".join(plots)}
{text}""")
