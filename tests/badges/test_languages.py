"""Every language has a sentence of its own for every code, with the same gaps to fill."""

from __future__ import annotations

from string import Formatter
from typing import Final

import pytest

from ler_issuer.badges import LANGUAGES, MESSAGES
from ler_issuer.badges.disclosure import PHRASES as PARTS
from ler_issuer.badges.spanish import achievements, signatures, validity
from ler_issuer.vc import MESSAGES as VC_MESSAGES
from ler_issuer.vc import SUMMARIES
from ler_issuer.vc.withholding import PHRASES as STANDING

TABLES: Final = {
    language: {"messages": words.messages or MESSAGES, "summaries": words.summaries}
    for language, words in LANGUAGES.items()
}
ENGLISH: Final = {"messages": MESSAGES, "summaries": SUMMARIES}
OTHERS: Final = sorted(TABLES.keys() - {"en"})
ENDS: Final = (".", "{detail}", "({detail}).")


def gaps(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def test_there_are_both_languages() -> None:
    assert {language: words.language for language, words in LANGUAGES.items()} == {"en": "en", "es": "es"}


@pytest.mark.parametrize("table", ENGLISH)
@pytest.mark.parametrize("language", OTHERS)
def test_every_code_has_a_sentence_with_the_same_gaps(language: str, table: str) -> None:
    told = TABLES[language][table]

    assert ENGLISH[table].keys() - told.keys() == set(), "codes without a sentence"
    assert told.keys() - ENGLISH[table].keys() == set(), "sentences of no code"
    assert {code for code in told if gaps(told[code]) != gaps(ENGLISH[table][code])} == set()
    assert {code for code in told if told[code] == ENGLISH[table][code]} == set()


@pytest.mark.parametrize("table", ENGLISH)
@pytest.mark.parametrize("language", ["en", *OTHERS])
def test_every_sentence_is_one(language: str, table: str) -> None:
    told = TABLES[language][table]

    assert {code for code in told if not told[code].endswith(ENDS)} == set()
    assert {code for code in told if not told[code][0].isupper() or told[code] != " ".join(told[code].split())} == set()
    assert {code for code in told if not set(gaps(told[code])) <= {"detail"}} == set()


def test_no_code_is_written_down_twice() -> None:
    """One table after the other would win, and nobody would notice."""
    tables = [
        one
        for module in (signatures, validity, achievements)
        for name, one in vars(module).items()
        if name.isupper() and name != "SUMMARIES"
    ]

    assert sum(map(len, tables)) == len(MESSAGES)
    assert VC_MESSAGES.items() <= MESSAGES.items()


def test_a_sentence_repeats_the_detail_as_it_is() -> None:
    spanish = LANGUAGES["es"]

    assert spanish.say("expired", "{2026}", "") == "La credencial caducó el {2026}."
    assert LANGUAGES["en"].say("expired", "2026", "as it was found") == "as it was found"


@pytest.mark.parametrize("language", OTHERS)
def test_details_that_are_words_of_ours_are_told_in_the_language(language: str) -> None:
    words, ours = LANGUAGES[language], {"standing_not_shown": STANDING, "optional_parts_not_shown": PARTS}

    assert {code: {*phrases} for code, phrases in words.phrases.items()} == {code: {*ours[code]} for code in ours}
    for code, phrases in ours.items():
        said = words.say(code, ", ".join(phrases), "")
        assert words.say(code, ", ".join(words.phrases[code].values()), "") == said
        assert not any(phrase in said for phrase in phrases)
