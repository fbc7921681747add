"""What a holder who shows a credential in part may have kept back of whether it still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ler_issuer.vc.status_entries import entries_of
from ler_issuer.vc.validity import period

if TYPE_CHECKING:
    from ler_issuer.types import JsonObject

PHRASES: Final = ("where its status is kept", "when it ends")


def standing_not_shown(document: JsonObject) -> tuple[str, ...]:
    """Say what of its standing a credential does not show, in the words of `PHRASES`.

    Of a whole credential that says that its issuer did not provide for it; of one that is shown in part nobody can tell
    that from what its holder withholds.
    """
    _, until = period(document)
    absent = (not entries_of(document), until.text is None)
    return tuple(phrase for phrase, is_absent in zip(PHRASES, absent, strict=True) if is_absent)
