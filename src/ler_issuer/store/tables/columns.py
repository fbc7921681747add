"""What every table shares: the naming of keys, and the types that differ between the two databases."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON()
Id = sa.String(36)
Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def own_id() -> sa.Column[str]:
    """Give the primary key of a table: a random UUID as text."""
    return sa.Column("id", Id, primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[str]:
    """Give a foreign key to the id of another table."""
    return sa.Column(name, Id, sa.ForeignKey(f"{target}.id"), nullable=nullable, index=index)
