"""The model archive: a `.tar.gz` of JSON files and `.npz` arrays, no code and no pickle."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.dialogue.ensemble import Policy
from bot.dialogue.memoization import AugmentedMemoizationPolicy
from bot.dialogue.rule_policy import RulePolicy
from bot.dialogue.states import RuleOnly
from bot.nlu.component import Saved
from bot.nlu.interpreter import Interpreter
from bot.project.domain_reader import DEFAULT_INTENTS, domain_from_raw
from bot.project.model import ComponentSpec, Domain, Example
from bot.training.examples import unpack
from bot.training.versions import FORMAT

EXAMPLES = "examples.json.zlib"
MAX_BYTES = 256 * 1024 * 1024
"""Largest archive that is read, unpacked: ten times the one of this project."""
MAX_PARTS = 200
"""Parts of an archive, at most."""
MAX_INFO_BYTES = 1024 * 1024
"""How far into an archive the part may reach that says what it is."""
FIRST_SENTENCE = "oui"
"""What a model that was read is asked before it is used: arrays that do not fit each other are found out."""
_MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


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

    Payloads with `@confidence` or entities, and Rasa's own intents, are left out.
    """
    wanted = {f"/{name.removeprefix('utter_')}" for name in domain.responses}
    for variations in domain.responses.values():
        for variation in variations:
            wanted |= {str(button.get("payload", "")) for button in variation.content.get("buttons") or ()}
    allowed = {f"/{name}" for name in domain.intents if name not in DEFAULT_INTENTS}
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
        domain = domain_from_raw(dict(json.loads(parts["domain.json"])))
        specs = [ComponentSpec(item["name"], item["options"]) for item in json.loads(parts["pipeline.json"])]
        saved = [_saved(parts, number) for number in range(len(specs))]
        interpreter = Interpreter.load(specs, saved)
        policies = _policies(json.loads(parts["policies.json"]))
        payloads = frozenset(map(str, json.loads(parts["payloads.json"])))
        interpreter.understand(FIRST_SENTENCE)
        packed = parts[EXAMPLES]
    except Exception as error:  # each component fails in its own way at what it cannot use
        raise ArchiveError(f"{path}: damaged model archive ({_said(error)}); run `bma train --force`") from error
    return Model(info, domain, interpreter, policies, payloads, packed)


def read_info(path: Path) -> ModelInfo:
    """Read only what an archive says of itself.

    Raises:
        ArchiveError: as `read`.
    """
    parts = dict(_members(path, _unpacked(path, MAX_INFO_BYTES), 1))
    return _info(path, parts)


def latest(folder: Path) -> Path | None:
    """The newest archive in a folder, or None."""
    return next(iter(newest_first(folder)), None)


def newest_first(folder: Path) -> list[Path]:
    """The archives in a folder."""
    return sorted(folder.glob("*.tar.gz"), key=lambda path: (path.stat().st_mtime, path.name), reverse=True)


def _parts(path: Path) -> dict[str, bytes]:
    data = _unpacked(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ArchiveError(f"{path}: larger than {MAX_BYTES} bytes, no model archive; run `bma train --force`")
    parts: dict[str, bytes] = {}
    for name, part in _members(path, data, MAX_PARTS):
        if name in parts:
            raise ArchiveError(f"{path}: part {name!r} comes twice in a model archive; run `bma train --force`")
        parts[name] = part
    return parts


def _unpacked(path: Path, most: int) -> bytes:
    """The beginning of what an archive holds, so many bytes at most, whatever it would grow to."""
    try:
        with gzip.open(path) as stream:
            return stream.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveError(f"{path}: cannot be read ({_said(error)}); run `bma train --force`") from error


def _members(path: Path, data: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the first parts of an unpacked archive; nothing is written anywhere."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for count in range(most + 1):
                member = tar.next()
                if member is None:
                    return
                stream = tar.extractfile(member) if member.isreg() and not member.issparse() and count < most else None
                if stream is None:
                    if most == 1:  # only what it says of itself was wanted
                        return
                    raise ArchiveError(f"{path}: unexpected part {member.name!r} in a model archive; run `bma train --force`")
                yield member.name, stream.read()
    except ArchiveError:
        raise
    except Exception as error:  # besides TarError: ValueError, IndexError, UnicodeDecodeError… of damaged headers
        raise ArchiveError(f"{path}: cannot be read ({_said(error)}); run `bma train --force`") from error


def _said(error: BaseException) -> str:
    """An error in a few words, whatever a hostile archive put into it."""
    return f"{type(error).__name__}: {str(error)[:200]!r}"


def _info(path: Path, parts: Mapping[str, bytes]) -> ModelInfo:
    try:
        body = json.loads(parts["metadata.json"])
        found = body["format"]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise ArchiveError(f"{path}: not a model archive; run `bma train --force`") from error
    if found != FORMAT:
        raise ArchiveError(f"{path}: archive of format {str(found)[:40]}, this version reads {FORMAT}; run `bma train --force`")
    try:
        info = ModelInfo(**body)
    except TypeError as error:
        raise ArchiveError(f"{path}: not a model archive; run `bma train --force`") from error
    texts = (info.model_id, info.assistant_id, info.fingerprint, info.trained_at)
    numbers = (info.seconds, info.examples)
    are_typed = all(isinstance(value, str) for value in texts) and all(isinstance(value, int | float) for value in numbers)
    if not are_typed or not isinstance(info.versions, Mapping) or not _MODEL_ID.fullmatch(info.model_id):
        raise ArchiveError(f"{path}: not a model archive; run `bma train --force`")
    return info


def _saved(parts: Mapping[str, bytes], number: int) -> Saved:
    packed = parts.get(f"nlu/{number:02}.npz")
    arrays = dict(_arrays(packed)) if packed is not None else {}
    return Saved(json.loads(parts[f"nlu/{number:02}.json"]), arrays)


def _arrays(packed: bytes) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The arrays of a `.npz`, none larger than the bytes that are there for it.

    Raises:
        ValueError: compressed, of Python objects, or of another shape than its bytes.
    """
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        for entry in file.infolist():
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(packed):
                raise ValueError(f"{entry.filename} is compressed, or larger than its archive")
            body = io.BytesIO(file.read(entry))
            version = np.lib.format.read_magic(body)
            if version != (1, 0):
                raise ValueError(f"{entry.filename} is of another version of numpy's format")
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(body)
            count = math.prod(shape)
            if dtype.hasobject or min(shape, default=0) < 0 or count * dtype.itemsize != entry.file_size - body.tell():
                raise ValueError(f"{entry.filename} does not hold what its header says")
            array = np.frombuffer(body.read(), dtype, count).reshape(shape, order="F" if is_fortran else "C").copy(order="K")
            yield entry.filename.removesuffix(".npy"), array


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
