"""Naming: what the parts of a rule are called in sentences for students."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ler_issuer.assessments import AssessorKind, ExperienceKind, plain
from ler_issuer.stacking.rules import Amount, HoldingRule, IncludesRule, Selection, Span, SumRule, Variety, WithinRule

ANYTHING = "anything"
"""What a leaf is called that selects nothing in particular."""

_LISTED = 4  # names that one phrase lists
_LONGEST = 80  # characters of a name that is taken from an id

_NOUNS = {
    Variety.EXPERIENCES: ("experience", "experiences"),
    Variety.EXPERIENCE_KINDS: ("kind of experience", "kinds of experience"),
    Variety.COURSES: ("course", "courses"),
    Variety.ASSESSORS: ("assessor", "assessors"),
    Variety.ASSESSOR_KINDS: ("kind of assessor", "kinds of assessor"),
    Variety.PARTNERS: ("partner", "partners"),
    Variety.SESSIONS: ("session", "sessions"),
}

ASSESSORS = {
    AssessorKind.FACULTY: "a member of faculty",
    AssessorKind.STAFF: "a member of staff",
    AssessorKind.SUPERVISOR: "a supervisor",
    AssessorKind.COMMUNITY_PARTNER: "a community partner",
    AssessorKind.PEER: "a peer",
    AssessorKind.AUTOMATED: "an automated assessor",
}
"""Who assesses."""


def title(rule: HoldingRule | SumRule, names: Mapping[str, str]) -> str:
    """Name what a leaf asks for: its label, else what it selects."""
    if rule.label is not None:
        return rule.label
    if rule.achievements:
        return _joined(_achievements(rule, names), _level(rule), _setting(rule), _assessed(rule), _issued(rule))
    if rule.experience_kinds:
        return _joined(_kinds(rule.experience_kinds), _level(rule), _assessed(rule), _issued(rule))
    return _joined(ANYTHING, _level(rule), _setting(rule), _assessed(rule), _issued(rule))


def included(rule: IncludesRule, count: int, names: Mapping[str, str]) -> str:
    """Write so many of what is to be included."""
    if rule.label is not None:
        return rule.label if count == 1 else f"{count} of {rule.label}"
    if rule.achievements:
        what = _joined(_achievements(rule, names), _level(rule), _setting(rule), _assessed(rule), _issued(rule))
        return f"{count} of {what}"
    if rule.experience_kinds or rule.except_experience_kinds:
        kinds = _kinds(rule.experience_kinds)
        where = "" if kinds else _setting(rule)
        return _joined(
            _counted(count, f"{kinds} experience".strip()), where, _level(rule), _assessed(rule), _issued(rule)
        )
    if rule.assessor_kinds:
        return _joined(_counted(count, "assessment"), f"by {_assessors(rule)}", _level(rule), _issued(rule))
    return _joined(_counted(count, "holding"), _level(rule), _issued(rule))


def number(of: Decimal) -> str:
    """Write a number without needless digits."""
    return plain(of)


def amount(of: Decimal, what: Amount, more: str = "") -> str:
    """Write hours or credits; `more` goes between the number and the noun."""
    one, many = ("hour", "hours") if what is Amount.HOURS else ("credit", "credits")
    return f"{plain(of)} {more}{one if of == 1 else many}"


def different(count: int, what: Variety) -> str:
    """Write how many different ones there are."""
    one, many = _NOUNS[what]
    return f"1 {one}" if count == 1 else f"{count} different {many}"


def more_different(count: int, what: Variety) -> str:
    """Write how many different ones are missing."""
    one, many = _NOUNS[what]
    return f"another {one}" if count == 1 else f"{count} more {many}"


def within(rule: WithinRule) -> str:
    """Write that all lies within a window."""
    many, noun = next(
        (many, noun) for many, noun in ((rule.years, "year"), (rule.months, "month"), (rule.days, "day")) if many
    )
    if rule.of is Span.NOW:
        return f"in the last {noun if many == 1 else f'{many} {noun}s'}"
    return f"all within {f'a {noun}' if many == 1 else f'{many} {noun}s'}"


def listed(parts: Iterable[str], by: str = ", ", most: int = _LISTED) -> str:
    """List some, each once, and say how many more there are."""
    each = list(dict.fromkeys(parts))
    more = len(each) - most
    return by.join(each[:most]) + (f"{by}{more} more" if more > 0 else "")


def spoken(key: str) -> str:
    """Write a key as words."""
    return re.sub(r"[-_.\s]+", " ", key).strip() or key


def capital(words: str) -> str:
    """Begin with a capital letter."""
    return words[:1].upper() + words[1:]


def called(reference: str, names: Mapping[str, str]) -> str:
    """Name an achievement or an issuer: as the rule says, else by the last part of its id, as words."""
    if reference in names:
        return names[reference]
    parts = [part for part in re.split(r"[/#:?]", reference) if part]
    return capital(spoken(parts[-1] if parts else reference))[:_LONGEST]


def _achievements(rule: Selection, names: Mapping[str, str]) -> str:
    return listed((called(one, names) for one in rule.achievements), " or ")


def _level(rule: Selection) -> str:
    return "" if rule.level is None else f"({capital(spoken(rule.level))} or above)"


def _setting(rule: Selection) -> str:
    """Say where it is to be earned."""
    if rule.experience_kinds:
        return f"in {_kinds(rule.experience_kinds)}"
    if rule.except_experience_kinds == (ExperienceKind.COURSE,):
        return "outside the classroom"
    return f"other than in {_kinds(rule.except_experience_kinds)}" if rule.except_experience_kinds else ""


def _assessed(rule: Selection) -> str:
    return f"assessed by {_assessors(rule)}" if rule.assessor_kinds else ""


def _assessors(rule: Selection) -> str:
    return " or ".join(ASSESSORS[one] for one in dict.fromkeys(rule.assessor_kinds))


def _issued(rule: Selection) -> str:
    return f"from {listed((called(one, {}) for one in rule.issuers), ' or ')}" if rule.issuers else ""


def _kinds(kinds: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(map(spoken, kinds)))


def _counted(count: int, noun: str) -> str:
    """Write a noun with its number."""
    if count == 1:
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    return f"{count} {noun}s"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
