"""What must not be in a document that we are about to sign."""

import math

import pytest

from badges.samples import badge
from badges.test_conformance import STATUS_LIST, changed
from ler_issuer.badges import nonconformities


class TestPolicy:
    @pytest.mark.parametrize(
        ("path", "value", "code"),
        [
            (["description"], None, "null_value"),
            (["credentialSubject", "achievement", "tag"], [], "empty_array"),
            (["name"], "a\x00b", "control_character"),
            (["name"], "a\x7fb", "control_character"),
            (["credentialSubject", "creditsEarned"], 1e-7, "number_unsafe"),
            (["credentialSubject", "creditsEarned"], 2**53, "number_unsafe"),
            (["credentialSubject", "creditsEarned"], math.inf, "number_unsafe"),
            (["evidence", 0, "id"], "evidence/1", "not_an_iri"),
            (["evidence", 0, "id"], "https://x.example/<script>", "not_an_iri"),
            (["evidence", 0, "id"], "https://x.example/#a#b", "not_an_iri"),
        ],
    )
    def test_what_programs_read_differently_is_not_signed(self, path, value, code, schemas):
        problems = nonconformities(changed(badge(), path, value), schemas)
        assert (code, "/" + "/".join(map(str, path))) in {(one.code, one.pointer) for one in problems}

    def test_lines_and_tabs_are_fine(self, schemas):
        assert nonconformities(changed(badge(), ["description"], "a\tb\r\nc"), schemas) == ()

    def test_a_status_list_conforms(self, schemas):
        assert nonconformities(STATUS_LIST, schemas) == ()
