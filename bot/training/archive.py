"""The model archive: a `.tar.gz` of JSON files and `.npz` arrays, no code and no pickle."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.dialogue.ensemble import Policy
from bot.dialogue.memoization import AugmentedMemoizationPolicy
from bot.dialogue.rule_policy import RulePolicy
from bot.dialogue.states import RuleOnly
from bot.nlu.component import Saved
from bot.nlu.interpreter import Interpreter
from bot.project.domain_reader import domain_from_raw
from bot.project.model import ComponentSpec, Domain, Example
from bot.training.examples import unpack
from bot.training.versions import FORMAT

EXAMPLES = "examples.json.zlib"
MAX_MEMBER_BYTES = 512 * 1024 * 1024
"""Largest part of an archive that is read."""


class ArchiveError(Exception):
    """A file that is no usable model archive; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What an archive says of itself."""

    model_id: str
    assistant_id: str
    fingerprint: str
    trained_at: str
    """ISO 8601, UTC."""
    seconds: float
    """How long training took."""
    examples: int
    versions: Mapping[str, str]
    """Packages that trained it."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Model:
    """A trained assistant."""

    info: ModelInfo
    domain: Domain
    interpreter: Interpreter
    policies: tuple[Policy, ...]
    payloads: frozenset[str]
    """Messages that begin with `/` and are honoured from anybody: the domain's buttons, and `/<id>` of the answers."""
    packed: bytes = b""
    """Its training sentences (`bot.training.examples`): half a megabyte, which nothing but an explanation unpacks."""

    def examples(self) -> tuple[Example, ...]:
        """The sentences that it was trained on, without their entities; unpacked at each call, in 0.1 s."""
        return unpack(self.packed)


def listed_payloads(domain: Domain) -> frozenset[str]:
    """Payloads that the domain's own buttons carry, and one for each intent that has an answer.

    Payloads with `@confidence` or entities, and Rasa's restart, back and session_start, are left out.
    """
    wanted = {f"/{name.removeprefix('utter_')}" for name in domain.responses}
    for variations in domain.responses.values():
        for variation in variations:
            wanted |= {str(button.get("payload", "")) for button in variation.content.get("buttons") or ()}
    allowed = {
        f"/{name}" for name in domain.intents if name not in ("restart", "back", "session_start", "nlu_fallback", "out_of_scope")
    }
    return frozenset(wanted & allowed)


def write(path: Path, model: Model) -> None:
    """Write an archive; an interrupted write leaves no half file at `path`."""
    temporary = path.with_name(path.name + ".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(temporary, "w:gz", compresslevel=4) as tar:
        _add_json(tar, "metadata.json", asdict(model.info))
        _add_json(tar, "domain.json", model.domain.raw)
        _add_json(tar, "payloads.json", sorted(model.payloads))
        _add(tar, EXAMPLES, model.packed)
        policies = [{"name": policy.name, "options": policy.options, **policy.to_json()} for policy in model.policies]  # type: ignore[attr-defined]
        _add_json(tar, "policies.json", policies)
        specs = [{"name": spec.name, "options": dict(spec.options)} for spec in model.interpreter.specs]
        _add_json(tar, "pipeline.json", specs)
        for number, saved in enumerate(model.interpreter.save()):
            _add_json(tar, f"nlu/{number:02}.json", saved.json)
            if saved.arrays:
                buffer = io.BytesIO()
                np.savez(buffer, allow_pickle=False, **saved.arrays)
                _add(tar, f"nlu/{number:02}.npz", buffer.getvalue())
    os.replace(temporary, path)


def read(path: Path) -> Model:
    """Read an archive.

    Raises:
        ArchiveError: missing, damaged, or of another version.
    """
    parts = _parts(path)
    info = _info(path, parts)
    try:
        domain = domain_from_raw(json.loads(parts["domain.json"]))
        specs = [ComponentSpec(item["name"], item["options"]) for item in json.loads(parts["pipeline.json"])]
        saved = [_saved(parts, number) for number in range(len(specs))]
        interpreter = Interpreter.load(specs, saved)
        policies = _policies(json.loads(parts["policies.json"]))
        payloads = frozenset(json.loads(parts["payloads.json"]))
        packed = parts[EXAMPLES]
    except (KeyError, ValueError, TypeError) as error:
        raise ArchiveError(f"{path}: damaged model archive ({type(error).__name__}: {error}); run `bma train --force`") from error
    return Model(info, domain, interpreter, policies, payloads, packed)


def read_info(path: Path) -> ModelInfo:
    """Read only what an archive says of itself.

    Raises:
        ArchiveError: as `read`.
    """
    try:
        with tarfile.open(path, "r:gz") as tar:
            first = tar.next()
            stream = tar.extractfile(first) if first is not None and first.name == "metadata.json" else None
            if stream is None:
                raise ArchiveError(f"{path}: not a model archive; run `bma train --force`")
            return _info(path, {"metadata.json": stream.read(1024 * 1024)})
    except (OSError, tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{path}: cannot be read ({type(error).__name__}); run `bma train --force`") from error


def latest(folder: Path) -> Path | None:
    """The newest archive in a folder, or None."""
    archives = sorted(folder.glob("*.tar.gz"), key=lambda path: (path.stat().st_mtime, path.name))
    return archives[-1] if archives else None


def _parts(path: Path) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                if not member.isfile() or member.size > MAX_MEMBER_BYTES:
                    raise ArchiveError(f"{path}: unexpected part {member.name!r} in a model archive")
                stream = tar.extractfile(member)
                parts[member.name] = stream.read() if stream else b""
    except (OSError, tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{path}: cannot be read ({type(error).__name__}); run `bma train --force`") from error
    return parts


def _info(path: Path, parts: Mapping[str, bytes]) -> ModelInfo:
    try:
        body = json.loads(parts["metadata.json"])
        found = body["format"]
    except (KeyError, ValueError, TypeError) as error:
        raise ArchiveError(f"{path}: not a model archive; run `bma train --force`") from error
    if found != FORMAT:
        raise ArchiveError(f"{path}: archive of format {found}, this version reads {FORMAT}; run `bma train --force`")
    try:
        return ModelInfo(**body)
    except TypeError as error:
        raise ArchiveError(f"{path}: not a model archive; run `bma train --force`") from error


def _saved(parts: Mapping[str, bytes], number: int) -> Saved:
    arrays: dict[str, Any] = {}
    packed = parts.get(f"nlu/{number:02}.npz")
    if packed is not None:
        with np.load(io.BytesIO(packed), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    return Saved(json.loads(parts[f"nlu/{number:02}.json"]), arrays)


def _policies(bodies: Sequence[Mapping[str, Any]]) -> tuple[Policy, ...]:
    rules = next((body for body in bodies if body["name"] == RulePolicy.name), None)
    only = rules["rule_only"] if rules else {"slots": (), "loops": ()}
    rule_only = RuleOnly(only["slots"], only["loops"])
    policies: list[Policy] = []
    for body in bodies:
        if body["name"] == RulePolicy.name:
            policies.append(RulePolicy.from_json(body, body["options"]))
        else:
            policies.append(AugmentedMemoizationPolicy(body["memory"], rule_only, body["options"]))
    return tuple(policies)


def _add_json(tar: tarfile.TarFile, name: str, body: Any) -> None:
    _add(tar, name, json.dumps(body, ensure_ascii=False, default=list).encode())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
