"""What the documents say is so: links lead somewhere, settings, invariants and decisions are the real ones."""

import re
from pathlib import Path
from typing import get_args

import pytest

from ler_issuer import jsontext, yamltext
from ler_issuer.api.report_schemas import BindingOut, CheckOut, IssuerOut, ReportOut, VerifyIn
from ler_issuer.assessments import Attempts, AwardRule, Condition, Raters
from ler_issuer.assessments.readers import Mapping
from ler_issuer.badges import MESSAGES, POLICIES, BetterAttempt, Correction, Earned, policy_of
from ler_issuer.services import reporting
from ler_issuer.services.access import Scope
from ler_issuer.services.reporting import Dimension, Figures
from ler_issuer.settings import Settings
from ler_issuer.vc import Outcome, Standing, Verdict

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^]]*]\((?!https?:|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_setting_is_documented_and_every_documented_one_exists():
    documented = set(re.findall(r"^\| `(LER_\w+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    assert documented == {f"LER_{name.upper()}" for name in Settings.model_fields}


def test_the_documented_defaults_are_the_real_ones():
    page = (ROOT / "docs/operations.md").read_text()
    for name in ("database_url", "base_url", "max_body_bytes", "log_level", "env"):
        default = Settings.model_fields[name].default
        assert re.search(rf"^\| `LER_{name.upper()}` \| `?{re.escape(str(default))}`? \|", page, re.MULTILINE), name


def test_every_guard_of_an_invariant_exists():
    table = (ROOT / "ARCHITECTURE.md").read_text().partition("## What always holds")[2]
    guards = re.findall(r"`(tests/[\w/]+\.py)`", table)
    assert len(guards) > 10
    assert [guard for guard in guards if not (ROOT / guard).is_file()] == []


def test_the_documented_folders_exist():
    for page in ("README.md", "ARCHITECTURE.md"):
        for folder in re.findall(r"`(?:src/ler_issuer/)?([a-z]+(?:/[a-z_]+)*)/`", (ROOT / page).read_text()):
            assert (ROOT / folder).is_dir() or (ROOT / "src/ler_issuer" / folder).is_dir(), folder


def test_decisions_are_numbered_and_short():
    decisions = sorted((ROOT / "docs/adr").glob("*.md"))
    for number, page in enumerate(decisions, 1):
        text = page.read_text()
        assert page.name.startswith(f"{number:04}-")
        assert text.startswith(f"# ADR {number}: ")
        assert len(text.splitlines()) <= 60
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences"))


def test_the_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"^make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE))
        assert named
        assert named <= targets


def test_the_wording_of_dependencies_is_complete():
    project = (ROOT / "pyproject.toml").read_text().partition("dependencies = [")[2].partition("]\n")[0]
    named = {re.split(r"[\[>=]", line)[0] for line in re.findall(r'"([^"]+)"', project)}
    brief = {"fastapi", "uvicorn", "pydantic", "sqlalchemy", "alembic", "pynacl", "pyld", "httpx"}
    reasons = (ROOT / "docs/adr/0010-dependencies.md").read_text().lower()
    assert {name for name in named - brief if name.lower() not in reasons} == set()


def test_every_award_rule_and_policy_is_documented():
    page = (ROOT / "docs/award-rules.md").read_text()
    conditions = get_args(get_args(Condition)[0])
    members = {name for model in (AwardRule, *conditions) for name in model.model_fields} - {"conditions"}
    choices = {one.value for kind in (Attempts, Raters, Earned, BetterAttempt, Correction) for one in kind}
    kinds = {get_args(model.model_fields["type"].annotation)[0] for model in conditions}
    missing = {word for word in members | choices | kinds if f"`{word}`" not in page}
    assert missing == set()


def test_the_examples_of_award_rules_can_be_read():
    examples = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/award-rules.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        AwardRule.model_validate(yamltext.parse(example)["award"])


def test_every_member_and_form_of_a_mapping_is_documented():
    page = (ROOT / "docs/mapping.md").read_text()
    schema = Mapping.model_json_schema()
    members = set(schema["properties"])
    for name, definition in schema["$defs"].items():
        if name != "CsvOptions":
            members |= set(definition.get("properties", {}))
    known = set(re.findall(r"\w+", page)) | {"title", "identifier"}
    assert members - known == set()


def test_every_dimension_and_figure_of_a_report_is_documented():
    page = (ROOT / "docs/reports.md").read_text()
    columns = [column for one in reporting.COLUMNS.values() for column in one]
    assert {one for one in (*Dimension, *columns, *Figures.__dataclass_fields__) if f"`{one}`" not in page} == set()


def test_every_scope_is_documented():
    page = (ROOT / "docs/operations.md").read_text()
    assert {scope.value for scope in Scope if f"`{scope.value}`" not in page} == set()


def test_every_status_code_is_documented():
    page = (ROOT / "docs/status.md").read_text()
    told = {code for code in MESSAGES if code.startswith(("list_", "index_", "recipient_"))} - {"index_dropped"}
    assert {code for code in told if f"`{code}`" not in page} == set()


def test_whatever_verification_takes_and_tells_is_documented():
    page = (ROOT / "docs/verification.md").read_text()
    members = {name for model in (VerifyIn, ReportOut, IssuerOut, CheckOut, BindingOut) for name in model.model_fields}
    words = {*members, *Verdict, *Standing, *Outcome, *POLICIES}
    assert {word for word in words if f"`{word}`" not in page} == set()


def test_the_example_of_a_policy_can_be_followed():
    (example,) = re.findall(
        r"^```json\n(.*?)^```$", (ROOT / "docs/verification.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert policy_of(jsontext.parse(example)).version == "3"
