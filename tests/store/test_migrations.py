"""Migrations: one line of them, there and back again, and at the end exactly the tables that the code knows."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from databases import postgres_database, text
from ler_issuer.resources import migrations_dir
from ler_issuer.store.migrating import config, migrate
from ler_issuer.store.opening import open_engine
from ler_issuer.store.tables import metadata

SCRIPTS = ScriptDirectory.from_config(config(migrations_dir()))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        made = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield made
        made.dispose()
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        made = open_engine(text(url))
        yield made
        made.dispose()


def names(engine):
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def shape(engine):
    """Describe the schema, as the database itself tells it."""
    looked = sa.inspect(engine)
    return {
        table: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns(table)],
            sorted(str(one["name"]) for one in looked.get_indexes(table)),
            sorted(str(one["name"]) for one in looked.get_unique_constraints(table)),
            sorted(str(one["name"]) for one in looked.get_foreign_keys(table)),
        )
        for table in looked.get_table_names()
    }


def test_there_is_one_head():
    assert len(SCRIPTS.get_heads()) == 1


@pytest.mark.parametrize("script", list(SCRIPTS.walk_revisions()), ids=lambda one: one.revision)
def test_a_file_says_whether_it_is_safe_beside_running_code(script):
    name = script.module.__file__.rpartition("/")[2]

    assert re.fullmatch(rf"{script.revision}_(expand|contract)_[a-z_]+\.py", name)


def test_up_gives_the_tables_that_the_code_knows(engine):
    migrate(engine, migrations_dir())

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
    assert names(engine) == set(metadata.tables)


def test_up_again_changes_nothing(engine):
    migrate(engine, migrations_dir())
    before = shape(engine)

    migrate(engine, migrations_dir())

    assert shape(engine) == before


def test_down_and_up_again_gives_the_same(engine):
    migrate(engine, migrations_dir())
    before = shape(engine)
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        with engine.begin() as connection:
            command.downgrade(config(migrations_dir(), connection), revision)
    assert names(engine) == set()

    for revision in REVISIONS:
        migrate(engine, migrations_dir(), revision)

    assert shape(engine) == before


MIGRATE = """
import sys
from ler_issuer.resources import migrations_dir
from ler_issuer.store.opening import open_engine
from ler_issuer.store.migrating import migrate

migrate(open_engine(sys.argv[1]), migrations_dir())
"""


def test_several_processes_may_start_at_once(engine):
    started = [subprocess.Popen([sys.executable, "-c", MIGRATE, text(engine.url)]) for _ in range(2)]

    assert [one.wait(timeout=60) for one in started] == [0, 0]
    assert names(engine) == set(metadata.tables)
