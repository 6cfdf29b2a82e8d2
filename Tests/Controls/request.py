"""What is asked, of whom, and what is known of a request on its way."""

from dataclasses import dataclass, field

from controls import Controls
from expectation import Answer
from freshness import Entry

Moment = tuple[float, float]
Key = tuple[str, str, str | None]


@dataclass(frozen=True)
class Settings:
    """What the configuration says."""

    ttl: float
    revalidate: float = 0
    on_error: float = 0
    is_opt_in: bool = False
    call_types: frozenset[str] = frozenset({"completion", "text_completion", "embedding"})
    # What happens to a call whose clients have disconnected: `finish` or `cancel`.
    on_disconnect: str = "finish"


@dataclass
class Request:
    tag: str
    call_type: str
    # One question, or the inputs of embeddings.
    questions: list[str]
    # `cache` and `caching`, where they are given.
    members: dict[str, object] = field(default_factory=dict)
    fields: list[tuple[str, str]] = field(default_factory=list)
    is_stream: bool = False
    wants_usage: bool = False
    # How the model behaves if this request makes it be called.
    behaviour: str = "well"
    # The client goes away while the model is at it.
    leaves: bool = False

    @property
    def tells_usage(self) -> bool:
        """Whether an answer that is fetched for this request tells the usage."""
        return not self.is_stream or self.wants_usage

    @property
    def needs_usage(self) -> bool:
        return self.is_stream and self.wants_usage


@dataclass
class Visit:
    """A request and what is known of it."""

    request: Request
    controls: Controls
    # What it gets; None until the call that it waits for has ended.
    expected: Answer | None = None
    # Why it is not answered from the cache.
    reason: str = ""
    detail: str | None = None
    # What is cached, in case the model fails.
    kept: Entry | None = None
    # Of embeddings: the inputs that are cached.
    parts: list[Entry | None] = field(default_factory=list)
    has_left: bool = False


@dataclass
class Call:
    """A call to the model."""

    request: Request
    controls: Controls
    key: Key | None
    # Those who wait for the answer, the first of whom made the call; none where it is a refresh.
    followers: list[Visit]
    # Whether those who ask the same meanwhile wait for it too.
    is_shared: bool = False
    # Whether it is the cache's, or passes it by.
    is_recorded: bool = False
    times: int = 1
