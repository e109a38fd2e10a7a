"""The app package: a manifest that Microsoft's schema accepts, icons of the right size, clear errors."""

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from typer.testing import CliRunner

from api.channels.teams.package import SCHEMA, manifest
from api.cli.main import app
from tests.api.channels.teams.tools import manifest_schema

APP = "11111111-2222-4333-8444-555555555555"
URL = "https://bma.exemple.be"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["teams", "package", *arguments])


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_package(tmp_path: Path) -> None:
    file = tmp_path / "new" / "bma.zip"
    done = run("--url", URL, "--app-id", APP, "--output", str(file))
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(file) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        assert size(package.read("color.png")) == (192, 192)
        assert size(package.read("outline.png")) == (32, 32)
        body = json.loads(package.read("manifest.json"))
    assert body["bots"][0]["botId"] == APP
    assert body["validDomains"] == ["bma.exemple.be"]
    assert "assistant automatique" in body["description"]["full"]


def test_the_manifest_is_valid() -> None:
    validator = Draft4Validator(manifest_schema(SCHEMA))
    assert [error.message for error in validator.iter_errors(manifest(URL, APP))] == []
    wrong = manifest(URL, APP)
    wrong["name"]["short"] = "x" * 31
    assert list(validator.iter_errors(wrong)), "the schema accepts anything"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "http://bma.exemple.be", "--app-id", APP], "https://"),
        (["--url", "bma.exemple.be", "--app-id", APP], "https://"),
        (["--url", "https://u@bma.exemple.be", "--app-id", APP], "https://"),
        (["--url", URL, "--app-id", "robot"], "ID d'application"),
        (["--url", URL], "ID d'application"),
        (["--url", URL, "--app-id", APP, "--privacy-url", "ftp://x"], "https://"),
        (["--url", URL, "--app-id", APP, "--output", "/dev/null/x.zip"], "écrit"),
    ],
)
def test_mistakes_say_what_to_write(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.output.replace("\n", " ")
