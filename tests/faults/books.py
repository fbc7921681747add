"""What an installation came to, and what must be so in it whatever happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from installation import Installation

_BOOKS = {
    "results": """
        SELECT i.value, r.source_id, r.revision, r.outcome, r.credential_id IS NULL, s.revision
        FROM result r JOIN learner_identifier i ON i.learner_id = r.learner_id
        LEFT JOIN result s ON s.id = r.superseded_by_id
    """,
    "awards": """
        SELECT i.value, a.key, w.basis, w.state, w.withdrawn_by
        FROM award w JOIN achievement a ON a.id = w.achievement_id
        JOIN learner_identifier i ON i.learner_id = w.learner_id
    """,
    "credentials": """
        SELECT i.value, a.key, c.state, c.replaces_id IS NULL, count(*)
        FROM credential c JOIN achievement a ON a.id = c.achievement_id
        JOIN learner_identifier i ON i.learner_id = c.learner_id
        GROUP BY i.value, a.key, c.state, c.replaces_id IS NULL
    """,
}

_NEVER = {
    "an award is there twice": """
        SELECT learner_id FROM award GROUP BY learner_id, achievement_id, basis HAVING count(*) > 1
    """,
    "an award has two credentials that stand": """
        SELECT award_id FROM credential WHERE state IN ('current', 'suspended') GROUP BY award_id HAVING count(*) > 1
    """,
    "a result is there twice": """
        SELECT source_id FROM result WHERE voided_at IS NULL
        GROUP BY issuer_id, source, source_id, revision HAVING count(*) > 1
    """,
    "a result was recorded and not answered": "SELECT id FROM result WHERE outcome IS NULL",
    "an identifier belongs to two learners": """
        SELECT value FROM learner_identifier WHERE valid_until IS NULL
        GROUP BY issuer_id, type, value HAVING count(*) > 1
    """,
    "a status position is used twice": """
        SELECT position FROM status_entry GROUP BY list_id, position HAVING count(*) > 1
    """,
    "a status position is nobody's": """
        SELECT position FROM status_entry WHERE credential_id NOT IN (SELECT id FROM credential)
    """,
    "a credential has no status position": """
        SELECT id FROM credential WHERE id NOT IN (SELECT credential_id FROM status_entry)
    """,
    "a credential was not announced": """
        SELECT id FROM credential WHERE id NOT IN (SELECT object_id FROM event WHERE type = 'credential.issued')
    """,
    "a credential was announced twice": """
        SELECT object_id FROM event WHERE type = 'credential.issued' GROUP BY object_id HAVING count(*) > 1
    """,
    "a credential was announced that is not there": """
        SELECT object_id FROM event WHERE type = 'credential.issued' AND object_id NOT IN (SELECT id FROM credential)
    """,
}


def books(installation: Installation) -> dict[str, list[tuple[Any, ...]]]:
    """Give what an installation came to, per learner, in terms that depend on no id and no time."""
    return {name: sorted(installation.rows(statement), key=repr) for name, statement in _BOOKS.items()}


def assert_sound(installation: Installation) -> None:
    """Hold an installation to what must be so after any disturbance, even in the middle of its work."""
    for what, statement in _NEVER.items():
        assert installation.rows(statement) == [], what
    assert installation.replay() == []
