"""What is committed is clean, and the documents say what the code does."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer

from api.app import create_app
from api.channels.teams.settings import PREFIX, TeamsSettings
from api.cli.main import app as cli
from api.console.oidc_settings import PREFIX as OIDC
from api.console.oidc_settings import OidcSettings
from api.settings import Settings

ROOT = Path(__file__).parent.parent


def committed() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in names.stdout.splitlines() if (path := ROOT / name).is_file()]


FORBIDDEN = re.compile(
    r"(?:pypi\.org|pythonhosted|registry\.npmjs|--index-url|--extra-index|--find-links|--trusted-host"
    r"|(?<![\w.])/(?:work|root|farm)/|file:///)"
)
OWN = ("tests/test_repository.py", "requirements/compile.sh")


@pytest.mark.parametrize("path", committed(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_path_of_a_machine_and_no_registry(path: Path) -> None:
    if str(path.relative_to(ROOT)) in OWN:
        return
    text = path.read_bytes().decode("utf-8", "replace")
    found = FORBIDDEN.search(text)
    assert found is None, f"{path}: {found[0]!r}"


def test_lock_files_pin_with_hashes_and_hold_what_is_declared() -> None:
    for name in ("build", "runtime", "teams", "dev"):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        pinned = re.findall(r"^([a-z0-9][\w.-]*)(==\S+)? *\\?$", text, re.M)
        assert pinned
        assert all(version for _, version in pinned), name
        assert text.count("--hash=sha256:") >= len(pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *(item for extra in project["optional-dependencies"].values() for item in extra)]
    locked = set(re.findall(r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements/dev.txt").read_text(), re.M))
    for requirement in declared:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert re.sub(r"[._-]+", "-", name[0]).lower() in locked, requirement


def test_engine_actions_and_api_never_read_the_shared_folder() -> None:
    for folder in ("bot", "actions", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "shared" not in re.findall(r"[\"'/]shared[\"'/]", path.read_text(encoding="utf-8")), path


def test_no_french_sentence_in_code() -> None:
    sentence = re.compile(r"[\"'][^\"'\n]*\b(?:vous|votre|est-il|contactez|n'est pas|désolé|bonjour)\b[^\"'\n]*[\"']", re.I)
    for folder in ("bot", "actions", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            if "masking" in path.parts:
                continue
            code = re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text(encoding="utf-8"))
            assert sentence.search(code) is None, path


def test_settings_are_documented() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(BMA_\w+)` \|", text, re.M)
    teams = {f"{PREFIX}{name.upper()}": field for name, field in TeamsSettings.model_fields.items()}
    teams |= {f"{OIDC}{name.upper()}": field for name, field in OidcSettings.model_fields.items()}
    settings = {f"BMA_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert sorted(documented) == sorted(teams | settings)
    for name, field in (teams | settings).items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` "))
        if isinstance(field.default, str | int | float) and field.default != "":
            assert f"`{field.default}`" in row, name


def test_routes_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMA_TEAMS_TENANT_ID", "99999999-8888-4777-8666-555555555555")
    monkeypatch.setenv("BMA_TEAMS_CREDENTIAL", "managed_identity")
    with_all = Settings(_env_file=None, teams_app_id="11111111-2222-4333-8444-555555555555")
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", text, re.M))
    paths = create_app(with_all).openapi()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert served == documented


def test_commands_are_documented() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `bma (\w+)", text, re.M))
    assert documented == set(typer.main.get_command(cli).commands)


def test_rooms_of_the_engine_are_described() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    rooms = {f"bot/{path.name}{'/' * path.is_dir()}" for path in (ROOT / "bot").iterdir() if not path.name.startswith("_")}
    assert sorted(room for room in rooms if f"`{room}`" not in text) == []


def test_make_lists_its_targets() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check", "train", "bench", "clean"):
        assert f"make {target} " in listed
