"""A second process works, fails and ends without harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.nlu import second_process as module
from bot.nlu.second_process import SecondProcess, second_process

ORPHAN = """
import os, time
from bot.nlu.second_process import SecondProcess
if __name__ == "__main__":
    helper = SecondProcess()
    helper.share(pow, (2, 3), (2, 5))
    print(helper._process.pid, flush=True)
    time.sleep(60)
"""


def test_both_do_their_part() -> None:
    with second_process() as helper:
        assert helper is not None
        assert helper.share(pow, (2, 3), (2, 5)) == (8, 32)
        pid = helper._process.pid
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()


def test_what_fails_there_fails_here() -> None:
    helper = SecondProcess()
    with pytest.raises(ZeroDivisionError):
        helper.share(divmod, (1, 1), (1, 0))
    assert helper.share(divmod, (7, 2), (9, 2)) == ((3, 1), (4, 1))  # it is gone, and its part is done here
    helper.close()


def test_it_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "orphan.py"
    program.write_text(ORPHAN, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True, env=env) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert _runs(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    end = time.monotonic() + 20
    while _runs(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(pid)


def test_one_core_has_no_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _pid: {0})
    with second_process() as helper:
        assert helper is None


def _runs(pid: int) -> bool:
    """Whether a process is there and no mere entry that nobody has read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
