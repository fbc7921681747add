"""Bring a database to the newest schema; safe when several processes start at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa


def config(scripts: Path, connection: sa.Connection | None = None) -> Config:
    """Give Alembic's configuration for the migrations in a folder, on a connection when there is one."""
    made = Config()
    made.set_main_option("script_location", str(scripts))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(engine: sa.Engine, scripts: Path, revision: str = "head") -> None:
    """Run every migration that is missing, in one transaction that only one process at a time can hold.

    SQLite: the transaction takes the write lock when it begins. PostgreSQL: `migrations/env.py` takes an advisory lock.
    """
    with engine.begin() as connection:
        command.upgrade(config(scripts, connection), revision)
