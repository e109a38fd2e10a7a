"""The project's own model, trained once for all tests that need it."""

import fcntl
from functools import cache
from pathlib import Path

from bot.training import archive
from bot.training.train import prepare, train

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "models"


@cache
def model_path() -> Path:
    """The archive of the files as they are; trained now when it is missing. Looked for once: reading the files takes a second."""
    prepared = prepare(ROOT)
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in sorted(FOLDER.glob("*.tar.gz")):
            if _fingerprint(path) == prepared.fingerprint:
                return path
        model = train(prepared)
        path = FOLDER / f"{model.info.model_id}.tar.gz"
        archive.write(path, model)
        return path


def _fingerprint(path: Path) -> str | None:
    try:
        return archive.read_info(path).fingerprint
    except archive.ArchiveError:
        return None
