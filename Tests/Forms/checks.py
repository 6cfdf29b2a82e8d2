"""Compares what the gateway makes of a case with what the package makes of it."""

import json
import re

import families
import judge
from cases import Case
from explained import ABSENT, FROM_ANSWER, FROM_STREAM, Difference, differences, unexplained
from prepared import prepared
from probe import AnswerOutcome, StreamOutcome

#: One case in so many is put together by the package's whole state as well, not by its accumulator alone.
BY_STATE = 32


class Deviation(Exception):
    """The gateway and the judge differ, and no entry of the table says why."""

    def __init__(self, what: str, **shown):
        super().__init__(what)
        self.what, self.shown = what, shown

    @property
    def sort(self) -> str:
        """What it is about: the same for cases that deviate in one way."""
        first, *rest = self.what.split("\n")
        return re.sub(r"\d+", "#", first + (rest[0].split(":")[0] if rest else ""))


class Checker:
    def __init__(self):
        #: How often each explained difference came up.
        self.explained: dict[str, int] = {}
        self.checked = 0

    def check(self, case: Case, outcome: StreamOutcome | AnswerOutcome) -> None:
        self.checked += 1
        if case.form in families.FORMS:
            self.check_family(case, outcome)
        elif case.form == "S":
            self.check_stream(case, outcome)
        else:
            self.check_answer(case, outcome)

    def count(self, name: str) -> None:
        self.explained[name] = self.explained.get(name, 0) + 1

    # MARK: Responses and messages

    def check_family(self, case: Case, outcome: StreamOutcome | AnswerOutcome) -> None:
        found = families.problem(case, outcome, self.checked % 4 == 0)
        if found:
            raise Deviation(found, said=json.dumps(case.told, ensure_ascii=False), outcome=outcome)

    # MARK: Streams

    def check_stream(self, case: Case, outcome: StreamOutcome) -> None:
        if outcome.raw != case.data:
            raise Deviation("the bytes that a live stream has are not those that the server sent", live=outcome.raw)
        texts = judge.events(case.data)
        self.check_replay(texts, outcome)
        if case.is_whole is not None and outcome.is_whole != case.is_whole:
            raise Deviation(f"the stream is taken for {'whole' if outcome.is_whole else 'partial'}, which it is not")
        if "3" in outcome.kinds:
            # A failure, which is not stored; a follower that wants one piece gets the failure.
            if case.told is not None:
                raise Deviation("an event is taken for a failure", kinds=outcome.kinds)
            return
        chunks = judge.parsed(texts)
        if not any(chunk.get("choices") for chunk in chunks):
            return
        if outcome.answer is None:
            raise Deviation("the stream cannot be put together")
        answer = json.loads(outcome.answer)
        is_chat = any(part.get("delta") is not None for chunk in chunks for part in chunk.get("choices") or [])
        if is_chat:
            self.check_chat(texts, chunks, answer)
        else:
            self.check_text(chunks, answer)
        if case.told is not None:
            self.check_told(case.told, answer)
        if outcome.is_whole:
            if outcome.events_of_answer is None:
                raise Deviation("the answer put together cannot be streamed", answer=outcome.answer)
            if self.checked % 4 == 0:
                self.check_events(outcome.events_of_answer, answer)

    def check_replay(self, texts: list[str], outcome: StreamOutcome) -> None:
        if outcome.replay != outcome.raw and judge.events(outcome.replay) != texts:
            raise Deviation("the replay has other events than the stream", replay=outcome.replay)
        expected = [text for text in texts if not is_usage_only(text)]
        is_same = len(expected) == len(texts) and outcome.replay_without_usage == outcome.replay
        if not is_same and judge.events(outcome.replay_without_usage) != expected:
            raise Deviation(
                "the replay for a client that did not ask for the usage is not the stream without it",
                replay_without_usage=outcome.replay_without_usage,
            )
        tells = any(isinstance(usage_of(text), dict) for text in texts)
        if outcome.has_usage != tells and "3" not in outcome.kinds:
            raise Deviation(
                f"the stream is taken for one that {'tells' if outcome.has_usage else 'does not tell'} the usage"
            )

    def check_chat(self, texts: list[str], chunks: list[dict], answer: dict) -> None:
        direct: list[Difference] | str
        counts: dict[str, int] = {}
        package = None
        try:
            package = judge.by_deltas(judge.parsed(texts))
            direct = unexplained(differences(package, answer), chunks, FROM_STREAM, counts)
        except judge.Unjudged as error:
            direct = f"the package raises {error}"
        if self.checked % BY_STATE == 0:
            self.check_judge(texts, package)
        if not direct:
            for name in counts:
                self.count(name)
            return
        several, withheld, done = prepared(chunks)
        rest, shown = self.by_choices(several, withheld, chunks, answer, counts)
        if rest or not done:
            found = rest or (direct if isinstance(direct, list) else [direct])
            raise Deviation(
                "the answer in one piece is not what the package puts together:\n  " + "\n  ".join(map(str, found)),
                answer=json.dumps(answer, ensure_ascii=False),
                judge=json.dumps(package or shown, ensure_ascii=False, default=str),
                prepared=", ".join(sorted(done)) or "nothing",
            )
        for name in [*counts, *done]:
            self.count(name)

    def by_choices(self, several, withheld, chunks, answer, counts) -> tuple[list, list]:
        """Each choice as the package puts it together alone, and what was withheld from it."""
        rest: list = []
        shown = []
        if len(several) != len(answer["choices"]):
            return [f"there are {len(several)} choices, and the gateway has {len(answer['choices'])}"], []
        for place, (index, alone, order) in enumerate(several):
            try:
                package = judge.by_deltas(judge.parsed(judge_texts(alone)))
            except judge.Unjudged as error:
                return [f"the package raises {error}, however prepared"], []
            package["choices"] = [choice | {"index": index} for choice in package["choices"]]
            gateway = json.loads(json.dumps(answer)) | {"choices": [json.loads(json.dumps(answer["choices"][place]))]}
            calls = gateway["choices"][0].get("message", {}).get("tool_calls")
            if isinstance(calls, list) and len(calls) == len(order):
                gateway["choices"][0]["message"]["tool_calls"] = [calls[order.index(at)] for at in range(len(order))]
            shown.append(package)
            moved = []
            for it in differences(package, gateway):
                is_inside = it.path[:3] == ("choices", 0, "message")
                known = alone if is_inside else chunks
                to = (
                    it
                    if is_inside or it.path[:2] != ("choices", 0)
                    else Difference(("choices", place, *it.path[2:]), it.package, it.gateway)
                )
                if ("choices", place, *to.path[2:4]) not in withheld or not is_inside:
                    moved += unexplained([to], known, FROM_STREAM, counts)
            rest += moved
        for path, expected in withheld.items():
            gateway = answer["choices"][path[1]]["message"].get(path[3], ABSENT)
            if gateway != expected:
                rest.append(Difference(path, expected, gateway))
        return rest, shown

    def check_judge(self, texts: list[str], package: dict | None) -> None:
        """Holds the accumulator against the package's state, so that the judge is the package and no copy of it."""
        try:
            state = judge.by_state(judge.parsed(texts))
        except judge.Unjudged as error:
            if package is not None and not known_of_state(str(error)):
                raise Deviation(
                    f"the judge is wrong: the package's state raises {error}, its accumulator does not"
                ) from None
            return
        if package is None:
            return
        one, other = judge.without_nulls(package), judge.without_nulls(state)
        if one != other:
            found = differences(one, other)
            raise Deviation(
                "the judge is wrong: the accumulator and the state differ:\n  " + "\n  ".join(map(str, found))
            )

    def check_text(self, chunks: list[dict], answer: dict) -> None:
        """The package has no accumulator for text completions; its users join the texts."""
        for choice in answer["choices"]:
            mine = [
                part
                for chunk in chunks
                for part in chunk.get("choices") or []
                if part.get("index", 0) == choice["index"]
            ]
            if "".join(part.get("text") or "" for part in mine) != (choice.get("text") or ""):
                raise Deviation("the text is not the pieces' texts joined", answer=json.dumps(answer))

    def check_told(self, said: dict, answer: dict) -> None:
        """The generator knows what the model has to say: no table stands between it and the answer."""
        one, other = core(said), core(answer)
        if one != other:
            found = [str(it).replace("the package has", "the model said") for it in differences(one, other)]
            raise Deviation(
                "the answer in one piece is not what the model said:\n  " + "\n  ".join(found),
                answer=json.dumps(answer, ensure_ascii=False),
            )

    # MARK: Answers in one piece

    def check_answer(self, case: Case, outcome: AnswerOutcome) -> None:
        try:
            said = json.loads(case.data, object_pairs_hook=unique)
        except ValueError:
            self.count("a member twice")
            return
        if outcome.events is None:
            raise Deviation("the answer cannot be streamed")
        if not outcome.is_whole and all(choice.get("finish_reason") for choice in said["choices"]):
            raise Deviation("the stream made of a whole answer is not whole", stream=outcome.events)
        self.check_events(outcome.events, said)
        # Without the usage it is the same stream but for that.
        with_usage = [
            without(json.loads(text), "usage") for text in judge.events(outcome.events) if not is_usage_only(text)
        ]
        if with_usage != judge.parsed(judge.events(outcome.events_without_usage)):
            raise Deviation("without the usage the stream is another", stream=outcome.events_without_usage)
        if outcome.answer is None:
            raise Deviation("the stream made of the answer cannot be put together again", stream=outcome.events)
        again = json.loads(outcome.answer)
        expected = as_put_together(said)
        found = differences(expected, again)
        if found:
            raise Deviation(
                "the answer, made a stream and put together again, is another:\n  "
                + "\n  ".join(str(it).replace("the package has", "the answer had") for it in found),
                stream=outcome.events,
            )

    def check_events(self, data: bytes, said: dict) -> None:
        """The package puts the stream together to the answer that it shows in one piece."""
        chunks = judge.parsed(judge.events(data))
        if not any("delta" in part for chunk in chunks for part in chunk["choices"]):
            for choice in said["choices"]:
                mine = [
                    part
                    for chunk in chunks
                    for part in chunk["choices"]
                    if part.get("index", 0) == choice.get("index", 0)
                ]
                if "".join(part["text"] for part in mine) != choice["text"]:
                    raise Deviation("the pieces' texts joined are not the text", stream=data)
            return
        order = [choice.get("index", 0) for choice in said["choices"]]
        if order != list(range(len(order))) and len(set(order)) == len(order):
            # The package finds a choice by its place, and cannot take a stream in which one is missing.
            self.count("choices by themselves")
            said = said | {"choices": [choice | {"index": at} for at, choice in enumerate(said["choices"])]}
            for chunk in chunks:
                for part in chunk["choices"]:
                    part["index"] = order.index(part["index"])
        texts = judge_texts(chunks)
        try:
            package = judge.by_deltas(judge.parsed(texts))
        except judge.Unjudged as error:
            raise Deviation(f"the package cannot put the stream together: {error}", stream=data) from None
        if self.checked % BY_STATE == 0:
            self.check_judge(texts, package)
            view = judge.view(json.loads(json.dumps(said)))
            if view != said:
                raise Deviation("the judge is wrong: the package shows the answer as another", judge=json.dumps(view))
        counts: dict[str, int] = {}
        found = differences(package, said)
        rest = unexplained(found, chunks, FROM_ANSWER, counts)
        if rest:
            raise Deviation(
                "the stream is not put together to the answer:\n  " + "\n  ".join(map(str, rest)),
                stream=data,
                judge=json.dumps(package, ensure_ascii=False),
            )
        for name in counts:
            self.count(name)


def judge_texts(chunks: list[dict]) -> list[str]:
    return [json.dumps(chunk) for chunk in chunks]


def known_of_state(error: str) -> bool:
    """What the state's events, which are no part of what it puts together, cannot take."""
    return bool(re.search(r"AssertionError|tool_calls|NoneType|list index|parse", error))


def usage_of(text: str) -> object:
    # Most events say nothing of it; its name may be spelled with an escape.
    chunk = json.loads(text) if "usage" in text or "\\u00" in text else {}
    return chunk.get("usage") if isinstance(chunk, dict) else None


def is_usage_only(text: str) -> bool:
    return isinstance(usage_of(text), dict) and not json.loads(text).get("choices")


def unique(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member twice")
    return found


def without(chunk: dict, name: str) -> dict:
    return {other: value for other, value in chunk.items() if other != name}


def as_put_together(said: dict) -> dict:
    """An answer as a stream of it is put together again: with what a message must have, and calls without indexes."""
    said = json.loads(json.dumps(said))
    for choice in said["choices"]:
        message = choice.get("message")
        if message is None:
            continue
        if message.get("role") is None:
            message["role"] = "assistant"
        message.setdefault("content", None)
        for call in message.get("tool_calls") or []:
            call.pop("index", None)
    return said


#: What a model says, as far as every stream tells it.
SAID = (
    "content",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "tool_calls",
    "function_call",
    "audio",
)


def core(answer: dict) -> dict:
    """What a model said: null, an empty text, an empty list and a member that is not there are one."""
    choices = []
    for choice in answer["choices"]:
        message = choice.get("message") or {}
        said = {name: message[name] for name in SAID if message.get(name)}
        said["tool_calls"] = [{"type": "function", **call} for call in said.get("tool_calls", [])]
        logprobs = {name: value for name, value in (choice.get("logprobs") or {}).items() if value}
        others = {
            name: choice[name]
            for name in ("native_finish_reason", "text")
            if (choice.get(name) and "message" not in choice) or (choice.get(name) and name != "text")
        }
        choices.append(
            {
                "index": choice["index"],
                "said": said,
                "logprobs": logprobs,
                "finish_reason": choice["finish_reason"],
                **others,
            }
        )
    names = (
        "id",
        "model",
        "created",
        "usage",
        "x_groq",
        "citations",
        "prompt_filter_results",
        "x_extra",
        "service_tier",
        "provider",
    )
    return {"choices": choices} | {name: answer[name] for name in names if answer.get(name) is not None}
