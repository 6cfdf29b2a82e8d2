"""The reference model: what the gateway does with each request, and what its cache holds afterwards.

It knows no clock. Whoever asks says when, as the earliest and the latest time at which it may have been; where that
decides what is right the model says `Unclear`.
"""

import calls
from controls import Controls, Refused, read
from expectation import Answer, Report
from freshness import Entry, Verdict
from request import Call, Key, Moment, Request, Settings, Visit


class Unclear(Exception):
    """Something happened so close to a limit that either side of it would be right."""


class Reference:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.entries: dict[Key, Entry] = {}
        self.calls: list[Call] = []

    # What a request gets

    def arrive(self, request: Request, moment: Moment) -> Visit:
        try:
            controls = read(request.members, request.fields)
        except Refused as refusal:
            return Visit(request, Controls(), Answer(400, "error", param=str(refusal)))
        visit = Visit(request, controls)
        is_off = self.settings.is_opt_in and not controls.use_cache
        is_out = is_off or request.call_type not in self.settings.call_types
        if is_out or request.members.get("caching") is False:
            visit.reason = "bypass" if is_out else "request"
            self.pass_by(visit)
        elif request.call_type == "embedding":
            self.look_up_inputs(visit, moment)
        else:
            self.look_up_answer(visit, moment)
        return visit

    def look_up_answer(self, visit: Visit, moment: Moment) -> None:
        request, controls = visit.request, visit.controls
        key = (request.call_type, request.questions[0], controls.namespace)
        verdict, entry = self.judge(key, controls, moment)
        if verdict.is_served and entry.lacks_usage and request.needs_usage:
            verdict = Verdict.WITHOUT_USAGE
            visit.detail = "without-usage"
        if verdict.is_served:
            # One that must not be stored is not fetched for the cache.
            is_refreshed = verdict is Verdict.REVALIDATED and not controls.no_store
            visit.expected = self.hit(visit, entry, moment, "stale-while-revalidate" if is_refreshed else None)
            if is_refreshed and not self.shared(key):
                self.calls.append(Call(request, controls, key, [], is_shared=True, is_recorded=True))
            return
        visit.reason = verdict.reason
        visit.kept = entry if verdict is Verdict.KEPT else None
        if controls.only_if_cached:
            self.refuse(visit)
        else:
            self.go(visit, key)

    def go(self, visit: Visit, key: Key) -> None:
        """To the model, with others where that may be."""
        request, controls = visit.request, visit.controls
        if not controls.no_cache:
            shared = [call for call in self.shared(key) if call.request.tells_usage or not request.needs_usage]
            if shared:
                # One that tells the usage is preferred.
                max(shared, key=lambda call: call.request.tells_usage).followers.append(visit)
                return
        if controls.no_store:
            self.pass_by(visit)
        else:
            self.calls.append(Call(request, controls, key, [visit], not controls.no_cache, True))

    def pass_by(self, visit: Visit) -> None:
        """To the model, for an answer that is not stored."""
        if visit.controls.only_if_cached:
            self.refuse(visit)
        else:
            self.calls.append(Call(visit.request, visit.controls, None, [visit]))

    def refuse(self, visit: Visit) -> None:
        report = Report(False, visit.reason, detail=visit.detail or "only-if-cached")
        visit.expected = Answer(504, "error", report=report)

    def shared(self, key: Key) -> list[Call]:
        return [call for call in self.calls if call.is_shared and call.key == key]

    def judge(self, key: Key, controls: Controls, moment: Moment) -> tuple[Verdict, Entry | None]:
        if controls.no_cache:
            return Verdict.UNWANTED, None
        entry = self.entries.get(key)
        if entry is None:
            return Verdict.ABSENT, None
        verdicts = {entry.judge(age, controls) for age in entry.ages(moment)}
        if len(verdicts) > 1:
            raise Unclear(f"it is {' or '.join(verdict.value for verdict in verdicts)}")
        return verdicts.pop(), entry

    def hit(self, visit: Visit, entry: Entry, moment: Moment, detail: str | None) -> Answer:
        ages = entry.ages(moment)
        report = Report(True, detail=detail, ages=ages, left=(entry.ttl - ages[1], entry.ttl - ages[0]))
        return Answer(200, "events" if visit.request.is_stream else "json", sources=[entry.source], report=report)

    # Embeddings: each input has an entry of its own

    def look_up_inputs(self, visit: Visit, moment: Moment) -> None:
        for key in self.keys(visit):
            verdict, entry = self.judge(key, visit.controls, moment)
            # They are not refreshed in the background, nor kept in case the model fails.
            verdict = Verdict.EXPIRED if verdict is Verdict.REVALIDATED else verdict
            visit.parts.append(entry if verdict.is_served else None)
            if not verdict.is_served:
                # The reason of the last one is reported.
                visit.reason = verdict.reason
        if all(visit.parts):
            ages = [part.ages(moment) for part in visit.parts]
            left = [(part.ttl - high, part.ttl - low) for part, (low, high) in zip(visit.parts, ages, strict=True)]
            # The oldest of them, and the one that has the least time left.
            report = Report(True, ages=extreme(max, ages), left=extreme(min, left))
            visit.expected = self.embeddings(visit, "", report)
        elif visit.controls.only_if_cached:
            self.refuse(visit)
        else:
            is_partial = any(visit.parts)
            visit.detail = "partial-hit" if is_partial else None
            times = 2 if is_partial and visit.request.behaviour in calls.UNFIT else 1
            self.calls.append(Call(visit.request, visit.controls, None, [visit], is_recorded=True, times=times))

    def keys(self, visit: Visit) -> list[Key]:
        return [("embedding", question, visit.controls.namespace) for question in visit.request.questions]

    def embeddings(self, visit: Visit, source: str, report: Report) -> Answer:
        sources = [part.source if part else source for part in visit.parts]
        is_counted = not any(part.lacks_usage for part in visit.parts if part)
        is_counted &= not source or visit.request.behaviour != "uncounted"
        return Answer(200, "json", sources=sources, report=report, tokens=3 * len(sources) if is_counted else None)

    def settle_inputs(self, call: Call, moment: Moment) -> None:
        visit, = call.followers
        came = calls.outcome("well" if call.times > 1 else call.request.behaviour, False, False)
        if call.times > 1:
            # The answer did not fit, so all inputs were requested.
            visit.parts = [None] * len(visit.parts)
            visit.detail = None
        may_store = came.is_stored and self.stores(call.controls)
        visit.expected = self.came(visit, call, came, may_store)
        if came.form == "json" and any(visit.parts):
            visit.expected = self.embeddings(visit, call.request.tag, visit.expected.report)
        if may_store:
            for key, part in zip(self.keys(visit), visit.parts, strict=True):
                if part is None:
                    self.entries[key] = self.entry(call, moment)

    # The results of calls

    def leave(self, visit: Visit) -> None:
        """The client has gone before anything of the answer came."""
        visit.has_left = True
        for call in [call for call in self.calls if visit in call.followers]:
            others = [follower for follower in call.followers if not follower.has_left]
            goes_on = call.is_recorded and call.key is not None and self.settings.on_disconnect == "finish"
            # A refresh that was joined began without a client, and goes on without one.
            is_refresh = call.followers[0].request.tag != call.request.tag
            if not others and not goes_on and not is_refresh:
                self.calls.remove(call)

    def settle(self, call: Call, moment: Moment) -> None:
        """A call has ended."""
        self.calls.remove(call)
        if call.request.call_type == "embedding" and call.is_recorded:
            self.settle_inputs(call, moment)
        else:
            self.settle_answer(call, moment)

    def settle_answer(self, call: Call, moment: Moment) -> None:
        request = call.request
        whole = calls.outcome(request.behaviour, request.is_stream, request.is_stream)
        may_store = call.is_recorded and whole.is_stored and self.stores(call.controls)
        for visit in call.followers:
            came = calls.outcome(request.behaviour, request.is_stream, visit.request.is_stream)
            if came.is_excused and visit.kept:
                visit.expected = self.hit(visit, visit.kept, moment, "stale-if-error")
            else:
                visit.expected = self.came(visit, call, came, may_store)
        if may_store:
            self.entries[call.key] = self.entry(call, moment)

    def came(self, visit: Visit, call: Call, came: calls.Outcome, is_stored: bool) -> Answer:
        """What one who waited for a call gets of it."""
        is_first = visit.request is call.request
        # This is not known yet of a stream that is passed on as it is received.
        is_told = is_stored and is_first and came.form == "json"
        report = Report(False, visit.reason, is_told, not is_first, visit.detail)
        sources = self.sources(call, came)
        # An answer that is not passed on as it is received is converted to the form that is wanted.
        form = came.form
        if form == "json" and visit.request.is_stream and call.is_recorded:
            form = "events"
        return Answer(came.status, form, came.ending, sources, report)

    @staticmethod
    def sources(call: Call, came: calls.Outcome) -> list[str]:
        """Whose answer it is, once for each choice or embedding."""
        if not came.is_the_models:
            return []
        is_list = call.request.call_type == "embedding" and came.form == "json"
        is_short = call.request.behaviour == "too few" and call.times == 1
        return [call.request.tag] * ((len(call.request.questions) if is_list else 1) - is_short)

    def stores(self, controls: Controls) -> bool:
        return not controls.no_store and controls.ttl != 0

    def entry(self, call: Call, moment: Moment) -> Entry:
        settings = self.settings
        ttl = settings.ttl if call.controls.ttl is None else call.controls.ttl
        # A stream whose usage was asked for in vain serves those who ask as well: there is no better one.
        is_unasked = not call.request.tells_usage and call.request.behaviour in ("well", "usage withheld")
        lacks_usage = is_unasked or call.request.behaviour == "uncounted"
        return Entry(call.request.tag, moment, ttl, settings.revalidate, settings.on_error, lacks_usage)


def extreme(choose, spans: list[Moment]) -> Moment:
    return choose(low for low, _ in spans), choose(high for _, high in spans)
