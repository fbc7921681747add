"""The documents for the real file fit each other. (Its rows are not in this repository.)"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assessments.reading import read
from ler_issuer.assessments.readers import declare
from ler_issuer.badges.model import AchievementDefinition

DOCS = Path(__file__).resolve().parents[2] / "docs" / "oulad"


@pytest.fixture(scope="module")
def achievements():
    said = yaml.safe_load((DOCS / "achievements.yaml").read_text())
    return [AchievementDefinition.model_validate(one) for one in said["achievements"]]


def test_there_is_one_achievement_for_each_presentation(achievements):
    assessments = [name for one in achievements for name in one.award.each_of]
    assert len({one.key for one in achievements}) == 12
    assert (len(assessments), len(set(assessments))) == (37, 37)


def test_the_mapping_leads_to_the_achievements(achievements):
    mapping = declare(yaml.safe_load((DOCS / "mapping.yaml").read_text()))
    rows = "".join(f"{one.award.each_of[0]},1,{day},0,50\n" for day, one in enumerate(achievements))
    papers = "".join(f"{','.join(one.key.upper().split('-'))},{one.award.each_of[0]}\n" for one in achievements)
    tables = {"assessment": "code_module,code_presentation,id_assessment\n" + papers}
    _, results = read(mapping, "id_assessment,id_student,date_submitted,is_banked,score\n" + rows, tables)
    assert [row.result.achievement for row in results] == [one.key for one in achievements]
    assert [row.result.assessed_at for row in results[:2]] == ["2013-10-01", "2014-10-02"]
