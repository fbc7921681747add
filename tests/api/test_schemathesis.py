"""The service does what `openapi.yaml` says, for requests that nobody thought of."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig

from api.guarded import RULE
from house.tree import ROOT
from ler_issuer.services import stacks
from ler_issuer.stacking import StackDefinition
from world import award, found, publish

load_all_checks()

CONFIG = SchemathesisConfig.from_dict({"generation": {"max-examples": 12, "deterministic": True}})
EVERYTHING = schemathesis.openapi.from_path(ROOT / "openapi.yaml", config=CONFIG)
SCHEMA = EVERYTHING.exclude(method="POST", path="/v1/rules")
"""Rules nest in rules, and so many ways of that take Schemathesis hours: `test_rules.py` tries them itself."""

LEFT_OUT = CHECKS.get_by_names(["positive_data_acceptance"])
"""What fits the schema can still break a rule, and is then refused."""


AMBIGUOUS = {"/v1/learners/find", "/credentials/issue", "/credentials/verify", "/credentials/status"}
"""They answer to what `/v1/learners/{learner_id}` or `/credentials/{credential_id}` answer to as well: it fits."""


@pytest.fixture(scope="session")
def explored(rt):
    """An issuer with one of each, for ids that lead somewhere: half of the requests are made about them."""
    tenant = found(rt, "explored")
    achievement = publish(rt, tenant, suspendable=True)
    publish(rt, tenant, key="leader", award=None, rubric=None)
    rule = stacks.draft(rt, tenant.caller, StackDefinition.model_validate(RULE))
    return tenant, {
        "achievement_id": achievement.id,
        "rule_id": rule.id,
        "credential_id": award(rt, tenant).credential_id,
        "slug": "explored",
        "cryptosuite": "eddsa-rdfc-2022",
    }


@SCHEMA.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None, database=None)
def test_the_service_does_what_it_says(case, service, explored):
    tenant, known = explored
    if case.path_parameters and case.meta.generation.mode.is_positive:
        case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
    left_out = [*LEFT_OUT, *(CHECKS.get_by_names(["allow_header_conformance"]) if case.path in AMBIGUOUS else ())]
    if str((case.query or {}).get("format")) in {"jwt", "png", "svg"}:  # no JSON: test_exports.py looks at them
        left_out += CHECKS.get_by_names(["response_schema_conformance"])
    case.call_and_validate(base_url=str(service.base_url), headers=tenant.auth, excluded_checks=left_out)
