"""Recording: a learner's credentials as one Comprehensive Learner Record, issued anew as they grow.

The ceremony is that of every credential (`issuing`): a status position first, so that a record can be withdrawn; then
composing, conformance, signature, our own verifier, and the exact bytes with audit, event and log leaf, all in one
transaction. Credentials go in as they were signed, proofs and all. An older record stays as true as it was, so its bit
is left alone; it is only known to be superseded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import (
    HashedIdentifier,
    Subject,
    associations_of,
    compose_record,
    derivation_of,
    nonconformities,
    record_problems,
)
from ler_issuer.errors import Missing, Place, Unacceptable
from ler_issuer.services import idempotency, issuing, keyring, reading, signing
from ler_issuer.services.signing import NonconformingError
from ler_issuer.stacking import HoldingRule, PrecedesRule, Rule, Selection, StackingRule, walk
from ler_issuer.store import credentials, issuers, journal, learners, records, stacking
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed
from ler_issuer.store.records import Record
from ler_issuer.vc import Unsignable, as_list

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges import Association
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.types import JsonObject
