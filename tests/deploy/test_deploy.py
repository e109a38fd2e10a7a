"""The files of deploy/, as far as they can be checked without a container engine."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from api.settings import Settings
from bot.storage.database import HEAD

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
NOT_RUN = re.compile(r"not run here", re.I)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(DEPLOY / "compose.yaml")
    return found


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\bBMA_[A-Z_]+(?==|:)", text))


def test_compose_keeps_to_its_schema() -> None:
    schema = json.loads((ROOT / "tests/data/schemas/compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.validate(compose(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose() | {"services": {"x": {"imagee": "y"}}}, schema)


def test_the_containers_are_closed() -> None:
    for name in ("assistant", "upgrade"):
        service = compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in compose()["services"]["assistant"]["ports"])
    assert re.search(r"^USER 10001$", DOCKERFILE, re.M)
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("COPY")


def test_no_secret_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for name in ("POSTGRES_PASSWORD", "BMA_SECRET_KEY", "BMA_API_TOKEN"):
        assert set(re.findall(rf"\$\{{{name}[^}}]*\}}", text)) == {f"${{{name}:?}}"}


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "bma-assistant.service"])
def test_only_real_settings_are_set_and_it_is_said_that_it_was_not_run(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert NOT_RUN.search(text)
    assert settings_in(text) <= {f"BMA_{setting.upper()}" for setting in Settings.model_fields}


def test_what_the_image_copies_is_there_and_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert {f"!{source.split('/')[0]}", f"!{source}"} & set(ignored), source


def test_the_image_holds_every_package() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.M))
    assert packages <= copied


def test_the_commands_of_the_image_are_commands() -> None:
    from typer.main import get_command

    from api.cli.main import app

    known = get_command(app)
    for service in ("assistant", "upgrade"):
        verb = compose()["services"][service]["command"][0]
        assert verb in known.commands  # type: ignore[attr-defined]
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(DEPLOY / "bma-assistant.service")
    assert unit["Service"]["ExecStart"].split()[1] in known.commands  # type: ignore[attr-defined]
    for closed in ("NoNewPrivileges", "ProtectHome", "PrivateTmp"):
        assert unit["Service"][closed] == "yes"
    assert unit["Service"]["User"] != "root"


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    copy = tmp_path / "bma-assistant.service"
    text = (DEPLOY / copy.name).read_text(encoding="utf-8")
    copy.write_text(re.sub(r"/opt/bma/\.venv/bin/bma", sys.executable, text))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    mine = [line for line in done.stderr.splitlines() if copy.name in line]
    assert not [line for line in mine if re.search(r"Unknown|Failed to parse|Invalid|Missing", line)], mine


@pytest.mark.slow
def test_the_wheel_has_the_migrations_and_the_texts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    source = tmp_path / "source"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".venv", ".git", "models", "var", "build", "*.egg-info", ".*_cache")
    )
    subprocess.run([*command, "--wheel-dir", tmp_path, source], check=True, capture_output=True, env={**os.environ})
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "bot/storage/migrations/env.py",
        "bot/storage/migrations/versions/v0002_keeping_and_growing.py",
        "api/texts.yml",
    ):
        assert wanted in names
    target = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    env = {**os.environ, "PYTHONPATH": str(target), "BMA_DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "db", "upgrade"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert HEAD in done.stdout
