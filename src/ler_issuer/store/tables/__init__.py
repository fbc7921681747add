"""Every table. Facts are appended, never overwritten: results, decisions, status events, key history.

Columns that repeat what follows from those facts (a credential's state, a status entry's bit) exist to be searched, and
`audit replay` checks them. Ids are random UUIDs as text. Nothing here knows the rules of the domain beyond its keys.
"""

from ler_issuer.store.tables.assessed import assessment, experience, import_run, participation, result
from ler_issuer.store.tables.columns import metadata
from ler_issuer.store.tables.earned import (
    achievement,
    achievement_version,
    assessment_feed,
    award,
    award_decision,
    credential,
    image,
    link,
    status_entry,
    status_event,
    status_list,
)
from ler_issuer.store.tables.journal import audit, event, log_checkpoint, log_leaf
from ler_issuer.store.tables.parties import (
    academic_session,
    api_key,
    course,
    enrolment,
    idempotency_key,
    issuer,
    learner,
    learner_did,
    learner_identifier,
    learner_name,
    organisation,
    programme,
    section,
    signing_key,
)

__all__ = [
    "academic_session",
    "achievement",
    "achievement_version",
    "api_key",
    "assessment",
    "assessment_feed",
    "audit",
    "award",
    "award_decision",
    "course",
    "credential",
    "enrolment",
    "event",
    "experience",
    "idempotency_key",
    "image",
    "import_run",
    "issuer",
    "learner",
    "learner_did",
    "learner_identifier",
    "learner_name",
    "link",
    "log_checkpoint",
    "log_leaf",
    "metadata",
    "organisation",
    "participation",
    "programme",
    "result",
    "section",
    "signing_key",
    "status_entry",
    "status_event",
    "status_list",
]
