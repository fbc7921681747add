"""The cases of the JSON-LD test suite that are refused here and read by a processor, each by its reason.

A case that is refused and stands in no list, or is read and stands in one, fails `test_json_ld_suite`. The tables of
`docs/json-ld.md` are made of these lists.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Refused(NamedTuple):
    """Cases that are refused by a code (several, where several things are lost), and why they are."""

    code: str
    why: str
    to_rdf: str
    expand: str

    def cases(self, manifest: str) -> list[str]:
        """Give the names of the cases in a manifest of the suite."""
        return (self.to_rdf if manifest == "toRdf" else self.expand).split()


BY_URL: Final = (
    Refused(
        "index_dropped",
        "an `@index`: no statement says it, so that anybody could change it",
        "tc013 te044 te063 te082 te083 te084 te096 te097 te098 te105 te107",
        "t0044 t0063 t0082 t0083 t0084 t0096 t0097 t0098 t0105 t0107 tc013",
    ),
    Refused(
        "index_dropped+value_dropped",
        "an `@index` and values that say nothing",
        "te036",
        "t0036",
    ),
    Refused(
        "inline_context",
        "a context inside of it, which no URL names, has `@base`, `@propagate`, or a place of its own",
        "tc028 tc031 te060 te091 te111 te112",
        "t0060 t0091 t0111 t0112 tc028 tc031",
    ),
    Refused(
        "malformed_context",
        "a null in place of a context inside of it: what it says then has no meaning",
        "te016",
        "t0016",
    ),
    Refused(
        "malformed_iri",
        "something that is no IRI where one is meant; the suite drops the statement",
        "te122 tli12 tli14 twf01 twf03 twf04 twf07",
        "t0122",
    ),
    Refused(
        "malformed_language",
        "something that is no language tag where one is meant; the suite drops the statement",
        "twf05",
        "",
    ),
    Refused(
        "no_statements",
        "it says nothing at all that could be signed",
        "te001 te003 te019 te045 te046 twf02",
        "t0001 t0003 t0019 t0045 t0046",
    ),
    Refused(
        "not_an_object",
        "an array at the top: a document is an object",
        "t0133 te013",
        "t0013",
    ),
    Refused(
        "relative_iri",
        "a relative reference in it: what is signed has no place that it could be relative to",
        "t0016 t0017 t0018 te005 te028 te029 te040 te048 te050 te051 te056 te057 te066 te076 te078 te089 te090 "
        "tli13 tm005",
        "t0005 t0028 t0029 t0040 t0048 t0050 t0051 t0056 t0057 t0066 t0076 t0078 t0089 t0090 tm005",
    ),
    Refused(
        "relative_iri+term_dropped",
        "a relative reference, and a member that no context defines",
        "te059",
        "t0059",
    ),
    Refused(
        "term_dropped",
        "a member that no context defines, or that one takes away: no statement says it",
        "tc014 tc018 te032 te065 te068 te119 tin06 tpr06 tpr19 tpr34 tpr35 tpr36 tpr38",
        "t0032 t0065 t0068 t0119 tc014 tc018 tin06 tpr06 tpr19 tpr34 tpr35 tpr36 tpr38",
    ),
    Refused(
        "unknown_context",
        "it names a context by a relative URL: nothing is fetched, and a context is known by its whole URL",
        "tc034 te126 te127 te128 tso05 tso06 tso08 tso09 tso11",
        "t0126 t0127 t0128 tc034 tso05 tso06 tso08 tso09 tso11",
    ),
    Refused(
        "value_dropped",
        "a value in it says nothing: null, an empty set, a text where a thing is meant",
        "t0030 te004 te008 te047",
        "t0004 t0008 t0014 t0047",
    ),
)
"""Refused when the context is known by a URL."""

WRITTEN_OUT: Final = (
    Refused(
        "inline_context",
        "its own context has `@base`, `@nest`, `@import` or other names for keywords, as no context of credentials has",
        "t0120 t0121 t0122 t0123 t0124 t0125 t0126 t0127 t0128 t0129 t0130 t0131 t0132 tc015 tc020 tc021 tc024 "
        "tc026 tc027 tc037 tc038 te017 te062 te088 te089 te090 te092 te109 te110 te120 te121 te122 te129 te130 "
        "tin03 tin06 tjs16 tjs20 tli11 tli12 tli13 tli14 tm010 tm011 tm012 tm014 tm016 tm017 tm018 tm019 tn002 "
        "tn003 tn004 tn006 tn007 tn008 tpi06 tpi07 tpi08 tpi09 tpi10 tpr36 tpr37 tso05 tso06 tso08 tso09 tso11",
        "t0014 t0017 t0062 t0088 t0089 t0090 t0092 t0109 t0110 t0120 t0121 t0122 t0129 t0130 t0131 tc015 tc020 "
        "tc021 tc024 tc026 tc027 tc037 tc038 tin03 tin06 tjs16 tjs20 tm010 tm011 tm012 tm014 tm016 tm017 tm018 "
        "tm019 tn002 tn003 tn004 tn006 tn007 tn008 tpi06 tpi07 tpi08 tpi09 tpi10 tpr36 tpr37 tso05 tso06 tso08 "
        "tso09 tso11",
    ),
    Refused(
        "malformed_context",
        "its own context takes back by null what was said, and nobody vouches for it",
        "tc014 tc018 tpr06 tpr14 tpr15 tpr16 tpr19 tpr43",
        "tc014 tc018 tpr06 tpr14 tpr15 tpr16 tpr19 tpr43",
    ),
)
"""Refused when the context is written out in the document, where that differs from `BY_URL`."""

ON_THE_WAY_TAKEN: Final = (
    Refused(
        "relative_iri",
        "a relative reference that its context's `@base` or `@vocab` would complete",
        "te088 te092 te110 te129 te130 tli11 tli12 tli14",
        "t0088 t0092 t0110 t0129 t0130",
    ),
)
"""Refused by `canonize`, otherwise than by the general path alone, when the context is known by a URL."""

OTHER_RULES: Final = {
    "rules of version 1.0, where 1.1 has others": (
        (
            "t0118 tc029 te014 te026 te038 te071 te075 te115 te116 tep02 ter02 ter03 ter21 ter24 ter32 ter42 tpi01 "
            "tso01 ttn01"
        ),
        "t0026 t0038 t0071 t0075 t0115 t0116 tc029 tep02 ter02 ter03 ter21 ter24 ter32 ter42 tes01 tpi01 tso01 ttn01",
    ),
    "the direction of a text as a statement, by `rdfDirection`, which is not of the standard": (
        "tdi09 tdi10 tdi11 tdi12",
        "",
    ),
}
"""Cases that ask a processor for what credentials never ask for, of `toRdf` and of `expand`; they are not tried."""

ACCEPTED: Final = {"ter56": "a context known by a URL may be wrapped in an object, as the suites of the VC-API send it"}
"""What is an error to the suite and read here, when the context is known by a URL."""
