"""Issue templates: badges of one achievement for one learner after the other, without composing each anew.

A badge is drafted (`composing.draft`), and where its shape is known only what is the learner's own is looked at. The
exemplar of a template is a draft like any other, so there is one description of a badge and no second one to keep up.

**Conformance.** The exemplar passed every check of `conformance.nonconformities`. Of what stands in the slots of `FORM`
these checks read no more than this, and it is seen to for every badge: that it is text, and instants are instants
(`vc.templates`); that it has no control characters, and ids are absolute IRIs (the same); and that the results refer to
what the achievement describes, and stay within it (`references.disagree`). All else that they read is the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from ler_issuer.badges.achievements import achievement_document
from ler_issuer.badges.conformance import nonconformities
from ler_issuer.badges.references import disagree, foreseen
from ler_issuer.vc import Form, NotTemplated, Shelf, Slot, Template, read_shape, template

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges.achievements import PublishedAchievement
    from ler_issuer.badges.composing import Draft
    from ler_issuer.badges.references import Described
    from ler_issuer.badges.verification import Rulebook
    from ler_issuer.vc import Filled, KeyKind

FORM: Final[Form] = {
    "id": Slot.IRI,
    "validFrom": Slot.INSTANT,
    "awardedDate": Slot.INSTANT,
    "validUntil": Slot.INSTANT,
    "credentialSubject": {
        "id": Slot.IRI,
        "identifier": {"identityHash": Slot.TEXT, "salt": Slot.TEXT},
        "activityStartDate": Slot.INSTANT,
        "activityEndDate": Slot.INSTANT,
        "role": Slot.TEXT,
        "term": Slot.TEXT,
        "result": {"achievedLevel": Slot.IRI, "value": Slot.TEXT},
    },
    "evidence": {
        "id": Slot.IRI,
        "name": Slot.TEXT,
        "description": Slot.TEXT,
        "narrative": Slot.TEXT,
        "genre": Slot.TEXT,
        "audience": Slot.TEXT,
    },
    "credentialStatus": {"id": Slot.IRI, "statusListIndex": Slot.TEXT, "statusListCredential": Slot.IRI},
}
"""Where the badges of one achievement vary; a member that is not in here belongs to the shape."""


@dataclass(frozen=True, slots=True)
class BadgeTemplate:
    """A template for badges of one achievement, and what their results may say.

    It holds on to the achievement, so that no other one comes to have its identity, by which the template is found.
    """

    template: Template
    described: Described
    achievement: PublishedAchievement


Badges: TypeAlias = Shelf[BadgeTemplate]
"""The templates of one process."""


def fill(
    draft: Draft,
    shelf: Badges,
    *,
    cryptosuite: str,
    kind: KeyKind,
    verification_method: str,
    created: datetime,
    rules: Rulebook,
) -> Filled | None:
    """Check a badge by the template of its shape, and fix what will be signed; None where none covers it.

    What comes of it is to the byte what `nonconformities`, `prepare` and `seal` make of the whole badge. None says
    nothing against a badge: it is to take that way.
    """
    if "relatedResource" in draft.short:  # a stacked credential is like no other
        return None
    shown, issuer = draft.achievement, draft.issuer
    try:
        reading = read_shape(draft.short, FORM)
        key = (id(shown.definition), shown.id_url, shown.image_url, issuer, verification_method, kind, cryptosuite)
        compiled = partial(
            _compiled,
            draft,
            cryptosuite=cryptosuite,
            kind=kind,
            verification_method=verification_method,
            created=created,
            rules=rules,
        )
        found = shelf.get((*key, reading.shape), compiled)
        if found is None or disagree(draft.short["credentialSubject"].get("result", ()), found.described):
            return None
        return found.template.fill(reading.values, created)
    except NotTemplated:
        return None


def _compiled(
    draft: Draft, *, cryptosuite: str, kind: KeyKind, verification_method: str, created: datetime, rules: Rulebook
) -> BadgeTemplate:
    if nonconformities(draft.whole(), rules.schemas):
        raise NotTemplated("the exemplar does not conform")
    made = template(
        draft.short,
        form=FORM,
        whole=draft.whole,
        cryptosuite=cryptosuite,
        kind=kind,
        verification_method=verification_method,
        created=created,
        contexts=rules.contexts,
    )
    return BadgeTemplate(made, foreseen(achievement_document(draft.achievement, draft.told)), draft.achievement)
