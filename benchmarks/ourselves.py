"""What we do ourselves, through the same functions that the service uses."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from badges import samples
from benchmarks import task, university
from benchmarks.measuring import Subject
from ler_issuer import badges, jsontext, vc
from ler_issuer.assessments import Identifier
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ler_issuer.types import JsonObject

UNSEEN = 400
"""Documents that are shown in turn where none is to be known already; more than any memory of sub-trees keeps."""

FORM: vc.Form = {
    "id": Slot.IRI,
    "validFrom": Slot.INSTANT,
    "awardedDate": Slot.INSTANT,
    "validUntil": Slot.INSTANT,
    "credentialSubject": {
        "identifier": {"identityHash": Slot.TEXT, "salt": Slot.TEXT},
        "activityStartDate": Slot.INSTANT,
        "activityEndDate": Slot.INSTANT,
        "term": Slot.TEXT,
        "result": {"value": Slot.TEXT},
    },
    "evidence": {"id": Slot.IRI, "name": Slot.TEXT, "narrative": Slot.TEXT},
    "credentialStatus": {"id": Slot.IRI, "statusListIndex": Slot.TEXT},
}
"""What is another for every learner in the task's document: everything but the issuer and the achievement."""


def learners(count: int) -> Sequence[tuple[str, ...]]:
    """Give the values of so many learners for the slots of `FORM`, in the order of the document."""
    values = vc.read_shape(task.document(), FORM).values
    return [tuple(_another(value, number) for value in values) for number in range(1, count + 1)]


def _another(value: str, number: int) -> str:
    """Give another value of the same length for the same slot: its last digit, or what stands there, is changed."""
    if value.endswith("Z"):
        return f"{value[:-6]}{number // 60 % 60:02}:{number % 60:02}Z"
    return f"{value[:-4]}{number:04}" if len(value) > len("94567") else str(number)


class Workshop:
    """Our closed world, with the task done once."""

    def __init__(self) -> None:
        """Load what a service loads when it starts."""
        world = load_closed_world()
        self.contexts = vc.Contexts(world.contexts)
        self.rules = badges.Rulebook(self.contexts, badges.Schemas.compile(world.schemas))
        self.keys = {task.ISSUER: vc.Found(task.controller())}
        self.signed = self.sign(task.document())
        self.canonical = vc.canonize(task.document(), self.contexts).nquads

    def sign(self, document: JsonObject) -> JsonObject:
        """Check a document and sign it: the general path, which knows nothing of it beforehand."""
        prepared = vc.prepare(
            document,
            cryptosuite=task.CRYPTOSUITE,
            verification_method=task.pair().verification_method,
            created=task.CREATED,
            contexts=self.contexts,
        )
        return vc.seal(prepared, task.pair())

    def verify(self, document: JsonObject) -> None:
        """Check everything about the proofs of a document."""
        if not vc.authentic(vc.check_proofs(document, self.keys, self.contexts, task.NOW)):
            raise AssertionError("we do not verify what we signed")

    def read_and_judge(self, body: bytes) -> None:
        """Do what the service does with each credential that it just made: read the bytes, and judge their proof."""
        document, found = jsontext.read(body)
        proved = badges.judge_proof(badges.exhibit(document, found), self.keys, rules=self.rules, now=task.NOW)
        if not proved.authentic:
            raise AssertionError("we do not verify what we signed")

    def template(self) -> vc.Template:
        """Compile the template for credentials like the task's document.

        Raises:
            AssertionError: what it gives is not what the general path gives, byte for byte.
        """
        made = vc.template(
            task.document(),
            form=FORM,
            whole=lambda document: document,
            cryptosuite=task.CRYPTOSUITE,
            kind="Ed25519",
            verification_method=task.pair().verification_method,
            created=task.CREATED,
            contexts=self.contexts,
        )
        for values in learners(9):
            given = made.fill(values, task.CREATED).seal(task.pair())
            whole = json.loads(given)
            bare = {name: value for name, value in whole.items() if name != "proof"}
            told = vc.read_shape(bare, FORM).values  # in another order: in the bytes, members are sorted
            if given != jsontext.canonical(self.sign(bare)) or sorted(told) != sorted(values):
                raise AssertionError("the template does not give what the general path gives")
        return made

    def subjects(self) -> Iterator[Subject]:
        """Give our own rows."""
        document, body = task.document(), jsontext.canonical(self.signed)
        yield Subject.calling("ours: canonize", partial(vc.canonize, document, self.contexts))
        yield Subject.calling("ours: sign", partial(self.sign, document))
        yield Subject.calling("ours: verify", partial(self.verify, self.signed))
        yield Subject.calling("ours: verify ourselves", partial(self.read_and_judge, body))
        unseen = task.others(UNSEEN)
        yield Subject.feeding("ours: canonize, never seen", lambda one: vc.canonize(one, self.contexts), unseen)
        yield Subject.feeding("ours: sign, never seen", self.sign, unseen)
        yield Subject.feeding("ours: verify, never seen", self.verify, [self.sign(one) for one in unseen])
        yield from self._steps(task.pair())

    def _steps(self, key: task.SigningPair) -> Iterator[Subject]:
        """Give the rows of issuing, as a whole and step by step."""
        template = self.template()
        yield Subject.feeding(
            "ours: issue", lambda values: template.fill(values, task.CREATED).seal(key), learners(UNSEEN)
        )
        yield Subject.feeding("ours: fill a template", lambda one: template.fill(one, task.CREATED), learners(UNSEEN))
        achievement = replace(
            samples.published(), definition=badges.AchievementDefinition.model_validate(university.WRITING)
        )
        drafts = [_draft(number, achievement) for number in range(UNSEEN)]
        yield Subject.feeding("ours: draft", lambda number: _draft(number, achievement), range(UNSEEN))
        shelf: badges.Badges = vc.Shelf()
        self._fill(drafts[0], shelf)  # a template is made at the second asking
        yield Subject.feeding("ours: fill a draft", lambda draft: self._require_filled(draft, shelf), drafts)

    def _require_filled(self, draft: badges.Draft, shelf: badges.Badges) -> None:
        if self._fill(draft, shelf) is None:
            raise AssertionError("no template covers a badge")

    def _fill(self, draft: badges.Draft, shelf: badges.Badges) -> vc.Filled | None:
        """Check a draft by the template of its shape, as the service does with each badge."""
        return badges.fill(
            draft,
            shelf,
            cryptosuite=task.CRYPTOSUITE,
            kind="Ed25519",
            verification_method=task.pair().verification_method,
            created=task.CREATED,
            rules=self.rules,
        )


def _draft(number: int, achievement: badges.PublishedAchievement) -> badges.Draft:
    """Draft the badge that one learner of the university earns."""
    learner = badges.Subject.hashed(
        Identifier(type="emailAddress", value=f"learner{number}@example.edu"), salt=f"{number:08x}"
    )
    levels = {"structure": "proficient", "evidence": "distinguished"}
    facts = replace(samples.AWARD, overall=None, levels=levels, score=None, evidence=())
    drafted: badges.Draft = samples.drafted(
        facts,
        achievement=achievement,
        subject=learner,
        entries=[samples.entry(index=number)],
        credential_id=f"urn:uuid:0a0cbd6a-4f0c-4f9a-9a0e-{number:012}",
    )
    return drafted
