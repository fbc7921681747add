"""Instants as both databases keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine.interfaces import Dialect


class Instant(sa.types.TypeDecorator[datetime]):
    """A point in time: UTC, aware, whole seconds, on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Give how an instant is written, remembered: a transaction writes the same few again and again."""
        write = super().bind_processor(dialect)
        if write is None:
            return None
        written = lru_cache(maxsize=256)(write)

        def process(value: datetime | None) -> Any:  # noqa: ANN401 - what the driver takes
            # in other zones the same reading of the clock may mean two instants, which count as equal
            return written(value) if value is None or value.tzinfo is UTC else write(value)

        return process

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write UTC; refuse a time that does not say its offset."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        return value.astimezone(UTC).replace(microsecond=0)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC; SQLite gives the time back without its offset."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
