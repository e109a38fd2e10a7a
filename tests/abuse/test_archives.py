"""Whatever a model archive holds, reading it gives a model or an ArchiveError, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.training import archive
from bot.training.archive import ArchiveError
from bot.training.train import prepare, train
from tests.trained import ROOT

PROJECT = ROOT / "tests/parity/projects/faq"
Parts = dict[str, bytes]
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "good.tar.gz"
    archive.write(path, train(prepare(PROJECT, ROOT / "config.yml")))
    return path


@pytest.fixture(scope="module")
def parts(good: Path) -> Parts:
    with tarfile.open(good) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def packed(path: Path, parts: Parts) -> Path:
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def readable(path: Path) -> bool:
    """Whether it is read; anything but a model or an ArchiveError fails the test."""
    for read in (archive.read_info, archive.read):
        try:
            read(path)
        except ArchiveError as error:
            if "bma train --force" not in str(error) or len(str(error)) > 1000:
                raise AssertionError("an error that does not say what to do") from error
            return False
    return True


def test_the_good_one_is_read(good: Path, parts: Parts, tmp_path: Path) -> None:
    assert readable(good)
    assert readable(packed(tmp_path / "again.tar.gz", parts))


@pytest.mark.parametrize("seed", range(4))
def test_mutated_bytes(good: Path, tmp_path: Path, seed: int) -> None:
    """Of the compressed file, of the tar inside, and of each part: bytes changed, cut out, doubled."""
    rng = random.Random(seed)
    path = tmp_path / "m.tar.gz"
    packed_bytes, plain = good.read_bytes(), gzip.decompress(good.read_bytes())
    for _ in range(25):
        path.write_bytes(mutated(packed_bytes, rng))
        readable(path)
        path.write_bytes(gzip.compress(mutated(plain, rng), 1))
        readable(path)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Some bytes of the beginning, where headers stand, or of anywhere, otherwise than they were."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        if not changed:
            break
        place = rng.randrange(min(len(changed), rng.choice((600, 5000, len(changed)))))
        match rng.randrange(4):
            case 0:
                changed[place] = rng.randrange(256)
            case 1:
                del changed[place : place + rng.randint(1, 700)]
            case 2:
                changed[place:place] = changed[place : place + rng.randint(1, 700)]
            case _:
                changed[place : place + 4] = rng.choice((b"\0" * 4, b"\xff" * 4, b"9999", b"../.", b"-1e9"))
    return bytes(changed)


def test_mutated_parts(parts: Parts, tmp_path: Path) -> None:
    rng = random.Random(11)
    for name, data in parts.items():
        for _ in range(6):
            readable(packed(tmp_path / "m.tar.gz", {**parts, name: mutated(data, rng)}))
        assert not readable(packed(tmp_path / "m.tar.gz", {key: value for key, value in parts.items() if key != name}))


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.sampled_from(["", "a", "0", 0, -1])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
)


@SETTINGS
@given(st.data())
def test_other_values_in_the_json(parts: Parts, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in parts if name.endswith(".json")]))
    body = json.loads(parts[name])
    places = list(_places(body))
    container, key = data.draw(st.sampled_from(places)) if places else (None, None)
    if container is None:
        body = data.draw(values)
    else:
        container[key] = data.draw(values)
    readable(packed(tmp_path_factory.getbasetemp() / "json.tar.gz", {**parts, name: json.dumps(body).encode()}))


def _places(body: Any, depth: int = 0) -> Any:
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in list(items)[:12]:
        yield body, key
        if depth < 3:
            yield from _places(value, depth + 1)


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def npz(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([print], dtype=object))
    return buffer.getvalue()


ARRAYS: dict[str, Callable[[], bytes]] = {
    "pickled objects": pickled,
    "a huge shape": lambda: npz({"weights.npy": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}")}),
    "a huge product": lambda: npz(
        {"weights.npy": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}")}
    ),
    "a negative shape": lambda: npz(
        {"weights.npy": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -8)}", b"\0" * 64)}
    ),
    "no header": lambda: npz({"weights.npy": b""}),
    "a header of brackets": lambda: npz({"weights.npy": npy("(" * 9000)}),
    "a header that calls": lambda: npz({"weights.npy": npy("__import__('os').abort()")}),
    "a compressed bomb": lambda: npz({"weights.npy": b"\0" * 50_000_000}, zipfile.ZIP_DEFLATED),
    "no zip": lambda: b"PK\x03\x04" + b"x" * 100,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", ARRAYS)
def test_hostile_arrays(parts: Parts, tmp_path: Path, name: str) -> None:
    part = next(key for key in parts if key.endswith(".npz"))
    assert not readable(packed(tmp_path / "m.tar.gz", {**parts, part: ARRAYS[name]()}))


JSON = (b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}", b"\xff", b"null", b'{"format": 1e999}', b"")
HARMLESS = (b"null", b'{"format": 1e999}')


@pytest.mark.parametrize("body", JSON, ids=range(len(JSON)))
def test_hostile_json(parts: Parts, tmp_path: Path, body: bytes) -> None:
    for name in parts:
        if name.endswith(".json"):
            is_read = readable(packed(tmp_path / "m.tar.gz", {**parts, name: body}))
            # What a component that learns nothing keeps is not looked at, as long as it is JSON; a domain may be an empty one.
            assert not is_read or (name.startswith(("nlu/", "payloads", "domain")) and body in HARMLESS), name


@pytest.mark.parametrize("model_id", ["../../tmp/x", "a/b", "", "x" * 300, "a\nb", "\x1b[2J", ".hidden"])
def test_an_id_names_no_path(parts: Parts, tmp_path: Path, model_id: str) -> None:
    info = {**json.loads(parts["metadata.json"]), "model_id": model_id}
    assert not readable(packed(tmp_path / "m.tar.gz", {**parts, "metadata.json": json.dumps(info).encode()}))


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo("nlu/00.json")
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, b"S"])
def test_other_things_than_files(parts: Parts, tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "m.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
            if name == "metadata.json":
                tar.addfile(special(kind, "/etc/passwd"))
    assert not readable(path)


def test_names_that_lead_elsewhere_write_nothing(parts: Parts, tmp_path: Path) -> None:
    readable(packed(tmp_path / "m.tar.gz", {**parts, "../../outside": b"x", "/tmp/outside-of-bma": b"x"}))
    assert sorted(item.name for item in tmp_path.rglob("*")) == ["m.tar.gz"]
    assert not Path("/tmp/outside-of-bma").exists()


def test_the_same_name_twice(parts: Parts, tmp_path: Path) -> None:
    path = packed(tmp_path / "m.tar.gz", parts)
    twice = gzip.decompress(path.read_bytes()).rstrip(b"\0")
    twice += b"\0" * (-len(twice) % 512)
    path.write_bytes(gzip.compress(twice + gzip.decompress(packed(tmp_path / "x.tar.gz", parts).read_bytes())))
    assert not readable(path)


def zeros(count: int) -> bytes:
    """A gzip of so many times 64 MB of zeros: 64 kB each."""
    return gzip.compress(b"\0" * (64 << 20), 9) * count


def pax_bomb() -> bytes:
    """A tar whose first header announces gigabytes of further headers."""
    entry = tarfile.TarInfo("pax")
    entry.type, entry.size = tarfile.XHDTYPE, 6 << 30
    return gzip.compress(entry.tobuf()) + zeros(96)


def many_parts() -> bytes:
    return gzip.compress(b"".join(tarfile.TarInfo(f"nlu/{number}.json").tobuf() for number in range(100_000)), 1)


def cut_stream() -> bytes:
    return zlib.compress(b"x" * 1000)[:-3]


BOMBS = {"zeros": lambda: zeros(96), "pax header": pax_bomb, "many parts": many_parts, "cut": cut_stream}
READ = """
import resource, sys, time
from pathlib import Path
from bot.training import archive
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
before = resource.getrusage(resource.RUSAGE_SELF)
for read in (archive.read_info, archive.read):
    try:
        read(Path(sys.argv[1]))
        print("read")
    except archive.ArchiveError:
        print("refused")
after = resource.getrusage(resource.RUSAGE_SELF)
print((after.ru_maxrss - before.ru_maxrss) // 1024, round(after.ru_utime - before.ru_utime, 1))
"""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_take_neither_memory_nor_time(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(BOMBS[name]())
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    info, whole, taken = ran.stdout.splitlines()
    assert (info, whole) == ("refused", "refused")
    megabytes, seconds = map(float, taken.split())
    assert megabytes < 700
    assert seconds < 10
