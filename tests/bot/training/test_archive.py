"""Model archives: what was written is read, what is damaged is refused with the command to run."""

import io
import json
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from bot.training import archive
from bot.training.archive import ArchiveError
from bot.training.examples import pack, unpack
from bot.training.train import prepare
from tests.trained import ROOT, model_path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def path() -> Path:
    return model_path()


def test_what_was_written_is_read(path: Path, tmp_path: Path) -> None:
    model = archive.read(path)
    archive.write(tmp_path / "m.tar.gz", model)
    again = archive.read(tmp_path / "m.tar.gz")
    assert again.info == model.info
    assert again.domain == model.domain
    assert again.payloads == model.payloads
    for text in ("mot de passe perdu", "Bonjour", "c'est quoi MODE ?"):
        assert again.interpreter.parse(text) == model.interpreter.parse(text)


def test_a_model_knows_its_training_sentences_and_where_they_are(path: Path, tmp_path: Path) -> None:
    model = archive.read(path)
    found = model.examples()
    assert len(found) == model.info.examples
    written = prepare(ROOT).project.nlu.examples
    assert sorted((item.text, item.intent, str(item.location)) for item in found) == sorted(
        (item.text, item.intent, str(item.location)) for item in written
    )
    assert len(model.packed) < 40 * len(found)
    archive.write(tmp_path / "m.tar.gz", model)
    assert archive.read(tmp_path / "m.tar.gz").examples() == found


def test_packed_sentences_that_are_none() -> None:
    assert unpack(b"") == unpack(pack(())) == ()
    for damaged in (b"x", pack(())[:-6], zlib.compress(b"[1]"), zlib.compress(b'[{"intent": "a"}]'), zlib.compress(b"x")):
        with pytest.raises(ValueError):
            unpack(damaged)


def test_no_pickle_inside(path: Path) -> None:
    with tarfile.open(path) as tar:
        for member in tar:
            assert member.name.endswith((".json", ".npz", ".json.zlib"))
            if member.name.endswith(".npz"):
                stream = tar.extractfile(member)
                assert stream is not None
                with np.load(io.BytesIO(stream.read()), allow_pickle=False) as arrays:
                    assert all(arrays[name].dtype != object for name in arrays.files)


def test_listed_payloads_are_plain_intents(path: Path) -> None:
    payloads = archive.read(path).payloads
    assert {"/mot_de_passe_mode", "/mode_inconnu", "/hors_sujet", "/redirection", "/mot_de_passe"} <= payloads
    assert not payloads & {"/restart", "/back", "/session_start", "/nlu_fallback", "/out_of_scope"}
    assert all("{" not in item and "@" not in item for item in payloads)


def test_damaged_archives_are_refused(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    damaged = {"empty": b"", "cut": data[: len(data) // 2], "noise": b"x" * 1000, "flipped": data[:500] + b"\0" * 50 + data[550:]}
    for name, content in damaged.items():
        broken = tmp_path / f"{name}.tar.gz"
        broken.write_bytes(content)
        with pytest.raises(ArchiveError, match="bma train --force"):
            archive.read(broken)


def test_another_format_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "old.tar.gz"
    body = json.dumps({"format": 0}).encode()
    with tarfile.open(other, "w:gz") as tar:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    for reader in (archive.read, archive.read_info):
        with pytest.raises(ArchiveError, match="format 0"):
            reader(other)
