"""Paging: cursors that name where a page ended, in lists that are ordered by an instant and an id."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import UTC, datetime

from ler_issuer.errors import Malformed, Place


def write_cursor(at: datetime, last_id: str) -> str:
    """Give the cursor of the page after the one that ends here."""
    return base64.urlsafe_b64encode(f"{int(at.timestamp())} {last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Read a cursor of ours: the instant and the id that the page before ended with.

    Raises:
        Malformed: it is none.
    """
    try:
        seconds, last_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        return datetime.fromtimestamp(int(seconds), UTC), str(uuid.UUID(last_id))
    except (ValueError, binascii.Error, OverflowError, OSError):
        problem = Place("/cursor", "bad_cursor", "take it from next_cursor of the page before")
        raise Malformed("the cursor is not one that was given here", problems=[problem]) from None
