"""Documents secured by VC-JOSE-COSE with a key that is at hand: JOSE, SD-JWT and COSE, credentials and presentations.

What the service does for its issuers looks after much more: contexts, whose key it is, status, dates. Here a document
is signed with a key or checked against one, and has to have the form that VC-JOSE-COSE asks for. Credentials inside a
presentation are not looked into, except that they are enveloped.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer import jsontext
from ler_issuer.vc import multibase
from ler_issuer.vc.cose import COSE_ALGORITHMS, read_base64, read_sign1, sign1
from ler_issuer.vc.documents import as_list, id_of, issuer_id, members, types_of, unfit
from ler_issuer.vc.jwt import ALGORITHMS, Envelope, Unreadable, read_token
from ler_issuer.vc.problems import Problem
from ler_issuer.vc.sdjwt import NotConcealable, conceal, read_sd_jwt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.jose_keys import MethodKey

Subject: TypeAlias = Literal["vc", "vp"]


@dataclass(frozen=True, slots=True)
class Feature:
    """What is secured, and how."""

    subject: Subject
    form: Literal["jwt", "sd-jwt", "cose"]

    @property
    def typ(self) -> str:
        """The media type of what comes out, without `application/`."""
        return f"{self.subject}+{self.form}"


FEATURES: Final[Mapping[str, Feature]] = MappingProxyType(
    {
        "credential_jose": Feature("vc", "jwt"),
        "credential_sdjwt": Feature("vc", "sd-jwt"),
        "credential_cose": Feature("vc", "cose"),
        "presentation_jose": Feature("vp", "jwt"),
        "presentation_sdjwt": Feature("vp", "sd-jwt"),
        "presentation_cose": Feature("vp", "cose"),
    }
)
"""The features, by the names that the public suite gives them."""

_ALGORITHMS: Final = ALGORITHMS | {"ES512"}
"""The algorithms of tokens that are read here; whether one is that of the key is looked at then."""

_V2: Final = "https://www.w3.org/ns/credentials/v2"
_EITHER: Final = frozenset({"@context", "id", "type", "name", "description", "termsOfUse"})
_CREDENTIAL: Final = _EITHER | {
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialSubject",
    "credentialStatus",
    "credentialSchema",
    "evidence",
    "refreshService",
    "relatedResource",
    "renderMethod",
    "confidenceMethod",
}
_PRESENTATION: Final = _EITHER | {"holder", "verifiableCredential"}
_ENVELOPED: Final = re.compile(r"data:application/vc(?:\+jwt|\+sd-jwt|\+cose)?(?:;base64)?,.+", re.DOTALL)


class NotSecurable(ValueError):
    """A document cannot be secured as it is."""


def secure(
    document: Json, key: MethodKey, feature: Feature, paths: Sequence[str], random: Callable[[int], bytes]
) -> str:
    """Secure a document, and give the text of that; `paths` name what the holder may withhold, of an SD-JWT.

    A member that the data model does not know is refused: nobody could say what was signed with it.

    Raises:
        NotSecurable: the document does not have the form, or not the parts that `paths` name.
        BadKey: the key has no private half.
    """
    problem = unfit(document)
    faults = [problem.detail] if problem is not None else [*_unknown(document, feature), *_faults(document, feature)]
    if paths and feature.form != "sd-jwt":
        faults.append("only of an SD-JWT can parts be withheld")
    if faults:
        raise NotSecurable("; ".join(faults))
    if feature.form == "cose":
        return _as_cose(document, key, feature)
    try:
        payload, disclosures = (document, ()) if feature.form == "jwt" else conceal(document, paths, random)
    except NotConcealable as error:
        raise NotSecurable(str(error)) from None
    token = _as_token(_with_claims(payload, feature), key, feature)
    return token if feature.form == "jwt" else "~".join((token, *disclosures, ""))


def unsound(text: str, key: MethodKey, feature: Feature) -> str | None:
    """Say why a text is not what was secured in this way with this key, or None when it is. Total.

    Dates are not looked at: what has ended was secured all the same.
    """
    try:
        read = _read(text, feature)
    except Unreadable as error:
        return f"{error.problem.code}: {error.problem.detail}"
    if read.alg != key.alg:
        return f"jwt_alg_differs: it names {read.alg}, and the key is of {key.kind}, which is for {key.alg}"
    if not key.verify(read.signature, read.signed):
        return "signature_wrong: it was made with another key, or over something else"
    faults = [*_header_faults(read, feature), *_claim_faults(read, feature), *_faults(read.document, feature)]
    return "; ".join(faults) or None


def _as_cose(document: JsonObject, key: MethodKey, feature: Feature) -> str:
    sealed = sign1(
        jsontext.canonical(document),
        alg=COSE_ALGORITHMS[key.alg],
        kid=(key.kid or "").encode(),
        typ=f"application/{feature.typ}",
        content=f"application/{feature.subject}",
        sign=key.sign,
    )
    return base64.b64encode(sealed).rstrip(b"=").decode()


def _as_token(payload: JsonObject, key: MethodKey, feature: Feature) -> str:
    header = {"alg": key.alg, "typ": feature.typ, "cty": feature.subject}
    if key.kid is not None:
        header["kid"] = key.kid
    signed = ".".join(multibase.u(jsontext.canonical(part))[1:] for part in (header, payload))
    return f"{signed}.{multibase.u(key.sign(signed.encode()))[1:]}"


def _with_claims(payload: JsonObject, feature: Feature) -> JsonObject:
    """Add who signs, and the id, except what the holder may withhold."""
    named = {"iss": _party(payload, feature), "jti": payload.get("id")}
    return payload | {claim: said for claim, said in named.items() if said is not None}


def _read(text: str, feature: Feature) -> Envelope:
    if feature.form == "jwt":
        return read_token(text, types={feature.typ}, algorithms=_ALGORITHMS)
    if feature.form == "sd-jwt":
        return read_sd_jwt(text, types={feature.typ}, algorithms=_ALGORITHMS)
    data = read_base64(text)
    if isinstance(data, Problem):
        raise Unreadable(data.code, data.detail)
    return read_sign1(data, subject=feature.subject, algorithms=_ALGORITHMS)


def _header_faults(read: Envelope, feature: Feature) -> Iterator[str]:
    if read.typ != feature.typ:
        yield "jwt_type_wrong: it does not say what it is"
    content = read.header.get("cty", feature.subject)
    if not isinstance(content, str) or content.lower().removeprefix("application/") != feature.subject:
        yield "jwt_type_wrong: its content is of another type"


def _claim_faults(read: Envelope, feature: Feature) -> Iterator[str]:
    if not {"vc", "vp"}.isdisjoint(read.payload):
        yield "jwt_mixed: the claims 'vc' and 'vp' are of older tokens"
    if "iss" in read.payload and read.payload["iss"] != _party(read.document, feature):
        yield "claim_differs: iss is somebody else than the document names"


def _unknown(document: JsonObject, feature: Feature) -> Iterator[str]:
    known = _CREDENTIAL if feature.subject == "vc" else _PRESENTATION
    for name in sorted(document.keys() - known):
        yield f"the data model does not know {name!r}"


def _faults(document: JsonObject, feature: Feature) -> Iterator[str]:
    """Find where a document does not have the form that VC-JOSE-COSE asks for."""
    needed = "VerifiableCredential" if feature.subject == "vc" else "VerifiablePresentation"
    if as_list(document.get("@context"))[:1] != [_V2]:
        yield f"its first context is not {_V2}"
    if needed not in types_of(document):
        yield f"none of its types is {needed}"
    if feature.subject == "vp":
        for pointer, shown in members(document, "verifiableCredential"):
            if not _is_enveloped(shown):
                yield f"the credential at {pointer} is not enveloped"
        return
    if issuer_id(document) is None:
        yield "it names no issuer"
    if not as_list(document.get("credentialSubject")):
        yield "it is about nobody and nothing"


def _is_enveloped(shown: Json) -> bool:
    named = shown.get("id") if isinstance(shown, dict) else None
    is_typed = "EnvelopedVerifiableCredential" in types_of(shown)
    return is_typed and isinstance(named, str) and _ENVELOPED.fullmatch(named) is not None


def _party(document: JsonObject, feature: Feature) -> str | None:
    return issuer_id(document) if feature.subject == "vc" else id_of(document.get("holder"))
