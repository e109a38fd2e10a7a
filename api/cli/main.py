"""The `bma` command: one function a verb."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.measures import add_tests, data
from api.cli.options import ConfigFile, Project, err, out
from api.cli.options import read_settings as _settings
from api.cli.texts import text

app = typer.Typer(help=text("app"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
testing = typer.Typer(help=text("help_test"), no_args_is_help=True)
app.add_typer(testing, name="test")
app.add_typer(data, name="data")
add_tests(testing)


@app.command(help=text("help_train"))
def train(
    project: Project = None,
    config: ConfigFile = None,
    force: Annotated[bool, typer.Option("--force", help=text("help_force"))] = False,
) -> None:
    """Train a model, unless the newest one was trained on the same files."""
    from api.cli.training import train_model

    settings = _settings(project, config)
    raise typer.Exit(train_model(settings, out, err, force=force))


@app.command(help=text("help_run"))
def run(
    project: Project = None,
    config: ConfigFile = None,
    host: Annotated[str | None, typer.Option(help=text("help_host"))] = None,
    port: Annotated[int | None, typer.Option(help=text("help_port"))] = None,
    make_token: Annotated[bool, typer.Option("--make-token", help=text("help_make_token"))] = False,
) -> None:
    """Serve the newest model."""
    import uvicorn

    from api.app import create_app, require_usable
    from api.settings import SettingsError

    settings = _settings(project, config)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=changes)
    try:
        if make_token and settings.api_token is None:
            settings = settings.with_kept_token()
        require_usable(settings)
    except SettingsError as error:
        err.print(text("setting_error", error=error), markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    if make_token:
        out.print(text("token", token=settings.api_token), markup=False, soft_wrap=True)
    out.print(text("listening", host=settings.host, port=settings.port), markup=False, soft_wrap=True)
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        log_config=None,
    )


@app.command(help=text("help_shell"))
def shell(project: Project = None, config: ConfigFile = None) -> None:
    """Talk in the terminal; nothing is kept."""
    from api.cli.shell import talk

    raise typer.Exit(asyncio.run(talk(_settings(project, config), out, err)))


@app.command(help=text("help_parse"))
def parse(
    sentence: Annotated[str, typer.Argument(help=text("help_text"))],
    project: Project = None,
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help=text("help_json"))] = False,
) -> None:
    """Show intents, confidences and entities of a text."""
    from api.cli.tables import show_parse
    from api.cli.training import load_model
    from bot.masking import mask
    from bot.text import clean_text

    model = load_model(_settings(project, config), err)
    if model is None:
        raise typer.Exit(2)
    result = model.interpreter.parse(mask(clean_text(sentence)).text)
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    else:
        show_parse(result, out)


@app.command(help=text("help_check"))
def check(
    project: Project = None,
    config: ConfigFile = None,
    strict: Annotated[bool, typer.Option("--strict", help=text("help_strict"))] = False,
) -> None:
    """Validate the project's files."""
    from api.cli.checking import check_project

    raise typer.Exit(check_project(_settings(project, config), out, err, strict=strict))


@testing.command("dialogues", help=text("help_test_dialogues"))
def dialogues(
    files: Annotated[list[Path] | None, typer.Argument(help=text("help_test_files"))] = None,
    project: Project = None,
    config: ConfigFile = None,
    model: Annotated[Path | None, typer.Option("--model", help=text("help_model"))] = None,
    errors: Annotated[Path | None, typer.Option("--errors", dir_okay=False, help=text("help_errors"))] = None,
) -> None:
    """Play test stories."""
    from api.cli.testing import play_dialogues

    raise typer.Exit(asyncio.run(play_dialogues(_settings(project, config), files or [], model, errors, out, err)))


@app.command(help=text("help_actions"))
def actions(project: Project = None) -> None:
    """Serve the custom actions alone."""
    import os

    from actions.server import main

    os.environ.setdefault("BMA_PROJECT_DIR", str(_settings(project, None).project_dir))
    main()


if __name__ == "__main__":
    app()
