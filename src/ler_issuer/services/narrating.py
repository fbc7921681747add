"""Narrating: a story as one page of plain text, for a learner and a registrar to read."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ler_issuer.services.days import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.services.stories import CaseStory, PartStory, RatingStory, ResultStory, Story
    from ler_issuer.types import JsonObject

WIDTH = 100
"""The longest line of a page."""

_STANDS = {
    "current": "It stands.",
    "expired": "It has expired.",
    "not_yet_valid": "It is not valid yet.",
    "suspended": "It is suspended for now.",
    "revoked": "It was taken back.",
    "superseded": "Another one took its place.",
}
_RATERS = {
    "faculty": "a member of the faculty",
    "staff": "a member of staff",
    "supervisor": "a supervisor at the workplace",
    "community_partner": "a community partner",
    "peer": "a fellow learner",
    "automated": "an automatic system",
}
_ACTS = {
    "revoke": "It was taken back",
    "suspend": "It was suspended",
    "reinstate": "It was let stand again",
    "supersede": "Another one took its place",
}
_COUNTS_NO_MORE = {
    "corrected": "It was corrected since and counts no more.",
    "withdrawn": "It was withdrawn since and counts no more.",
    "import_undone": "The file it came in was taken back since, so it counts no more.",
}
_STATUS = {"exempt": "The learner was exempt from this one."}
_OVERALL = {
    "lowest": "The overall level is the lowest of all criteria that apply.",
    "mean": "The overall level is the mean of all criteria that apply.",
    "mode": "The overall level is the most frequent one among the criteria that apply.",
    "holistic": "The overall level is given by whoever rates.",
}
_SINCE = {
    "confirm": "What it rests on was corrected. It would say the same, so it stands.",
    "keep": "What it rests on was corrected. It was kept as it is.",
    "suspend": "What it rests on was corrected. It was suspended until somebody has looked.",
    "revoke": "What it rests on was corrected. It was taken back.",
    "withdraw": "What it rested on counts no more.",
}
_GROUNDS = {
    "transfer": "It was earned elsewhere and transferred.",
    "prior_learning": "It was recognised for what the learner knew and could do before.",
}
_POLICIES = {
    "keep": "The rule says that it is kept all the same.",
    "review": "Somebody is to look at it.",
    "suspend": "It is suspended until somebody has looked at it.",
    "revoke": "The rule says that it is taken back, or issued anew on what still counts.",
}
_ENDINGS = {
    "": "nothing had to be done",
    "keep": "it was kept",
    "reissue": "it was issued anew on what counts",
    "revoke": "it was taken back",
    "restored": "what was missing counts again",
}
_REASONS = {
    "facts_corrected": "what it rests on was corrected",
    "facts_confirmed": "what it rests on proved right",
    "corrected": "it was corrected",
    "better_attempt": "a later attempt did better",
    "import_undone": "the file it came in was taken back",
    "predecessor_suspended": "the one before was suspended",
    "part_revoked": "a part of it was taken back",
    "part_suspended": "a part of it was suspended",
    "part_expired": "a part of it has expired",
    "part_corrected": "a part of it was corrected",
    "part_lost": "a part of it no longer counts",
    "part_questioned": "a part of it is in question",
    "part_restored": "the part counts again",
    "rule_changed": "its rule has changed",
    "policy": "the rule says so",
}


def page(story: Story) -> str:
    """Write a story as one page of text with lines of at most `WIDTH` characters."""
    return "\n".join(_Page(story).lines()).rstrip() + "\n"


def _because(code: str | None) -> str:
    """Say why, in words where there are some for the code; somebody else's code stands as it is."""
    if code is None:
        return ""
    return f", because {_REASONS[code]}" if code in _REASONS else f" (reason: {code})"


def _wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    begin = indent if first is None else first
    return textwrap.wrap(text, WIDTH, initial_indent=begin, subsequent_indent=indent, break_on_hyphens=False)


class _Page:
    """A page in the making."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def lines(self) -> Iterator[str]:
        """Give the lines of the page."""
        yield from _wrapped(self._story.credential.name.upper())
        yield from _wrapped(f"Issued by {self._story.issuer}")
        for heading, told in (
            ("In short", self._in_short()),
            ("What was assessed", self._assessed()),
            ("The scale it was rated on", self._scale()),
            ("How the parts add up", self._parts()),
            ("What was recognised", self._recognised()),
            ("Why that earned it", self._why()),
            ("What happened since", self._since()),
            ("What rests on it", self._above()),
            ("Questions that were raised", self._questions(self._story.cases)),
        ):
            body = list(told)
            if body:
                yield from ("", heading, "-" * len(heading), *body)

    def _day(self, moment: datetime) -> str:
        day = day_of(moment, self._story.zone)
        return f"{day.day} {day:%B} {day.year}"

    def _in_short(self) -> Iterator[str]:
        told = self._story.credential
        earned, issued = self._day(told.earned_at), self._day(told.issued_at)
        until = "" if told.valid_until is None else f" It is valid until {self._day(told.valid_until)}."
        level = "" if told.level is None else f" The level reached is {told.level}."
        stands = _STANDS[told.standing]
        yield from _wrapped(f"{told.name} was earned on {earned} and issued on {issued}. {stands}{until}{level}")
        yield from _wrapped(f"What it says: {told.description}")
        for other, words in ((told.replaces, "It took the place of"), (told.replaced_by, "Its place was taken by")):
            if other is not None:
                yield from _wrapped(f"{words} another credential{_because(other.reason_code)}.")
                yield from _wrapped(f"The other one's story: {_path(other.explain)}")

    # ── What it rests on ─────────────────────────────────────────────────────────────────────────────────────────────
    def _assessed(self) -> Iterator[str]:
        for number, result in enumerate(self._story.results, 1):
            yield from self._result(number, result)

    def _result(self, number: int, result: ResultStory) -> Iterator[str]:
        indent, rater = "   ", _RATERS[result.rated_by]
        what = "" if result.assessment is None else f": {result.assessment}"
        attempt = "" if result.attempt == 1 else f", attempt {result.attempt}"
        yield from _wrapped(
            f"On {self._day(result.assessed_at)}, by {rater}{what}{attempt}", indent, first=f"{number}. "
        )
        recorded = self._day(result.recorded_at)
        yield from _wrapped(f"Sent by {result.source} as {result.source_id}, recorded on {recorded}.", indent)
        for words in (_setting(result.participation), _class(result.section), _STATUS.get(result.status)):
            yield from _wrapped(words or "", indent)
        for rating in result.ratings:
            yield from _wrapped(_rating(rating), f"{indent}    ", first=f"{indent}- ")
        if result.overall is not None:
            yield from _wrapped(f"Overall: {result.overall}", indent)
        if result.score is not None:
            scale = self._story.score_range
            between = "" if scale is None else f" (possible: {scale['minimum']} to {scale['maximum']})"
            yield from _wrapped(f"Score: {result.score}{between}", indent)
        yield from _wrapped(_COUNTS_NO_MORE.get(result.because or "", ""), indent)

    def _scale(self) -> Iterator[str]:
        rubric = self._story.rubric
        if rubric is None:
            return
        yield from _wrapped("The levels, from the lowest to the highest:")
        for number, level in enumerate(rubric["levels"], 1):
            yield from _wrapped(_described(level), "     ", first=f"  {number}. ")
        yield from _wrapped("The criteria:")
        for criterion in rubric["criteria"]:
            yield from _wrapped(_described(criterion), "    ", first="  - ")
        yield from _wrapped(_OVERALL[rubric["overall"]])

    def _parts(self) -> Iterator[str]:
        stack = self._story.stack
        if stack is None:
            return
        looked = self._day(stack.evaluated_at)
        yield from _wrapped(f"The rule is {stack.name}, version {stack.version}, looked at on {looked}. Its text is at")
        yield from _wrapped(stack.rule, "  ")
        named = {part.credential_id: part for part in stack.parts}
        for number, requirement in enumerate(stack.requirements, 1):
            words = requirement.sentence.removeprefix("Earned: ")
            if requirement.name not in words:
                words = f"{requirement.name}: {words}"
            yield from _wrapped(words, "   ", first=f"{number}. ")
            for part in (named[one] for one in requirement.parts):
                yield from self._part(part)

    def _part(self, part: PartStory) -> Iterator[str]:
        level = "" if part.level is None else f", {part.level}"
        kind = "" if part.experience_kind is None else f", {part.experience_kind.replace('_', ' ')}"
        words = f"{part.name}{level}{kind}, earned on {self._day(part.earned_at)}. {_STANDS[part.standing]}"
        yield from _wrapped(words, "     ", first="   - ")
        yield from _wrapped(part.sentence, "     ")
        yield from _wrapped(f"Its own story: {_path(part.explain)}", "     ")

    def _recognised(self) -> Iterator[str]:
        told = self._story.recognition
        if told is None:
            return
        yield from _wrapped(f"{_GROUNDS[told.kind]} That was recorded on {self._day(told.recorded_at)}.")
        if told.achievement is not None:
            yield from _wrapped(f"Elsewhere it is {told.achievement}")
        if told.issuer is not None:
            yield from _wrapped(f"Awarded there by {told.issuer}")
        if told.withdrawn_at is not None:
            yield from _wrapped(f"The recognition was withdrawn on {self._day(told.withdrawn_at)}.")

    def _why(self) -> Iterator[str]:
        decision = self._story.decision
        if self._story.grounds != "results" or not decision.requirements:
            yield from _wrapped(decision.sentence)
        else:
            for requirement in decision.requirements:
                yield from _wrapped(f"{requirement[:1].upper()}{requirement[1:]}.", "  ", first="- ")
        version = self._story.credential.version
        yield from _wrapped(f"Decided on {self._day(decision.decided_at)}, under version {version} of the achievement.")

    # ── What became of it ────────────────────────────────────────────────────────────────────────────────────────────
    def _since(self) -> Iterator[str]:
        for act in self._story.credential.history:
            words = f"On {self._day(act.at)}: {_ACTS[act.act]}{_because(act.reason_code)}."
            yield from _wrapped(words, "  ", first="- ")
        since = self._story.since
        if since is not None and since.consequence in _SINCE:
            yield from _wrapped(f"On {self._day(since.decided_at)}: {_SINCE[since.consequence]}", "  ", first="- ")

    def _above(self) -> Iterator[str]:
        for above in self._story.rests_on_it:
            yield from _wrapped(f"{above.name}. {_STANDS[above.standing]}", "  ", first="- ")
            yield from _wrapped(f"Its own story: {_path(above.explain)}", "  ")
            yield from self._questions(above.cases, "  ")

    def _questions(self, cases: tuple[CaseStory, ...], indent: str = "") -> Iterator[str]:
        for case in sorted(cases, key=lambda one: one.opened_at):
            yield from _wrapped(" ".join(self._question(case)), f"{indent}  ", first=f"{indent}- ")

    def _question(self, case: CaseStory) -> Iterator[str]:
        yield f"On {self._day(case.opened_at)} a question was raised{_because(case.reason_code)}."
        stack = self._story.stack
        names = {} if stack is None else {part.credential_id: part.name for part in stack.parts}
        for part in case.parts:
            if part["credential"] in names:
                why = "" if part["because"] == case.reason_code else _because(part["because"])
                yield f"The part is {names[part['credential']]}{why}."
        if case.resolved_at is None:
            yield _POLICIES[case.policy]
            if case.deadline is not None:
                yield f"That is to be done by {self._day(case.deadline)}."
            return
        ending = _ENDINGS[case.resolution or ""]
        yield f"That was settled on {self._day(case.resolved_at)}: {ending}{_because(case.resolution_code)}."


def _path(address: str) -> str:
    """Give an address of ours from the first slash on: with the host, it would not fit on a line."""
    return "/" + address.split("/", 3)[3]


def _described(thing: JsonObject) -> str:
    description = thing.get("description")
    return str(thing["name"]) if description is None else f"{thing['name']}: {description}"


def _rating(rating: RatingStory) -> str:
    if rating.not_applicable:
        return f"{rating.criterion}: does not apply"
    place = "" if rating.place is None else f" (level {rating.place} of {rating.places})"
    return f"{rating.criterion}: {rating.level}{place}"


def _setting(part: JsonObject | None) -> str | None:
    """Say in what setting it was: the kind of experience, its name, the partner, the role, the hours."""
    if part is None:
        return None
    place = part["experience"]
    words = [f"Setting: {place['kind'].replace('_', ' ')}"]
    words += [str(place["name"])] if "name" in place else []
    words += [f"with {place['partner']}"] if "partner" in place else []
    words += [f"as {part['role']}"] if "role" in part else []
    words += [f"{part['hours']} hours"] if "hours" in part else []
    return ", ".join(words)


def _class(section: JsonObject | None) -> str | None:
    """Say in which class it was: its title, course and session, as far as they were told."""
    if section is None:
        return None
    course, session = section.get("course", {}), section.get("session", {})
    told = (
        section.get("title", section["source_id"]),
        course.get("title", course.get("source_id")),
        session.get("title", session.get("source_id")),
    )
    return "Class: " + ", ".join(dict.fromkeys(str(one) for one in told if one is not None))
