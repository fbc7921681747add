"""Every target, in one table, for the short form and the long one."""

from __future__ import annotations

from fuzzing import credentials, forms, images, signed, texts
from fuzzing.target import Target

TARGETS: tuple[Target, ...] = (*texts.TARGETS, *images.TARGETS, *forms.TARGETS, *signed.TARGETS, *credentials.TARGETS)
