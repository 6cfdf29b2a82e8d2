"""What is measured: one table, from which the run, the report and the targets are made."""

from dataclasses import dataclass

from . import model, questions

MARK = "@@@"


@dataclass
class Case:
    key: str
    title: str
    contestants: list
    #: Bytes of the prompt; 0: the short question. nginx has room for 65,535 bytes of key and head.
    prompt: int = 0
    #: The kind of answer: see `model.ANSWERS`.
    answer: str = "s400"
    #: same, fresh, half, many: which requests are asked.
    questions: str = "same"
    #: Whether every answer must have come from the cache.
    hits: bool = False
    stream: bool = False
    call: str = "chat/completions"
    in_quick: bool = True

    def body(self, contestant):
        name = model.model_name(self.answer) if contestant.by_model else questions.MODEL
        return questions.chat(self.prompt, self.stream, name)

    def script(self, contestant):
        """For wrk."""
        name = model.model_name(self.answer) if contestant.by_model else questions.MODEL
        if self.questions == "same":
            script = questions.same(self.body(contestant))
        elif self.questions == "fresh":
            script = questions.fresh(self.body(contestant).replace("litellm!", f"litellm! {MARK}"), MARK)
        elif self.questions == "half":
            script = questions.half(questions.embeddings(["a text that is known"], name),
                                    questions.embeddings([f"a new text, number {MARK}"], name), MARK)
        else:
            script = questions.many([f"known text number {n}" for n in range(50)], 50, name)
        return script + "".join(f'wrk.headers["{k}"] = "{v}"\n' for k, v in contestant.headers.items())


GATEWAY, UNCACHED, REDIS, S3 = "gateway", "gateway, no cache", "gateway, redis", "gateway, s3"
#: The example plugin that waits for its disk on the gateway's own threads.
DISK = "gateway, disk"
#: The gateway that stores what misses fetch. It has a process of its own, since it grows from round to round, and hits
#: are measured in processes that do not.
FILLING = "gateway, filling"
ONE_CORE, TWO_CORES = "gateway and load on one core", "gateway and load on two cores"
NGINX, NGINX_LONG, NGINX_PASS = "nginx proxy_cache", "nginx proxy_cache, long keys", "nginx proxy_pass"
VARNISH, ENVOY = "varnish", "envoy"
FERRO, FERRO_PASS, LITELLM, LITELLM_PASS = "ferrogw", "ferrogw, no cache", "litellm", "litellm, no cache"

CASES = [
    Case("hit-small", "Local hit: prompt 0.2 KB, answer 0.4 KB", [GATEWAY, NGINX, VARNISH, FERRO, LITELLM], prompt=200,
         hits=True),
    Case("hit-prompt-4k", "Local hit: prompt 4 KB, answer 0.4 KB", [GATEWAY, NGINX_LONG, VARNISH], prompt=4096,
         hits=True, in_quick=False),
    Case("hit-prompt-64k", "Local hit: prompt 64 KB, answer 0.4 KB", [GATEWAY, NGINX_LONG, VARNISH], prompt=64_000,
         hits=True),
    Case("hit-answer-4k", "Local hit: prompt 0.2 KB, answer 4 KB", [GATEWAY, NGINX, VARNISH], prompt=200, answer="s4k",
         hits=True, in_quick=False),
    Case("hit-answer-64k", "Local hit: prompt 0.2 KB, answer 64 KB", [GATEWAY, NGINX, VARNISH], prompt=200,
         answer="s64k", hits=True, in_quick=False),
    Case("hit-redis", "Redis hit", [REDIS, GATEWAY], prompt=200, hits=True),
    Case("hit-disk", "Disk hit, through a plugin that blocks", [DISK, GATEWAY], prompt=200, hits=True),
    Case("hit-s3", "S3 hit", [S3, GATEWAY], prompt=200, hits=True, in_quick=False),
    Case("hit-stream", "Stream hit, 64 chunks", [GATEWAY], answer="stream", stream=True, hits=True),
    Case("pass", "Passed on, no cache", [UNCACHED, NGINX_PASS, ENVOY, FERRO_PASS, LITELLM_PASS], prompt=200),
    Case("miss", "Miss, stored in memory", [FILLING, UNCACHED], prompt=200, questions="fresh"),
    Case("embedding-1", "Embeddings, 1 input, every other one cached", [FILLING], answer="e1", questions="half",
         call="embeddings", in_quick=False),
    Case("embedding-100", "Embeddings, 100 inputs, half of them cached", [FILLING], answer="e50", questions="many",
         call="embeddings", in_quick=False),
    Case("two-cores", "Local hit, on one core and on two, each shared with a thread of the load", [ONE_CORE, TWO_CORES],
         prompt=200, hits=True),
]


@dataclass
class Target:
    """A ratio that is to be held, the median of the rounds' ratios, or a figure."""

    case: str
    what: str
    ours: str
    peer: str | None
    figure: str
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def words(self):
        bound = "at least" if self.at_least else "at most"
        if self.peer is None:
            return f"{bound} {self.limit:g} {self.unit}".strip()
        return f"{bound} {self.limit:.3g} × {self.peer}"


TARGETS = [
    Target("hit-small", "local hit, small: CPU", GATEWAY, NGINX, "cpu_us", 0.85),
    Target("hit-small", "local hit, small: CPU", GATEWAY, VARNISH, "cpu_us", 0.5),
    Target("hit-small", "local hit, small: CPU", GATEWAY, FERRO, "cpu_us", 1 / 12),
    Target("hit-prompt-64k", "local hit, 64 KB prompt: CPU", GATEWAY, NGINX_LONG, "cpu_us", 1.5),
    Target("hit-redis", "Redis hit: requests/s", REDIS, GATEWAY, "requests_per_second", 0.45, at_least=True),
    Target("pass", "passed on, no cache: CPU", UNCACHED, NGINX_PASS, "cpu_us", 1.3),
    Target("pass", "passed on, no cache: CPU", UNCACHED, ENVOY, "cpu_us", 0.5),
    Target("miss", "miss with local store: CPU", FILLING, UNCACHED, "cpu_us", 1.25),
    Target("first-token", "added to the first token, p50", GATEWAY, None, "added_us", 100, unit="µs"),
    Target("idle-memory", "idle resident memory", GATEWAY, None, "megabytes", 25, unit="MB"),
    Target("start-up", "start to first answer", GATEWAY, None, "milliseconds", 60, unit="ms"),
    Target("connections", "10,000 idle connections", GATEWAY, None, "megabytes", 100, unit="MB"),
    Target("two-cores", "two cores against one, hits: requests/s", TWO_CORES, ONE_CORE, "requests_per_second", 1.8,
           at_least=True),
]
