"""The stacks of Digital Bazaar and of the DCC in Node, each with the packages that its documentation names.

They run in one process of their own (`node.mjs`) and count their own computing time. What they need is installed once,
in the exact versions of `package.json`, by the ordinary client and without a lock file. Without Node, or without a way
to install, the rows are left out and the tables say so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import securing, task
from benchmarks.measuring import Subject
from ler_issuer import vc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject

HERE = Path(__file__).parent
INSTALL = (
    "npm",
    "install",
    *(f"--{how}" for how in ("no-save", "no-package-lock", "ignore-scripts", "no-audit", "silent")),
)
INSTALL_SECONDS = 300
WARM_UP = 60
ECDSA = (*(f"ecdsa-rdfc-2019, {act}" for act in ("sign", "verify")), "ecdsa-sd-2023, sign")
WORK = {
    "bazaar": ("canonize", "sign", "verify", *ECDSA, "ecdsa-sd-2023, derive", "ecdsa-sd-2023, verify"),
    "dcc": ("sign", "verify"),
}
NAMES = {"bazaar": "Digital Bazaar", "dcc": "DCC"}


class Unavailable(Exception):
    """There is no Node here, or its packages cannot be had."""


class Peer:
    """Both stacks, in one process that waits for orders."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        """Give the task, and hear what was made of it."""
        self._process = process
        packages = list(json.loads((HERE / "package.json").read_text())["dependencies"])
        about = self._ask(_brief(packages, folder))
        self.proofs = {NAMES[stack]: value for stack, value in about["proofs"].items()}
        self.canonical: str = about["canonical"]
        self.versions = {"Node": about["node"].removeprefix("v"), **about["versions"]}

    def _ask(self, what: JsonObject) -> Json:
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise Unavailable("the process in Node ended; what it said stands above")
        return json.loads(answer)

    def _subject(self, name: str, act: str) -> Subject:
        def turn(times: int) -> float:
            seconds: float = self._ask({"act": act, "times": times})["seconds"]
            return seconds

        return Subject(name, turn)

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        for stack, acts in WORK.items():
            for act in acts:
                yield self._subject(f"{NAMES[stack]}: {act}", f"{stack} {act}")


@contextmanager
def running(folder: Path) -> Iterator[Peer]:
    """Run the stacks in a process of their own, installed in a folder.

    Raises:
        Unavailable: there is no Node, or its packages are not here and cannot be installed.
    """
    _install(folder)
    command = ["node", str(folder / "node.mjs")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    try:
        yield Peer(process, folder)
    finally:
        process.terminate()
        process.wait()


def _install(folder: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Unavailable("there is no Node here")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_bytes()
    installed = folder / "installed.json"
    if not installed.is_file() or installed.read_bytes() != wanted:
        shutil.copy(HERE / "package.json", folder)
        try:
            subprocess.run(INSTALL, cwd=folder, check=True, timeout=INSTALL_SECONDS)  # noqa: S603 - a fixed command
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable(f"its packages could not be installed ({type(error).__name__})") from None
        shutil.copy(HERE / "package.json", installed)
    shutil.copy(HERE / "node.mjs", folder)


def _brief(packages: list[str], folder: Path) -> JsonObject:
    method = _multikey(task.pair(), task.ISSUER)
    key = _multikey(securing.pair(), securing.ISSUER)
    documents = {
        **task.contexts(),
        task.ISSUER: task.controller(),
        method["id"]: method,
        securing.ISSUER: securing.controller(),
        key["id"]: key,
    }
    return {
        "document": task.document(),
        "documents": documents,
        "seed": task.SEED.hex(),
        "controller": task.ISSUER,
        "verificationMethod": method["id"],
        "created": vc.stamp(task.CREATED),
        "now": vc.stamp(task.NOW),
        "ecdsa": {
            "document": securing.document(),
            "key": {**key, "secretKeyMultibase": securing.secret_multibase()},
            "mandatory": list(securing.mandatory()),
            "shown": list(securing.SHOWN),
        },
        "warmUp": WARM_UP,
        "packages": packages,
        "modules": f"{(folder / 'node_modules').resolve().as_uri()}/",
    }


def _multikey(pair: vc.Signer, controller: str) -> JsonObject:
    return {
        "@context": "https://w3id.org/security/multikey/v1",
        "id": pair.verification_method,
        "type": "Multikey",
        "controller": controller,
        "publicKeyMultibase": pair.public.multibase,
    }
