"""Wording: what is missing, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ler_issuer.assessments import ExperienceKind
from ler_issuer.stacking import naming
from ler_issuer.stacking.missing.steps import Jointly, Like, MissingPart
from ler_issuer.stacking.rules import Amount, Variety

_OUTSIDE: Final = frozenset(ExperienceKind) - {ExperienceKind.COURSE}
_MOST_NAMED: Final = 4  # kinds of experience that are named; with more of them, those that will not do
_OFTEN: Final = {1: "once", 2: "twice"}
_LISTED: Final = 6  # names in one sentence

_WHERE: Final[Mapping[Variety, tuple[str, str, str]]] = {
    Variety.EXPERIENCES: ("in", "experience", "experiences"),
    Variety.EXPERIENCE_KINDS: ("in", "kind of experience", "kinds of experience"),
    Variety.COURSES: ("in", "course", "courses"),
    Variety.ASSESSORS: ("assessed by", "person", "people"),
    Variety.ASSESSOR_KINDS: ("assessed by", "kind of assessor", "kinds of assessor"),
    Variety.PARTNERS: ("with", "partner", "partners"),
    Variety.SESSIONS: ("in", "session", "sessions"),
}


@dataclass(frozen=True, slots=True)
class About:
    """What sentences need to know besides: what a part is called, and whether some of it is there.

    `adds_up` says to what, of a part that does nothing else; `top` that no level is higher than the one asked for.
    """

    name: str
    again: bool = False
    adds_up: Amount | None = None
    top: bool = False


def part(one: MissingPart, about: About, *, but: Collection[Variety] = ()) -> str:
    """Say what to earn; `but` is left to what is said about several parts."""
    said = [_amount_of(one, about) if about.adds_up else _times(one, about)]
    level = one.like.level
    if level is not None and naming.spoken(level).casefold() not in about.name.casefold():
        said[0] += f" at {naming.capital(naming.spoken(level))}{'' if about.top else ' or above'}"
    like = replace(one.like, experience_kinds=()) if about.adds_up else one.like
    said.extend(_settings(like, [variety for variety in one.different if variety not in but], each=one.times > 1))
    if one.like.issuers:
        said.append(f"from {_any(naming.called(issuer, {}) for issuer in one.like.issuers)}")
    if not about.adds_up:
        said.extend(f"with at least {amount}" for amount in _amounts(one))
    if one.accepts:
        said.append(f"or have it recognised ({_any(map(naming.spoken, one.accepts))})")
    return ", ".join(said)


def jointly(one: Jointly, whose: str, *, fresh: bool, names: Mapping[str, str]) -> str:
    """Say what is asked of some parts together; `whose` are they, unless all are meant.

    `fresh` says that nothing that is there counts yet; `names` are those of achievements.
    """
    some = f"{whose} " if whose else ""
    if amounts := _amounts(one):
        kinds = f" of {_any(map(naming.spoken, one.like.experience_kinds))}" if one.like.experience_kinds else ""
        return f"{some}with at least {' and '.join(amounts)}{kinds} in all"
    if one.different is None:
        return f"at least {_number(one.minimum)} of {whose or 'them'} {_what(one.like, names)}"
    where, noun, nouns = _WHERE[one.different]
    if fresh:
        return f"{some}{where} at least {one.minimum} different {nouns}"
    others = f"another {noun}" if one.minimum == 1 else f"{one.minimum} other {nouns}"
    return f"at least {_number(one.minimum)} of {whose or 'them'} {where} {others}"


def different(what: Variety, count: int, whose: str) -> str:
    """Say that parts are to differ from each other in something."""
    where, _, nouns = _WHERE[what]
    return f"{whose} {where} {count} different {nouns}".lstrip()


def steps(parts: Sequence[str], after: Sequence[Sequence[int]], conditions: Sequence[str]) -> str:
    """Say a whole set: what to earn, in which order, and what is asked of parts together.

    `after` tells for each part which others, named before it, have to be earned first.
    """
    turns: list[int] = []
    for earlier in after:
        turns.append(max((turns[one] + 1 for one in earlier), default=0))
    if not any(turns):
        whole = f"Earn {_several(parts)}"
        return f"{('; ' if '; ' in whole else ', ').join([whole, *conditions])}."
    needed = {one for earlier in after for one in earlier}
    free = [place for place in range(len(parts)) if not after[place] and place not in needed]
    said = [
        _several([words for place, words in enumerate(parts) if turns[place] == turn and place not in free])
        for turn in range(max(turns) + 1)
    ]
    whenever = [f"at any time {_several([parts[place] for place in free])}"] if free else []
    in_order = f"First earn {'; then '.join(said)}"
    return f"{'; '.join([in_order, *whenever, *conditions])}."


def together(names: Iterable[str]) -> str:
    """Name some parts, once each."""
    return naming.listed(names, " and ", _LISTED)


# ── Parts of sentences ───────────────────────────────────────────────────────────────────────────────────────────────
def _times(one: MissingPart, about: About) -> str:
    return f"{about.name} {_often(one.times, about)}"


def _often(times: int, about: About) -> str:
    more = " more" if about.again else ""
    return f"{_OFTEN[times]}{more}" if times in _OFTEN else f"{times}{more} times"


def _amount_of(one: MissingPart, about: About) -> str:
    """Say how many hours or credits more, and where they can come from."""
    said = " and ".join(_amounts(one, "more " if about.again else ""))
    said = said or str(about.adds_up)  # how many is said of several parts together
    if one.like.achievements or one.like.except_achievements:
        said += f" of {about.name}"
    said += "".join(
        f" {where}" for where in _settings(Like(experience_kinds=one.like.experience_kinds), (), each=False)
    )
    return said if one.times == 1 else f"{said}, {_often(one.times, about)}"


def _amounts(one: MissingPart | Jointly, more: str = "") -> list[str]:
    told = ((one.hours, Amount.HOURS), (one.credits, Amount.CREDITS))
    return [naming.amount(amount, of, more) for amount, of in told if amount is not None]


def _settings(like: Like, different: Sequence[Variety], *, each: bool) -> Iterator[str]:
    """Say where, and assessed by whom."""
    kinds, assessors = _kinds(like), _any(naming.ASSESSORS[one] for one in like.assessor_kinds)
    for variety in different:
        where, noun, _ = _WHERE[variety]
        said = f"{'each ' if each else ''}{where} another {noun}"
        if variety is Variety.EXPERIENCES and kinds:
            said, kinds = f"{said} {kinds}", ""
        if variety is Variety.ASSESSORS and assessors:
            said, assessors = f"{said}, {assessors}", ""
        yield said
    if kinds:
        yield f"in an experience {kinds}" if len(like.experience_kinds) > _MOST_NAMED else kinds
    if assessors:
        yield f"assessed by {assessors}"


def _kinds(like: Like) -> str:
    """Say in which kinds of experience: by name, or when there are many, in which not."""
    if len(like.experience_kinds) <= _MOST_NAMED:
        return f"in {_any(map(naming.spoken, like.experience_kinds))}" if like.experience_kinds else ""
    if frozenset(like.experience_kinds) == _OUTSIDE:
        return "outside the classroom"
    but = [naming.spoken(kind) for kind in ExperienceKind if kind not in like.experience_kinds]
    return f"other than {_any(but)}" if but else "of a known kind"


def _what(like: Like, names: Mapping[str, str]) -> str:
    """Say what some of several parts have to be like."""
    said = [_any(naming.called(one, names) for one in like.achievements)] if like.achievements else []
    if like.level is not None:
        said.append(f"at {naming.capital(naming.spoken(like.level))} or above")
    said.extend(_settings(like, (), each=False))
    if like.issuers:
        said.append(f"from {_any(naming.called(one, {}) for one in like.issuers)}")
    return " ".join(said)


def _several(parts: Sequence[str]) -> str:
    """List parts; where one of them has a comma of its own, more clearly."""
    if len(parts) == 1:
        return parts[0]
    if any(", " in one for one in parts):
        return "; ".join([*parts[:-1], f"and {parts[-1]}"])
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _any(words: Iterable[str]) -> str:
    return naming.listed(words, " or ", _LISTED)


def _number(count: int) -> str:
    return "one" if count == 1 else str(count)
