"""Fingerprint of a project: what a model was trained on."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from bot.training.versions import FORMAT

TRAINED_WITH = ("scikit-learn", "numpy", "scipy")
"""Packages whose version changes what training gives."""


def fingerprint(root: Path, files: tuple[str, ...], config: str) -> str:
    """Hash of all that a trained model depends on.

    Args:
        root: the project's folder.
        files: project files relative to it.
        config: text of the configuration's file, which may be another than `config.yml`.

    Returns:
        64 hexadecimal characters.
    """
    digest = hashlib.sha256(f"format {FORMAT}\n".encode())
    for package in TRAINED_WITH:
        digest.update(f"{package} {version(package)}\n".encode())
    digest.update(_source_hash().encode())
    digest.update(config.encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0".encode())
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _source_hash() -> str:
    """Hash of the engine's own code that training runs."""
    engine = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in ("nlu", "dialogue", "project", "training"):
        for path in sorted((engine / folder).glob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
