"""The result of a call to a model, by how the model behaves: docs/caching.md, "What is stored" and "Stale answers"."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    # What the client gets where nothing is cached: as `Answer` has it.
    status: int
    form: str
    ending: str = "whole"
    # Whether what the client gets is the model's, or the gateway's own words for it.
    is_the_models: bool = True
    # A complete answer that holds something.
    is_stored: bool = False
    # A failure for which `stale_if_error` serves what is cached.
    is_excused: bool = False


def failure(status: int, is_excused: bool) -> Outcome:
    return Outcome(status, "error", is_excused=is_excused)


# Answers in one piece, and failures before any part of a stream was received.
WHOLE = {
    "well": Outcome(200, "json", is_stored=True),
    "refused": failure(400, is_excused=False),
    "late": failure(408, is_excused=True),
    "busy": failure(429, is_excused=True),
    "failed": failure(500, is_excused=True),
    "down": failure(503, is_excused=True),
    "silent": Outcome(504, "error", is_the_models=False, is_excused=True),
    "hung up": Outcome(502, "error", is_the_models=False, is_excused=True),
    # A failure that is reported with status 200 is passed on unchanged.
    "excused itself": Outcome(200, "error"),
}
STREAMED = {
    "well": Outcome(200, "events", is_stored=True),
    # The usage is not reported although it is requested, or reported although it is not.
    "usage withheld": Outcome(200, "events", is_stored=True),
    "usage unasked": Outcome(200, "events", is_stored=True),
    "cut off": Outcome(200, "events", ending="broken"),
    "gave up": Outcome(200, "events", ending="error"),
    # The model does not stream although it is asked to.
    "in one piece": Outcome(200, "json", is_stored=True),
}
# A failing stream as seen by followers that want one piece: half an answer is not served.
PUT_TOGETHER = {
    "well": Outcome(200, "json", is_stored=True),
    "usage withheld": Outcome(200, "json", is_stored=True),
    "usage unasked": Outcome(200, "json", is_stored=True),
    "cut off": Outcome(502, "error", is_the_models=False, is_excused=True),
    # With the status that its error tells.
    "gave up": failure(500, is_excused=True),
}
# Embeddings that do not fit what was asked are not stored, and asked for again where only a part was asked for.
EMBEDDED = {
    "too few": Outcome(200, "json"),
    "uncounted": Outcome(200, "json", is_stored=True),
}
UNFIT = ("too few", "excused itself")


def outcome(behaviour: str, is_stream: bool, is_stream_wanted: bool) -> Outcome:
    """What one who waits for a call gets of it, who may want it in another form than the one who made the call."""
    if is_stream and not is_stream_wanted and behaviour in PUT_TOGETHER:
        return PUT_TOGETHER[behaviour]
    if is_stream and behaviour in STREAMED:
        return STREAMED[behaviour]
    return WHOLE.get(behaviour) or EMBEDDED[behaviour]


def behaviours(call_type: str, is_stream: bool) -> list[str]:
    if call_type == "embedding":
        return [*WHOLE, *EMBEDDED]
    return list({**WHOLE, **STREAMED}) if is_stream else list(WHOLE)
