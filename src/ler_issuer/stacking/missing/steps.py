"""Next steps: the parts that are missing, in a form for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from ler_issuer.assessments import AssessorKind, ExperienceKind, plain
from ler_issuer.stacking.holdings import RecognitionKind
from ler_issuer.stacking.missing.asking import Asked
from ler_issuer.stacking.rules import Variety

if TYPE_CHECKING:
    from ler_issuer.types import JsonObject, Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """What a holding has to be like: any one of each; empty (or None) where anything will do, also what is unknown.

    `level` is the lowest overall level that will do.
    """

    achievements: tuple[str, ...] = ()
    except_achievements: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    level: str | None = None
    experience_kinds: tuple[ExperienceKind, ...] = ()
    assessor_kinds: tuple[AssessorKind, ...] = ()

    @classmethod
    def of(cls, asked: Asked) -> Like:
        """Say what is asked, kinds in their usual order."""
        return cls(
            achievements=asked.achievements or (),
            except_achievements=asked.but,
            issuers=asked.issuers or (),
            level=asked.level,
            experience_kinds=tuple(kind for kind in ExperienceKind if kind in (asked.experience_kinds or ())),
            assessor_kinds=tuple(kind for kind in AssessorKind if kind in (asked.assessor_kinds or ())),
        )

    def asked(self) -> Asked:
        """Give the same for comparing."""
        return Asked(
            self.achievements or None,
            self.except_achievements,
            self.issuers or None,
            self.level,
            frozenset(self.experience_kinds) or None,
            frozenset(self.assessor_kinds) or None,
        )

    def to_json(self) -> JsonObject:
        """Give what is asked, in JSON; what is not asked is left out."""
        said: JsonObject = {}
        if self.achievements:
            said["achievements"] = list(self.achievements)
        if self.except_achievements:
            said["except_achievements"] = list(self.except_achievements)
        if self.issuers:
            said["issuers"] = list(self.issuers)
        if self.level is not None:
            said["level"] = self.level
        if self.experience_kinds:
            said["experience_kinds"] = [one.value for one in self.experience_kinds]
        if self.assessor_kinds:
            said["assessor_kinds"] = [one.value for one in self.assessor_kinds]
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """New holdings of one kind, `times` of them.

    In what is `different`, each differs from all that counts already and from the others. `hours` and `credits` are
    the least that it has to bring. `after` are the places of parts that have to be earned before. `accepts` are grounds
    on which a recognition will do as well. `serves` are the places of the rule that it is for.
    """

    like: Like
    times: int = 1
    after: tuple[int, ...] = ()
    different: tuple[Variety, ...] = ()
    hours: Decimal | None = None
    credits: Decimal | None = None
    accepts: tuple[RecognitionKind, ...] = ()
    enrolled: bool = False
    serves: tuple[Pointer, ...] = ()
    sentence: str = ""

    def to_json(self) -> JsonObject:
        """Give the part in JSON."""
        said: JsonObject = {"sentence": self.sentence, "times": self.times, "achievements": [], **self.like.to_json()}
        if self.different:
            said["different"] = [one.value for one in self.different]
        said |= _amounts(self.hours, self.credits)
        if self.after:
            said["after"] = list(self.after)
        if self.accepts:
            said["accepts"] = [one.value for one in self.accepts]
        return said | {"enrolled": self.enrolled, "serves": list(self.serves)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jointly:
    """What is asked of some parts together, `parts` by their place, whichever of them it is that does it.

    At least `minimum` of their holdings are different in something, or are like something; or they bring hours or
    credits, together, all that do being like something.
    """

    parts: tuple[int, ...]
    minimum: int = 1
    different: Variety | None = None
    like: Like = Like()
    hours: Decimal | None = None
    credits: Decimal | None = None
    sentence: str = ""

    def to_json(self) -> JsonObject:
        """Give the condition in JSON."""
        said: JsonObject = {"sentence": self.sentence, "parts": list(self.parts), "minimum": self.minimum}
        if self.different is not None:
            said["different"] = self.different.value
        return said | self.like.to_json() | _amounts(self.hours, self.credits)


@dataclass(frozen=True, slots=True)
class NextSteps:
    """A minimal set of missing parts: with all of them the rule is met, and none of them can be left out.

    `assessments` counts the holdings that it takes, `enrolled` those of them in what the learner is enrolled in.
    `effort` is `assessments`, with hours and credits that are partly there counted in proportion.
    """

    parts: tuple[MissingPart, ...]
    jointly: tuple[Jointly, ...]
    assessments: int
    enrolled: int
    effort: Fraction
    sentence: str

    def to_json(self) -> JsonObject:
        """Give the set in JSON."""
        return {
            "sentence": self.sentence,
            "assessments": self.assessments,
            "enrolled": self.enrolled,
            "parts": [one.to_json() for one in self.parts],
            "jointly": [one.to_json() for one in self.jointly],
        }


def _amounts(hours: Decimal | None, credit: Decimal | None) -> JsonObject:
    told = {"hours": hours, "credits": credit}
    return {name: plain(amount) for name, amount in told.items() if amount is not None}
