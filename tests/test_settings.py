from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ler_issuer.settings import InsecureSettings, Settings, _kept_passphrase

HTTPS = "https://badges.a.example"
LONG = "correct horse battery staple"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working directory and an environment without our variables."""
    for name in [name for name in os.environ if name.startswith("LER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_desk_needs_no_settings():
    chosen = Settings()
    assert chosen.database_url == "sqlite:///var/ler-issuer.sqlite"
    assert chosen.base_url == "http://127.0.0.1:8000"
    assert chosen.env == "development"
    assert chosen.max_body_bytes == 4 * 1024 * 1024
    assert chosen.log_level == "info"
    assert (chosen.passphrase, chosen.passphrase_file, chosen.registry_file) == (None, None, None)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LER_DATABASE_URL", "postgresql+psycopg://u:p@db/ler")
    monkeypatch.setenv("LER_BASE_URL", f"{HTTPS}/ler/")
    monkeypatch.setenv("LER_ENV", "production")
    monkeypatch.setenv("LER_PASSPHRASE", LONG)
    monkeypatch.setenv("LER_REGISTRY_FILE", "known.json")
    monkeypatch.setenv("LER_MAX_BODY_BYTES", "1000")
    monkeypatch.setenv("LER_LOG_LEVEL", "WARNING")
    monkeypatch.setenv("LER_PASSPHRASE_FILE", "")
    chosen = Settings()
    assert chosen.database_url == "postgresql+psycopg://u:p@db/ler"
    assert chosen.base_url == f"{HTTPS}/ler"
    assert chosen.env == "production"
    assert chosen.registry_file == Path("known.json")
    assert (chosen.max_body_bytes, chosen.log_level) == (1000, "warning")
    assert chosen.passphrase_file is None
    assert chosen.secret().get_secret_value() == LONG


def test_there_are_few_and_they_do_not_change():
    assert len(Settings.model_fields) <= 20
    with pytest.raises(ValidationError):
        Settings().env = "production"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LER_ENV", "staging"),
        ("LER_BASE_URL", "badges.a.example"),
        ("LER_BASE_URL", "ftp://a.example"),
        ("LER_BASE_URL", "https://user:hunter2@a.example"),
        ("LER_BASE_URL", "https://a.example/?q=hunter2"),
        ("LER_BASE_URL", "https://a.example/#hunter2"),
        ("LER_MAX_BODY_BYTES", "0"),
        ("LER_LOG_LEVEL", "loud"),
    ],
)
def test_nonsense_is_refused_without_being_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "hunter2" not in str(caught.value)


def test_no_secret_is_printed():
    chosen = Settings(passphrase=LONG, database_url="postgresql+psycopg://u:hunter2@db/ler")
    for shown in (repr(chosen), str(chosen), repr(chosen.secret())):
        assert LONG not in shown
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("url", "directory"),
    [
        ("sqlite:///var/ler-issuer.sqlite", "var"),
        ("sqlite:////srv/ler/data.sqlite", "/srv/ler"),
        ("sqlite+pysqlite:///data.sqlite?timeout=9", "."),
        ("sqlite://", "var"),
        ("sqlite:///:memory:", "var"),
        ("sqlite:///file:data.sqlite?uri=true", "var"),
        ("postgresql+psycopg://u:p@db/ler", "var"),
        ("postgresql+psycopg:///ler", "var"),
    ],
)
def test_state_lies_beside_the_database(url: str, directory: str):
    assert Settings(database_url=url).state_directory == Path(directory)


# ── The passphrase ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_setting_goes_before_the_file(tmp_path: Path):
    file = written(tmp_path / "p", "from the file\n")
    assert Settings(passphrase_file=file).secret() == SecretStr("from the file")
    assert Settings(passphrase="from the setting", passphrase_file=file).secret() == SecretStr("from the setting")


def test_a_desk_gets_a_passphrase_made_once(tmp_path: Path):
    first = Settings().secret()
    kept = tmp_path / "var" / "passphrase"
    assert len(first.get_secret_value()) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Settings().secret() == first
    assert [file.name for file in kept.parent.iterdir()] == ["passphrase"]
    other = Settings(database_url=f"sqlite:///{tmp_path}/other/x.sqlite")
    assert other.secret() != first
    assert (tmp_path / "other" / "passphrase").exists()


def test_processes_that_start_together_agree_on_one(tmp_path: Path):
    program = "from ler_issuer.settings import Settings; print(Settings().secret().get_secret_value())"
    running = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    told = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0] * 4
    assert told == {(tmp_path / "var" / "passphrase").read_text(encoding="utf-8")}


def test_the_first_of_two_passphrases_stays(tmp_path: Path):
    """Another process finishes its passphrase right after this one has found none."""

    class Racing(type(tmp_path)):
        def exists(self) -> bool:
            return False

    theirs = written(tmp_path / "passphrase", "the first one")
    assert _kept_passphrase(Racing(theirs)) == "the first one"
    assert [file.name for file in tmp_path.iterdir()] == ["passphrase"]


@pytest.mark.parametrize(("text", "mode", "words"), [("", 0o600, "is empty"), (LONG, 0o644, "chmod o-rwx")])
def test_a_kept_passphrase_that_was_spoilt_is_not_used(tmp_path: Path, text: str, mode: int, words: str):
    (tmp_path / "var").mkdir()
    written(tmp_path / "var" / "passphrase", text, mode)
    with pytest.raises(InsecureSettings, match=words):
        Settings().secret()


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_passphrase_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(InsecureSettings, match="empty"):
        Settings(passphrase_file=tmp_path / "p").secret()
    with pytest.raises(InsecureSettings, match="empty"):
        Settings(passphrase="").secret()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "p").write_bytes(b"\xff\xfe")
    with pytest.raises(InsecureSettings, match="p is not UTF-8 text"):
        Settings(passphrase_file=tmp_path / "p").secret()
    with pytest.raises(InsecureSettings, match="absent cannot be read: No such file"):
        Settings(passphrase_file=tmp_path / "absent").secret()


# ── Production ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "base_url",
    [
        "http://badges.a.example",
        "https://localhost",
        "https://localhost:8443",
        "https://ler.localhost",
        "https://ler.local.",
        "https://127.0.0.1",
        "https://[::1]",
        "https://93.184.216.34",
        "https://service",
    ],
)
def test_production_needs_a_public_https_name(base_url: str):
    chosen = Settings(env="production", base_url=base_url, passphrase=LONG)
    with pytest.raises(InsecureSettings, match="LER_BASE_URL"):
        chosen.require_safe()
    with pytest.raises(InsecureSettings, match="LER_BASE_URL"):
        chosen.secret()
    Settings(base_url=base_url).require_safe()


def test_production_never_lets_strangers_keys_pass():
    with pytest.raises(InsecureSettings, match="LER_VC_API_ISSUER_CONTROL"):
        Settings(env="production", base_url=HTTPS, passphrase=LONG, vc_api_issuer_control=False).secret()
    Settings(vc_api_issuer_control=False).require_safe()
    Settings(env="production", base_url=HTTPS).require_safe()


def test_production_brings_its_own_passphrase(tmp_path: Path):
    with pytest.raises(InsecureSettings, match="LER_PASSPHRASE_FILE"):
        Settings(env="production", base_url=HTTPS).secret()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InsecureSettings, match="at least 8 characters") as caught:
        Settings(env="production", base_url=HTTPS, passphrase="hunter2").secret()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("mode", "accepted"), [(0o600, True), (0o440, True), (0o604, False), (0o602, False)])
def test_production_keeps_other_users_from_the_file(tmp_path: Path, mode: int, accepted: bool):  # noqa: FBT001 - a case
    file = written(tmp_path / "p", f"{LONG}\n", mode)
    chosen = Settings(env="production", base_url=HTTPS, passphrase_file=file)
    if accepted:
        assert chosen.secret() == SecretStr(LONG)
    else:
        with pytest.raises(InsecureSettings, match="chmod o-rwx"):
            chosen.secret()
