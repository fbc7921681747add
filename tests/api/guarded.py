"""Every operation that takes a key, for tests that go through them all."""

from __future__ import annotations

import re

from ler_issuer.services.access import Scope
from world import definition, result

NOBODY = "11111111-2222-4333-8444-555555555555"
WHY = {"reason_code": "x"}
RECOGNITION = {"kind": "prior_learning", "achievement": "teamwork", "awarded_at": "2026-01-01T00:00:00Z"}
RULE = {
    "key": "leader",
    "achievement": "leader",
    "rule": {"type": "holding", "achievements": ["teamwork"], "times": 2},
    "examples": [{"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}],
}

ISSUE = {"credential": {"@context": ["https://www.w3.org/ns/credentials/v2"]}}
STATUS = {
    "credentialId": f"urn:uuid:{NOBODY}",
    "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"},
    "status": True,
}

GUARDED = {
    ("POST", "/v1/results"): (Scope.RESULTS_WRITE, result()),
    ("POST", "/v1/results/batch"): (Scope.RESULTS_WRITE, {"items": [1]}),
    ("POST", "/v1/achievements"): (Scope.ACHIEVEMENTS_WRITE, definition()),
    ("POST", "/v1/achievements/{achievement_id}/publish"): (Scope.ACHIEVEMENTS_WRITE, None),
    ("GET", "/v1/achievements"): (Scope.ACHIEVEMENTS_READ, None),
    ("GET", "/v1/achievements/{achievement_id}"): (Scope.ACHIEVEMENTS_READ, None),
    ("POST", "/v1/rules"): (Scope.RULES_WRITE, RULE),
    ("POST", "/v1/rules/{rule_id}/test"): (Scope.RULES_WRITE, None),
    ("POST", "/v1/rules/{rule_id}/preview"): (Scope.RULES_WRITE, {}),
    ("POST", "/v1/rules/{rule_id}/publish"): (Scope.RULES_WRITE, {"transition": "migrate"}),
    ("POST", "/v1/rules/{rule_id}/retire"): (Scope.RULES_WRITE, None),
    ("GET", "/v1/rules"): (Scope.RULES_READ, None),
    ("GET", "/v1/rules/{rule_id}"): (Scope.RULES_READ, None),
    ("GET", "/v1/rules/{rule_id}/back-awards"): (Scope.RULES_READ, None),
    ("GET", "/v1/credentials"): (Scope.CREDENTIALS_READ, None),
    ("GET", "/v1/credentials/{credential_id}"): (Scope.CREDENTIALS_READ, None),
    ("POST", "/v1/credentials/{credential_id}/revoke"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/v1/credentials/{credential_id}/suspend"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/v1/credentials/{credential_id}/reinstate"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/credentials/issue"): (Scope.CREDENTIALS_ISSUE, ISSUE),
    ("POST", "/issuers/{slug}/credentials/issue"): (Scope.CREDENTIALS_ISSUE, ISSUE),
    ("POST", "/issuers/{slug}/{cryptosuite}/credentials/issue"): (Scope.CREDENTIALS_ISSUE, ISSUE),
    ("POST", "/credentials/status"): (Scope.CREDENTIALS_STATUS, STATUS),
    ("POST", "/issuers/{slug}/credentials/status"): (Scope.CREDENTIALS_STATUS, STATUS),
    ("POST", "/v1/credentials/{credential_id}/links"): (Scope.CREDENTIALS_SHARE, {}),
    ("POST", "/v1/credentials/{credential_id}/derive"): (Scope.CREDENTIALS_SHARE, {"selectivePointers": []}),
    ("DELETE", "/v1/links/{link_id}"): (Scope.CREDENTIALS_SHARE, None),
    ("POST", "/v1/learners/find"): (
        Scope.LEARNERS_WRITE,
        {"identifiers": [{"type": "emailAddress", "value": "nobody@example.edu"}]},
    ),
    ("POST", "/v1/learners/{learner_id}/hold"): (Scope.LEARNERS_WRITE, {"reason": "fees"}),
    ("POST", "/v1/learners/{learner_id}/lift"): (Scope.LEARNERS_WRITE, None),
    ("GET", "/v1/learners/{learner_id}"): (Scope.LEARNERS_WRITE, None),
    ("POST", "/v1/learners/{learner_id}/merge"): (Scope.LEARNERS_WRITE, {"into": NOBODY}),
    ("POST", "/v1/learners/{learner_id}/unmerge"): (Scope.LEARNERS_WRITE, None),
    ("GET", "/v1/learners/{learner_id}/enrolments"): (Scope.LEARNERS_WRITE, None),
    ("PUT", "/v1/learners/{learner_id}/enrolments"): (Scope.LEARNERS_WRITE, {}),
    ("GET", "/v1/learners/{learner_id}/recognitions"): (Scope.LEARNERS_WRITE, None),
    ("POST", "/v1/learners/{learner_id}/recognitions"): (Scope.LEARNERS_WRITE, RECOGNITION),
    ("POST", "/v1/recognitions/{recognition_id}/withdraw"): (Scope.LEARNERS_WRITE, WHY),
    ("POST", "/v1/learners/{learner_id}/record"): (Scope.RECORDS_WRITE, {}),
    ("GET", "/v1/learners/{learner_id}/record"): (Scope.CREDENTIALS_READ, None),
    ("GET", "/v1/learners/{learner_id}/progress"): (Scope.CREDENTIALS_READ, None),
    ("GET", "/v1/cases"): (Scope.CREDENTIALS_READ, None),
    ("GET", "/v1/cases/{case_id}"): (Scope.CREDENTIALS_READ, None),
    ("POST", "/v1/cases/{case_id}/resolve"): (Scope.CREDENTIALS_STATUS, {"resolution": "keep"}),
    ("GET", "/v1/events"): (Scope.EVENTS_READ, None),
    ("GET", "/v1/reports/awards"): (Scope.REPORTS_READ, None),
    ("GET", "/v1/learners/{learner_id}/explain/{credential_id}"): (Scope.CREDENTIALS_READ, None),
}
"""Every operation that takes a key, the scope that it asks for, and a body that it would accept."""


def body_of(operation):
    body = GUARDED[operation][1]
    return {} if body is None else {"json": body}


def anywhere(path):
    """Fill in an id that nobody has."""
    return re.sub(r"\{\w+\}", NOBODY, path)
