"""Names that look like what they are not; and honest ones that are left alone."""

from __future__ import annotations

import pytest

from ler_issuer.vc import suspicious


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Example University",
        "École Polytechnique Fédérale",
        "1ª Escola nº 2 · Ação",
        "Московский государственный университет",
        "Εθνικό Μετσόβιο Πολυτεχνείο",
        "東京大学 University of Tokyo",
        "서울대학교",
        "大学 ブール",
        "جامعة القاهرة",
        "\u0645\u06cc\u200c\u062e\u0648\u0627",
        "दिल्ली विश्वविद्यालय क\u094d\u200dष",
        "תל אביב",
        "O'Brien & Sons (Ltd.) №5 — 中文",
        "MIT МГУ",
        "Сибирское отделение РАН",  # noqa: RUF001 - as Russians write it
        "Институт с тобой",  # noqa: RUF001 - as Russians write it
    ],
)
def test_honest_names_are_left_alone(name):
    assert suspicious(name) == ()


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Harv\u0430rd", ("mixed_scripts",)),
        ("\u041c\u0406\u0422", ("confusable",)),
        ("\u0391\u0392\u0395", ("confusable",)),
        ("\u041c\u0406\u0422 Press", ("confusable",)),
        ("ytisrevinU \u202ekcaB", ("bidi",)),
        ("Har\u200bvard", ("invisible",)),
        ("Har\u200dvard", ("invisible",)),
        ("Harvard\u3164", ("invisible",)),
        ("Har\u00advard", ("invisible",)),
        ("Harvard\ue000", ("invisible",)),
        ("Harvard\n", ("invisible",)),
        ("\uff28arvard", ("confusable",)),
        ("\U0001d407arvard", ("confusable",)),
        ("H\u200ba\u0430rvard\u202e", ("bidi", "invisible", "mixed_scripts")),
    ],
)
def test_names_in_disguise_are_told(name, codes):
    assert suspicious(name) == codes


def test_a_long_name_is_looked_at_no_further():
    assert suspicious("a" * 1000 + "\u202e") == ()
    assert suspicious("\u0430ab " * 1_000_000) == ("mixed_scripts",)
