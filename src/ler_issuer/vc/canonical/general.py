"""The general path: a document of any shape becomes canonical by way of its expanded form, as the specification has it.

PyLD expands, `quads` makes statements of that, and RDFC-1.0 labels them. It knows all of JSON-LD, and takes its time.
"""

from __future__ import annotations

from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.expansion import expand, fault
from ler_issuer.vc.canonical.form import Canonical
from ler_issuer.vc.canonical.quads import to_quads
from ler_issuer.vc.canonical.rdfc import HashName, canonicalize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize


def canonize_generally(document: JsonObject, contexts: Contexts, algorithm: HashName = "sha256") -> Canonical:
    """Give the canonical form of a document, as `canonize` promises it, whatever of JSON-LD the document uses.

    Raises:
        CannotCanonize: as `canonize` does.

    """
    try:
        measure(document)
        expanded = expand(document, contexts)
        nquads = canonicalize(to_quads(expanded), algorithm)
        nquads.encode()
    except CannotCanonize:
        raise
    except UnicodeEncodeError:
        raise CannotCanonize(fault("lone_surrogate", "a surrogate without its pair is not a character")) from None
    except Exception as error:  # noqa: BLE001 - PyLD answers malformed input with whatever its code runs into
        raise CannotCanonize(fault("not_json_ld", f"this is not JSON-LD ({type(error).__name__})")) from None
    if not nquads:
        raise CannotCanonize(fault("no_statements", "the document says nothing that could be signed"))
    lost = (one for one in expanded.trace.lost if not (contexts.inline and one.code == "direction_dropped"))
    return Canonical(nquads, tuple(lost), algorithm)
