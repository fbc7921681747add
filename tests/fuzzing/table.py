"""Every target, in one table, for the short form and the long one."""

from __future__ import annotations

from fuzzing import canonical, credentials, disclosing, envelopes, forms, images, signed, texts
from fuzzing.target import Target
from signing import rules

TARGETS: tuple[Target, ...] = (
    *texts.TARGETS,
    *images.TARGETS,
    *forms.TARGETS,
    *signed.TARGETS,
    *credentials.TARGETS,
    *canonical.TARGETS,
    *disclosing.TARGETS,
    *envelopes.TARGETS,
)


def warm() -> None:
    """Make once what many targets need, before each gets a process of its own."""
    rules()
    credentials.inline()
    signed.tokens()
    credentials.proof_seeds()
    disclosing.base()
