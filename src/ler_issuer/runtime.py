"""The live things of one process: database, keys, the closed world, the way out, time and randomness.

Built once from the settings and passed to every use case. Tests replace parts of it; nothing imports it to reach it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from ler_issuer import resources, yamltext
from ler_issuer.badges import POLICIES, Badges, BadPolicy, Rulebook, Schemas, policies_of
from ler_issuer.metrics import Metrics
from ler_issuer.net import registries
from ler_issuer.net.fetch import Fetcher, FetchPolicy, GuardedFetcher
from ler_issuer.net.keystores import KeyStore
from ler_issuer.net.registries import RegistryEntry
from ler_issuer.store import journal
from ler_issuer.store.db import Database
from ler_issuer.store.migrating import migrate
from ler_issuer.store.opening import open_engine
from ler_issuer.vc import Contexts, Watch

if TYPE_CHECKING:
    from pathlib import Path

    from ler_issuer.settings import Settings
    from ler_issuer.types import Did, Url
    from ler_issuer.vc import Policy


_log = structlog.get_logger("ler_issuer.runtime")


_VERSION_4 = 4 << 76 | 2 << 62
"""The bits of a UUID that say that the others are random (RFC 9562 §5.4)."""

_VERSION_7 = 7 << 76 | 2 << 62
"""The bits of a UUID that say that it begins with the time (RFC 9562 §5.7)."""

_DRAWN = (1 << 128) - 1 ^ (0xF << 76 | 3 << 62)
"""The other bits. `uuid.UUID` does the same at twice the cost, and an award takes eight."""

_DRAWN_OF_80 = (1 << 80) - 1 & _DRAWN
"""Those of the other bits that come after the time."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How strict an installation is: all that tells one for use from one to be tested, each difference by its name.

    Nothing else asks which of the two it is, and the tests show what each difference does (ADR 27).

    `issuer_controls`: a proof counts only by a key that the issuer itself controls · `holder_may_differ`: a
    presentation counts though its holder is not who signed it · `reads_inline_contexts`: documents bring vocabulary
    along, in contexts written out in them · `knows_examples`: so does the context in which every word means something ·
    `leaves_directions`: the direction of a text may go unsigned · `reads_older_tokens`: credentials of VCDM 2.0 in the
    claims of the tokens of 1.1, as drafts had it · `issues_vc11`: documents of VCDM 1.1 are signed · `signs_openly`:
    the VC-API signs also in ways that are there only for others to test · `waits_without_limit`: nobody is turned away
    because many ask at once · `open_as`: the slug of the issuer that callers without a name act for, and with None
    issuing takes a key.
    """

    name: str = "production"
    issuer_controls: bool = True
    holder_may_differ: bool = False
    reads_inline_contexts: bool = False
    knows_examples: bool = False
    leaves_directions: bool = False
    reads_older_tokens: bool = False
    issues_vc11: bool = False
    signs_openly: bool = False
    waits_without_limit: bool = False
    open_as: str | None = None


STRICT: Final = Practice()
"""What an installation does that people rely on."""

LENIENT: Final = Practice(
    name="conformance",
    issuer_controls=False,
    holder_may_differ=True,
    reads_inline_contexts=True,
    knows_examples=True,
    leaves_directions=True,
    reads_older_tokens=True,
    issues_vc11=True,
    signs_openly=True,
    waits_without_limit=True,
)
"""What an installation does that is there to be tested (`ler-issuer serve --conformance`); its issuers are founded
later, so `open_as` is not told here."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a use case may touch of the world."""

    db: Database
    keys: KeyStore
    rules: Rulebook
    fetch: Fetcher
    registry: Mapping[Did, RegistryEntry]
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    base_url: Url
    development: bool
    practice: Practice = STRICT
    policies: Mapping[str, Policy] = field(default_factory=lambda: POLICIES)
    metrics: Metrics = field(default_factory=Metrics)
    badges: Badges = field(default_factory=Badges, repr=False, compare=False)

    def now(self) -> datetime:
        """Give the time: UTC, whole seconds."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def new_id(self) -> str:
        """Give a new identifier: a random UUID (version 4) as text, which tells neither order nor host."""
        return _uuid(int.from_bytes(self.random(16)) & _DRAWN | _VERSION_4)

    def new_row_id(self) -> str:
        """Give a new identifier for what stays with us: a UUID (version 7) as text, which tells when it was made.

        Rows that are made together lie together in every index, so that the next one costs the same however many there
        are (ADR 22). What learners and strangers come to see is called by `new_id`.
        """
        milliseconds = int(self.clock().timestamp() * 1000)
        return _uuid(milliseconds << 80 | int.from_bytes(self.random(10)) & _DRAWN_OF_80 | _VERSION_7)

    def draw(self, below: int) -> int:
        """Give a random integer from 0 to below `below`, each as likely as the next."""
        return _drawn(below, self.random)


def _uuid(bits: int) -> str:
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def read_policies(path: Path) -> Mapping[str, Policy]:
    """Read the policies of an installation from a file; give them with those that come along.

    Raises:
        BadPolicy: the file cannot be read, or one of the policies in it.
    """
    try:
        return policies_of(yamltext.parse(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadPolicy("", f"{path} cannot be read: {error.strerror}") from None
    except (BadPolicy, UnicodeDecodeError, yamltext.NotYamlError) as error:
        raise BadPolicy("", f"{path}: {error}") from None


def _drawn(below: int, random: Callable[[int], bytes]) -> int:
    width = (below - 1).bit_length()
    octets = (width + 7) // 8
    while True:
        drawn = int.from_bytes(random(octets)) >> (octets * 8 - width)
        if drawn < below:
            return drawn


def watch(contexts: Contexts, one_in: int, random: Callable[[int], bytes], metrics: Metrics) -> Watch:
    """Watch over canonical forms: one in so many is checked, and a difference told in the log and in the figures."""

    def told(agreed: bool, digest: str) -> None:  # noqa: FBT001 - what `Watch` tells
        metrics.canonical_checked(agreed=agreed)
        if not agreed:
            _log.error("canonical_difference", sha256=digest)

    return Watch(contexts, lambda: _drawn(one_in, random) == 0, told)


def build(settings: Settings, practice: Practice = STRICT) -> Runtime:
    """Open everything that the settings name, and bring the database to the newest schema.

    In development the settings may let others' keys pass by the strict practice too (`vc_api_issuer_control`).

    Raises:
        InsecureSettings: the settings are not fit for `LER_ENV=production`.
        AlteredResourceError: a context or schema is not the one that the manifest pins.
    """
    secret = settings.secret()
    world = resources.load_closed_world(conformance=practice.knows_examples)
    engine = open_engine(settings.database_url)
    migrate(engine, resources.migrations_dir())
    metrics = Metrics()
    contexts = Contexts(
        world.contexts,
        inline=practice.reads_inline_contexts,
        undirected=practice.leaves_directions,
        clock=time.thread_time,
    )
    if settings.canonical_check_one_in:
        contexts = replace(
            contexts, watch=watch(contexts, settings.canonical_check_one_in, secrets.token_bytes, metrics)
        )
    return Runtime(
        db=Database(engine, publish=journal.publish),
        keys=KeyStore(secret, secrets.token_bytes),
        rules=Rulebook(contexts, Schemas.compile(world.schemas)),
        fetch=GuardedFetcher(FetchPolicy.for_env(settings.env)),
        registry={} if settings.registry_file is None else registries.load(settings.registry_file),
        clock=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
        base_url=settings.base_url,
        development=settings.env == "development",
        policies=POLICIES if settings.policies_file is None else read_policies(settings.policies_file),
        practice=replace(practice, issuer_controls=practice.issuer_controls and settings.vc_api_issuer_control),
        metrics=metrics,
    )
