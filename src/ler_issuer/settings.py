"""Settings: what an operator may choose, read from LER_* variables, here and nowhere else.

Every setting has a value that is safe at a desk. What would be dangerous in front of the world (plain http, a name that
only this machine knows, a passphrase that anybody may read) stops a start with `LER_ENV=production`.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ler_issuer.hosts import is_local

STATE_DIRECTORY = Path("var")
"""Where local state lies, unless the SQLite file is somewhere else."""

SHORTEST_PASSPHRASE = 8
"""Characters that a passphrase needs in production (NIST SP 800-63B §5.1.1.2)."""

SHORTEST_TOKEN = 16
"""Characters that the token for the figures needs: it may be guessed at as often as one likes."""


class InsecureSettings(ValueError):
    """These settings would put an installation at risk, so it does not start; the words say what to change."""


class Settings(BaseSettings):
    """What the operator chose; frozen, and printable because no field shows a secret."""

    model_config = SettingsConfigDict(
        env_prefix="LER_", env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    database_url: str = Field(default=f"sqlite:///{STATE_DIRECTORY}/ler-issuer.sqlite", repr=False)
    """SQLAlchemy URL of the database. It may hold a password, so it is not shown either."""

    base_url: str = "http://127.0.0.1:8000"
    """Where the world reaches this service; part of every identifier that it gives away. No slash at its end."""

    env: Literal["development", "production"] = "development"
    """`production` refuses whatever is only safe at a desk."""

    passphrase: SecretStr | None = None
    """Opens the signing keys. Goes before `passphrase_file`."""

    passphrase_file: Path | None = None
    """A file that holds the passphrase, closed to other users."""

    registry_file: Path | None = None
    """A list of issuers that this installation knows, in the form of the DCC's registry lists."""

    policies_file: Path | None = None
    """Policies of this installation, as a list in YAML or JSON, beside those that come along."""

    max_body_bytes: PositiveInt = 4 * 1024 * 1024
    """Largest request body that is read."""

    vc_api_issuer_control: bool = True
    """Whether the VC-API believes a proof only when the named issuer controls its key; always, in production."""

    canonical_check_one_in: NonNegativeInt = 1000
    """Of how many documents that are made canonical one is made so again, by the general path; 0 for none."""

    metrics_token: SecretStr | None = Field(default=None, min_length=SHORTEST_TOKEN)
    """Opens `GET /metrics`, which is not there without it."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least grave message that is logged."""

    @field_validator("base_url")
    @classmethod
    def _plain_base(cls, value: str) -> str:
        """Accept an http(s) address without credentials, query or fragment; drop the slash at its end."""
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it must be an absolute http or https URL")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("it must carry no credentials, query or fragment")
        return value.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def database_file(self) -> Path | None:
        """The SQLite file of the database; None when the database is not a file."""
        scheme, _, location = self.database_url.partition(":///")
        file = location.partition("?")[0]
        if scheme.partition("+")[0] != "sqlite" or file in {"", ":memory:"} or file.startswith("file:"):
            return None
        return Path(file)

    @property
    def state_directory(self) -> Path:
        """Where local state belongs: beside the SQLite file, else `var` in the working directory."""
        return STATE_DIRECTORY if self.database_file is None else self.database_file.parent

    def require_safe(self) -> None:
        """Refuse to go to production with an address that only a desk can use, or with strangers' keys let pass.

        Raises:
            InsecureSettings: in production, `base_url` is plain http, or this machine's own name, or an IP address
                (which no did:web can name: did:web §2.1); or `vc_api_issuer_control` is off.
        """
        if self.env != "production":
            return
        if not self.vc_api_issuer_control:
            raise InsecureSettings(
                "LER_VC_API_ISSUER_CONTROL must be true in production: anybody could sign for others"
            )
        parts = urlsplit(self.base_url)
        if parts.scheme != "https":
            raise InsecureSettings("LER_BASE_URL must be https in production: credentials name their issuer by it")
        if is_local(parts.hostname or ""):
            raise InsecureSettings("LER_BASE_URL must be a public host name in production: others look up keys there")

    def secret(self) -> SecretStr:
        """Give the passphrase that opens the signing keys.

        The setting goes first, then the file. A desk that has neither gets one made for it, kept in `passphrase` in the
        state directory and readable by its owner only; production has to bring its own.

        Raises:
            InsecureSettings: what `require_safe` refuses; no passphrase, or an empty one; in production a short one,
                or a file that other users may touch.
        """
        self.require_safe()
        passphrase = self._given_passphrase()
        if passphrase is None:
            if self.env == "production":
                raise InsecureSettings("LER_PASSPHRASE_FILE or LER_PASSPHRASE must be set in production")
            return SecretStr(_kept_passphrase(self.state_directory / "passphrase"))
        if not passphrase:
            raise InsecureSettings("the passphrase is empty")
        if self.env == "production" and len(passphrase) < SHORTEST_PASSPHRASE:
            raise InsecureSettings(f"the passphrase needs at least {SHORTEST_PASSPHRASE} characters in production")
        return SecretStr(passphrase)

    def _given_passphrase(self) -> str | None:
        if self.passphrase is not None:
            return self.passphrase.get_secret_value()
        if self.passphrase_file is not None:
            return _read_passphrase(self.passphrase_file, private=self.env == "production")
        return None


def _read_passphrase(path: Path, *, private: bool) -> str:
    """Read a passphrase, without the newline that editors add; `private` insists that other users cannot touch it.

    The file's group may read it: that is how orchestrators hand a mounted secret to a process that is not root.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if private and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & stat.S_IRWXO:
                raise InsecureSettings(f"{path} is open to other users: chmod o-rwx {path}")
            return file.read().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InsecureSettings(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InsecureSettings(f"{path} cannot be read: {error.strerror}") from None


def _kept_passphrase(path: Path) -> str:
    """Read the passphrase of this desk; make it first if nobody has.

    The text is complete before the file gets its name, and the name can be given once (a hard link never replaces):
    of two processes that start together both read what the first one wrote.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".passphrase-")  # O_EXCL, 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # somebody else was first, and theirs is the one
        finally:
            Path(draft).unlink()
    kept = _read_passphrase(path, private=True)
    if not kept:
        raise InsecureSettings(f"{path} is empty; the keys of this installation need the passphrase it held")
    return kept
