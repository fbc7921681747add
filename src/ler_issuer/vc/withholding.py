"""What a holder who shows a credential in part may have kept back of whether it still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.vc.status_entries import entries_of
from ler_issuer.vc.validity import period

if TYPE_CHECKING:
    from ler_issuer.types import JsonObject


def standing_not_shown(document: JsonObject) -> tuple[str, ...]:
    """Name what of its standing a credential does not show: where its status is kept, and when it ends.

    Of a whole credential that says that its issuer did not provide for it; of one that is shown in part nobody can tell
    that from what its holder withholds.
    """
    _, until = period(document)
    absent = {"credentialStatus": not entries_of(document), "validUntil": until.text is None}
    return tuple(name for name, is_absent in absent.items() if is_absent)
