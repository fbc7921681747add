"""Documents that grow: what one more result, or one more credential in a learner record, costs."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import task
from ler_issuer import vc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.ourselves import Workshop
    from ler_issuer.types import JsonObject

COUNTS = (1, 10, 100, 1_000)
LEAST_SECONDS = 0.05
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"


@dataclass(frozen=True)
class Sized:
    """What a document of some size took: its statements, and microseconds to canonize, sign and verify it."""

    what: str
    count: int
    statements: int
    canonize: float
    sign: float
    verify: float


def record(members: list[JsonObject]) -> JsonObject:
    """Give a learner record that holds credentials."""
    badge = task.document()
    vc2, *others = badge["@context"]
    return {
        "@context": [vc2, CLR, *others],
        "id": "urn:uuid:0a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b13",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Learner record",
        "issuer": badge["issuer"],
        "validFrom": badge["validFrom"],
        "credentialSubject": {
            "type": ["ClrSubject"],
            "identifier": badge["credentialSubject"]["identifier"],
            "verifiableCredential": members,
        },
    }


def with_results(count: int) -> JsonObject:
    """Give a record with one credential, in which there are so many results."""
    badge = copy.deepcopy(task.document())
    first, *_ = badge["credentialSubject"]["result"]
    badge["credentialSubject"]["result"] = [{**first, "value": f"{number}"} for number in range(count)]
    return record([badge])


def with_members(workshop: Workshop, count: int) -> JsonObject:
    """Give a record with so many signed credentials, each of another learner's making."""
    return record([workshop.sign(badge) for badge in task.others(count)])


def measure(workshop: Workshop, *, members: int) -> Iterator[Sized]:
    """Measure records with 1 to 1,000 results, and with 1 to `members` credentials."""
    for count in COUNTS:
        yield _sized(workshop, "results", count, with_results(count))
    for count in (number for number in COUNTS if number <= members):
        yield _sized(workshop, "credentials", count, with_members(workshop, count))


def _sized(workshop: Workshop, what: str, count: int, document: JsonObject) -> Sized:
    statements = vc.canonize(document, workshop.contexts).nquads.count("\n")
    signed = workshop.sign(document)
    return Sized(
        what,
        count,
        statements,
        _micros(lambda: vc.canonize(document, workshop.contexts)),
        _micros(lambda: workshop.sign(document)),
        _micros(lambda: workshop.verify(signed)),
    )


def _micros(operation: Callable[[], object]) -> float:
    """Give the median of a few timings, or of many where one is short."""
    taken: list[float] = []
    while len(taken) < 3 or sum(taken) < LEAST_SECONDS:  # noqa: PLR2004 - the fewest that have a middle
        begun = time.thread_time()
        operation()
        taken.append(time.thread_time() - begun)
    return median(taken) * 1e6
