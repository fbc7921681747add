"""Sample stacks: two skills, the competency that they add up to, and the record that bundles all three.

Everything is signed with a key that its issuer's DID holds itself, so that anybody can verify it without asking.
"""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache

from badges.samples import ASSESSED, AWARD, LEARNER, NOW, entry, published
from ler_issuer.badges import (
    AwardFacts,
    Derivation,
    IssuerProfile,
    Part,
    PublishedAchievement,
    Requirement,
    associations_of,
    compose_record,
    draft,
    part_digest,
)
from signing import SELF_ISSUED, signed

SITE = "https://cred.example.edu"
RULE = f"{SITE}/rules/01JC/versions/2"
RULE_DIGEST = "5f" * 32
ISSUED = NOW.replace(microsecond=0)
RECORDED = ISSUED + timedelta(days=1)
ISSUER = IssuerProfile(id=SELF_ISSUED.subject, name="University", url="https://www.example.edu/")


def achievement(key, **changes):
    """Publish an achievement under an id of its own."""
    url = f"{SITE}/achievements/{key}"
    definition = published(key=key, name=key.capitalize(), image=None, **changes).definition
    return PublishedAchievement(url, "1", f"{url}/versions/1", definition)


WRITING, SPEAKING = achievement("writing"), achievement("speaking")
STACK = achievement("communication", award=None, rubric=None, score=None, credits=None)


def urn(number):
    return f"urn:uuid:0b9e7f0a-3f6c-4f0e-9c57-{number:012}"


def issued(award, number, of, *, subject=LEARNER, derivation=None):
    """Compose and sign a credential."""
    document = draft(
        award,
        achievement=of,
        issuer=ISSUER,
        subject=subject,
        entries=[entry(index=number)],
        credential_id=urn(number),
        now=ISSUED,
        derivation=derivation,
    ).whole()
    return signed(document, SELF_ISSUED, created=ISSUED)


@cache
def _parts(subject):
    return issued(AWARD, 1, WRITING, subject=subject), issued(AWARD, 2, SPEAKING, subject=subject)


def parts(subject=LEARNER):
    """Give the two credentials that add up."""
    return [rearranged(one) for one in _parts(subject)]


def derivation(shown=None, **changes):
    """Say that the parts add up, each meeting a requirement of its own."""
    writing, speaking = parts() if shown is None else shown
    told = {
        "rule": RULE,
        "rule_name": "Communication",
        "rule_digest": RULE_DIGEST,
        "evaluated_at": ISSUED,
        "sentence": "Both requirements are met.",
        "requirements": (
            Requirement("/rule/rules/0", "Writing", "Writing is met: 1 of 1.", (writing["id"],)),
            Requirement("/rule/rules/1", "Speaking", "Speaking is met: 1 of 1.", (speaking["id"],)),
        ),
        "parts": tuple(Part(one["id"], part_digest(one), one["name"], ASSESSED) for one in (writing, speaking)),
    }
    return Derivation(**told | changes)


def stack(derived=None, *, subject=LEARNER, number=3):
    """Give the credential that the parts add up to."""
    told = derivation(parts(subject)) if derived is None else derived
    return issued(AwardFacts(assessed_at=ASSESSED), number, STACK, subject=subject, derivation=told)


def record(members=None, *, subjects=(LEARNER,), **changes):
    """Give the unsigned record that bundles the parts and the stack."""
    bundled = [*parts(subjects[0]), stack(subject=subjects[0])] if members is None else members
    told = {
        "record_id": urn(99),
        "name": "Learner record",
        "issuer": ISSUER,
        "subjects": subjects,
        "members": bundled,
        "associations": associations_of(bundled),
        "entries": [entry(index=99)],
        "partial": False,
        "now": RECORDED,
    }
    return compose_record(**told | changes)


def rearranged(value, seed=None):
    """Copy a JSON value; with a seed, the members of every object change places, as wallets may have it."""
    if isinstance(value, dict):
        names = list(value)
        if seed is not None:
            random.Random(seed).shuffle(names)
        return {name: rearranged(value[name], seed) for name in names}
    return [rearranged(item, seed) for item in value] if isinstance(value, list) else value
