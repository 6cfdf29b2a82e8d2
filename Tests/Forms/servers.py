"""How each server streams: one `Manner` for each."""

from dataclasses import dataclass, field

SAFE = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "safe"}}


@dataclass(frozen=True)
class Manner:
    """What a server does; where there are several ways, one is taken for each answer."""

    name: str
    #: Whether the role comes once, or with every delta.
    role: tuple[str, ...] = ("first",)
    #: The text that comes with the role: `...` for none.
    opening: tuple = ("",)
    #: The member that the reasoning is in.
    reasoning: tuple[str | None, ...] = (None,)
    #: How tool calls come: see `fragments` in manners.py.
    calls: tuple[str, ...] = ("pieces",)
    #: What `finish_reason` says before the end: `...` for nothing.
    unfinished: tuple = (None,)
    #: The delta of the finishing chunk.
    ending: tuple[str, ...] = ("empty",)
    #: Where the usage is told: see `stream` in manners.py.
    usage: tuple[str, ...] = ("own",)
    #: Members that every chunk has, those of every choice, and those of a finishing choice.
    every: dict = field(default_factory=dict)
    choice: dict = field(default_factory=dict)
    finished: dict = field(default_factory=dict)
    #: Log probabilities are told.
    logprobs: bool = False
    #: What the server does that others do not.
    special: frozenset[str] = frozenset()


MANNERS = (
    Manner(
        "openai",
        opening=("", None),
        calls=("pieces",),
        usage=("none", "own", "own-null"),
        logprobs=True,
        every={"service_tier": "default", "system_fingerprint": "fp_1"},
        special=frozenset({"obfuscation", "refusal-null"}),
    ),
    Manner(
        "azure",
        opening=("", None, ...),
        usage=("none", "own-null"),
        every={"system_fingerprint": "fp_2"},
        logprobs=True,
        choice={"content_filter_results": {}},
        special=frozenset({"prompt-filter", "filter-chunks"}),
    ),
    Manner(
        "vllm",
        reasoning=("reasoning_content", "reasoning"),
        calls=("pieces", "two-in-first", "name-first", "nulls"),
        ending=("text", "empty", "last"),
        usage=("none", "own", "every"),
        finished={"stop_reason": None},
        logprobs=True,
    ),
    Manner(
        "ollama",
        role=("every",),
        reasoning=("reasoning",),
        calls=("whole", "one-index"),
        ending=("text",),
        usage=("none", "own"),
        every={"system_fingerprint": "fp_ollama"},
    ),
    Manner(
        "mistral",
        calls=("whole-at-once", "untyped", "no-index"),
        ending=("text", "last"),
        usage=("finish",),
        special=frozenset({"thinking"}),
    ),
    Manner(
        "groq",
        opening=("", None),
        reasoning=("reasoning",),
        calls=("whole",),
        usage=("none", "own"),
        every={"system_fingerprint": "fp_3"},
        special=frozenset({"x-groq"}),
    ),
    Manner(
        "openrouter",
        role=("every",),
        reasoning=("reasoning",),
        calls=("pieces", "whole", "empties"),
        ending=("text",),
        usage=("none", "own", "with-choice"),
        every={"provider": "OpenAI"},
        choice={"native_finish_reason": None},
        finished={"native_finish_reason": "completed"},
        special=frozenset({"comments", "details"}),
    ),
    Manner(
        "deepseek",
        opening=("", None),
        reasoning=("reasoning_content",),
        calls=("pieces",),
        ending=("text",),
        usage=("finish",),
        every={"system_fingerprint": "fp_4"},
        logprobs=True,
        special=frozenset({"comments", "both-null"}),
    ),
    Manner(
        "together",
        role=("every",),
        calls=("pieces", "whole"),
        ending=("text",),
        usage=("finish", "own-null"),
        choice={"seed": None},
        special=frozenset({"token-id"}),
    ),
    Manner(
        "fireworks",
        opening=(...,),
        calls=("name-first", "pieces"),
        usage=("finish", "own-null"),
        ending=("empty", "last"),
    ),
    Manner(
        "xai",
        role=("every",),
        reasoning=("reasoning_content",),
        calls=("whole-at-once",),
        unfinished=(...,),
        ending=("last",),
        usage=("own", "every"),
        every={"system_fingerprint": "fp_5"},
        special=frozenset({"citations"}),
    ),
    Manner(
        # What one or another server does as well, or did.
        "others",
        role=("first", "every", "none"),
        opening=("", None, ...),
        reasoning=("reasoning_content", "reasoning", None),
        calls=(
            "pieces",
            "repeated",
            "nulls",
            "empties",
            "two-in-first",
            "name-pieces",
            "side-by-side",
            "whole",
            "no-index",
        ),
        unfinished=(None, ..., ""),
        ending=("empty", "text", "null", "last"),
        usage=("none", "own", "own-null", "every", "finish", "no-choices", "with-choice"),
        logprobs=True,
        special=frozenset({"unknown"}),
    ),
)
