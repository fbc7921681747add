"""Write the verification vectors below `tests/vectors` from the scenarios in `tests/scenarios.py`.

Seeds and times are fixed, so a second run changes nothing; `tests/vc/test_vectors.py` holds the files to that. Run it
with `src` and `tests` on the path: `PYTHONPATH=src:tests python scripts/make_vectors.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

from scenarios import STAGES, vectors

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "vectors"


def main() -> None:
    """Replace all vectors by fresh ones."""
    for stage in STAGES:
        for old in (FOLDER / stage).glob("*.json"):
            old.unlink()
    for name, vector in vectors().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
