"""Fill a database with copies of a credential that it holds, to see what the next one costs when there are a million.

    python benchmarks/background.py sqlite:///var/bench/grown.sqlite 1000000

A copy has everything that a real one leaves behind: a learner, a result, an award with its decision, the credential
with its holding and its place in a status list, and what the journals say. Ids, digests and places are as random as the
real ones, and those of rows as much in order, since that decides how slow large indexes are; contents and signatures
are those of the pattern. Only for databases that can be thrown away: what is written here is not safe until it is
complete.
"""

from __future__ import annotations

import hashlib
import sys
import uuid
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.opening import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STEP = 50_000
"""Copies to one transaction."""

PER_LIST = 110_000
"""Places taken in each of the lists that copies have to themselves, of 131,072: as many as in one that is full."""

LIST_LENGTH = 131_072
FIRST_LIST = 1_000
FIRST_LEAF = 10_000_000
"""Where the numbers of copies begin, far from those of real lists and leaves."""

SPREAD = 40_503
"""An odd number, by which consecutive copies get places far from each other."""

SECONDS_APART = 30

FAST_AND_UNSAFE = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY")

FIRST_MADE = 1_600_000_000_000
"""When the first copy was made, in milliseconds, as the ids of rows tell it; before every real one."""

POSTGRES_FUNCTIONS = {
    "made(text, bigint)": "CREATE OR REPLACE FUNCTION made(kind text, number bigint) RETURNS text LANGUAGE sql"
    f" AS $$ SELECT (lpad(to_hex({FIRST_MADE} + number), 12, '0') || right(md5(kind || number), 20))::uuid::text $$",
    "copied(text, bigint)": "CREATE OR REPLACE FUNCTION copied(kind text, number bigint) RETURNS text LANGUAGE sql"
    " AS $$ SELECT md5(kind || number)::uuid::text $$",
    "digest_of(text, bigint)": "CREATE OR REPLACE FUNCTION digest_of(kind text, number bigint)"
    " RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(kind || number, 'UTF8')), 'hex') $$",
    "earlier(timestamptz, bigint)": "CREATE OR REPLACE FUNCTION earlier(moment timestamptz, seconds bigint)"
    " RETURNS timestamptz LANGUAGE sql AS $$ SELECT moment - seconds * interval '1 second' $$",
}


def fill(database_url: str, credentials: int) -> None:
    """Copy the oldest credential until there are so many.

    Raises:
        LookupError: there is none yet; import a result that awards first.
    """
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            _open_the_throttle(driver, engine.name)
            with connection.begin():
                there = connection.scalar(sa.select(sa.func.count()).select_from(tables.credential)) or 0
                pattern = list(_pattern(connection))
            for start in range(there, credentials, STEP):
                with connection.begin():
                    _add_copies(connection, pattern, range(start, min(start + STEP, credentials)), credentials)
            _close_the_throttle(driver, engine.name)
    finally:
        engine.dispose()


def _open_the_throttle(driver: Any, database: str) -> None:  # noqa: ANN401 - a connection of either driver
    if database == "sqlite":
        for pragma in FAST_AND_UNSAFE:
            driver.execute(f"PRAGMA {pragma}")
        for function in (copied, made, digest_of, earlier):
            driver.create_function(function.__name__, 2, function, deterministic=True)
    else:
        for text in POSTGRES_FUNCTIONS.values():
            driver.execute(text)
        driver.commit()


def _close_the_throttle(driver: Any, database: str) -> None:  # noqa: ANN401 - a connection of either driver
    """Make it an ordinary database again, of which the planner knows how large it is."""
    if database == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            driver.execute(f"PRAGMA {pragma}")
    else:
        for signature in POSTGRES_FUNCTIONS:
            driver.execute(f"DROP FUNCTION {signature}")
        driver.commit()
        driver.autocommit = True
        driver.execute("VACUUM ANALYZE")
        driver.autocommit = False


def copied(kind: str, number: int) -> str:
    """Give the id of one copy of what others see."""
    return str(uuid.UUID(_hex(kind, number)))


def made(kind: str, number: int) -> str:
    """Give the id of one copy of a row that stays with us, which begins with the time of its making."""
    return str(uuid.UUID(f"{FIRST_MADE + number:012x}{_hex(kind, number)[12:]}"))


def _hex(kind: str, number: int) -> str:
    return hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


def digest_of(kind: str, number: int) -> str:
    """Give the digest of one copy."""
    return hashlib.sha256(f"{kind}{number}".encode()).hexdigest()


@lru_cache(8)
def earlier(moment: str, seconds: int) -> str:
    """Give a moment before one that SQLite holds."""
    return (datetime.fromisoformat(moment) - timedelta(seconds=seconds)).isoformat(" ", "microseconds")


# ── The pattern ──────────────────────────────────────────────────────────────────────────────────────────────────────
NUMBER = sa.column("number", sa.BigInteger)
TOTAL = sa.bindparam("total", type_=sa.BigInteger)
LEAF = ("issuer_id", "leaf", "position")

OWN = {
    (tables.learner_identifier, "value"): sa.func.copied("name", NUMBER) + "@example.edu",
    (tables.result, "source_id"): sa.func.copied("source", NUMBER),
    (tables.result, "digest"): sa.func.digest_of("result", NUMBER),
    (tables.credential, "digest"): sa.func.digest_of("credential", NUMBER),
    (tables.status_entry, "list_id"): sa.func.copied("list", NUMBER // PER_LIST),
    (tables.status_entry, "position"): NUMBER * SPREAD % LIST_LENGTH,
    (tables.log_leaf, "leaf"): sa.func.digest_of("leaf", NUMBER),
    (tables.log_leaf, "position"): NUMBER + FIRST_LEAF,
}
"""What a copy has of its own besides the ids."""

PLACES = (
    (tables.learner, "id"),
    (tables.learner_identifier, "learner_id"),
    (tables.result, "id"),
    (tables.award, "id"),
    (tables.award_decision, "id"),
    (tables.credential, "id"),
    (tables.holding, "credential_id"),
    (tables.status_entry, "credential_id"),
    (tables.audit, "object_id"),
    (tables.event, "object_id"),
)
"""Where rows of one credential lie, in the order in which they can be written; the log's leaf comes with them."""


def _pattern(connection: sa.Connection) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Give every row that belongs to the oldest credential: expressions where its copies differ, else its values."""
    row = tables.credential.c
    first = connection.execute(sa.select(tables.credential).order_by(row.created_at, row.id).limit(1)).one_or_none()
    if first is None:
        raise LookupError("there is no credential to copy")
    result_id = connection.scalar(sa.select(tables.result.c.id).where(tables.result.c.credential_id == first.id))
    ids = {
        first.id: sa.func.copied("credential", NUMBER),
        first.learner_id: sa.func.made("learner", NUMBER),
        first.award_id: sa.func.made("award", NUMBER),
        first.decision_id: sa.func.made("decision", NUMBER),
        result_id: sa.func.made("result", NUMBER),
    }
    for table, name in PLACES:
        for each in connection.execute(sa.select(table).where(table.c[name].in_(list(ids)))).mappings():
            yield table, {name: _varied(table, name, value, ids) for name, value in each.items() if name != "seq"}
    yield tables.log_leaf, {name: OWN.get((tables.log_leaf, name), sa.literal(first.issuer_id)) for name in LEAF}


def _varied(table: sa.Table, name: str, value: Any, ids: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of any column
    column = table.c[name]
    if (table, name) in OWN:
        return OWN[table, name]
    if table is tables.event and name == "id":
        return sa.func.made(value, NUMBER)
    if isinstance(value, str) and value in ids:
        return ids[value]
    if isinstance(value, datetime):
        return sa.func.earlier(sa.literal(value, column.type), (TOTAL - NUMBER) * SECONDS_APART, type_=column.type)
    return sa.literal(value, column.type)


# ── The copies ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _add_copies(
    connection: sa.Connection, pattern: Sequence[tuple[sa.Table, dict[str, Any]]], numbers: range, total: int
) -> None:
    _add_lists(connection, numbers)
    first = sa.select(sa.literal(numbers.start, sa.BigInteger).label("number")).cte("numbers", recursive=True)
    each = first.union_all(sa.select(first.c.number + 1).where(first.c.number < numbers.stop - 1))
    for table, values in pattern:
        chosen = sa.select(*(sa.type_coerce(value, table.c[name].type) for name, value in values.items()))
        copies = sa.insert(table).from_select(list(values), chosen.select_from(each), include_defaults=False)
        connection.execute(copies, {"total": total})


def _add_lists(connection: sa.Connection, numbers: range) -> None:
    """Open the lists in which these copies have their places, and close them to all others."""
    row = tables.status_list.c
    needed = {copied("list", number): number for number in {one // PER_LIST for one in numbers[::PER_LIST]}}
    needed[copied("list", numbers[-1] // PER_LIST)] = numbers[-1] // PER_LIST
    there = set(connection.scalars(sa.select(row.id).where(row.id.in_(list(needed)))))
    pattern = connection.execute(sa.select(tables.status_list).order_by(row.ordinal).limit(1)).mappings().one()
    for list_id, number in needed.items():
        if list_id not in there:
            own = {"id": list_id, "ordinal": FIRST_LIST + number, "url": f"{pattern['url']}-{number}"}
            closed = {"closed_at": sa.func.current_timestamp()}
            connection.execute(sa.insert(tables.status_list).values({**pattern, **own, **closed}))


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
