"""Alembic's environment: run on the connection that was handed in, or on LER_DATABASE_URL for `make revision`."""

import sqlalchemy as sa
from alembic import context

from ler_issuer.store.opening import open_engine
from ler_issuer.store.tables import metadata

MIGRATION_LOCK = 4_031_626_011
"""Any number, the same in every process: only one of them migrates at a time."""


def run(connection: sa.Connection) -> None:
    """Run the migrations in the transaction that is open on the connection."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from ler_issuer.settings import Settings

    with open_engine(Settings().database_url).begin() as opened:
        run(opened)
