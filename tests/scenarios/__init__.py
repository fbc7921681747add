"""The scenarios behind `tests/vectors`: one thing is the matter with each, and its name says what.

`scripts/make_vectors.py` writes them to files; `tests/vc/test_vectors.py` judges the files and checks that these still
make them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from ler_issuer import vc
from ler_issuer.types import JsonObject
from scenarios.changes import Scenes
from scenarios.documents import canonical, context, parse, valid
from scenarios.envelopes import bad_envelopes, good_envelopes, unreadable_envelopes
from scenarios.proofs import proofs
from scenarios.standings import status, validity
from scenarios.views import bad_views, good_views

STAGES: dict[str, Callable[[], Scenes]] = {
    "valid": lambda: chain(valid(), good_views(), good_envelopes()),
    "parse": lambda: chain(parse(), unreadable_envelopes()),
    "context": context,
    "canonical": canonical,
    "proof": lambda: chain(proofs(), bad_views(), bad_envelopes()),
    "status": status,
    "validity": validity,
}


def vectors() -> dict[str, JsonObject]:
    """Give every vector by the path of its file, below `tests/vectors`."""
    return {
        f"{stage}/{name}.json": {
            "comment": comment,
            "expect": "valid" if stage == "valid" else {"code": code, "stage": stage},
            "now": vc.stamp(scene.now),
            "material": {place: _gathered(item) for place, item in scene.material.items()},
            "document": scene.document,
        }
        for stage, scenes in STAGES.items()
        for name, (code, comment, scene) in scenes()
    }


def _gathered(item: vc.Found | vc.Hole) -> JsonObject:
    return {"found": item.document} if isinstance(item, vc.Found) else {"hole": item.code}
