"""The `bma` command: one function a verb."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.measures import add_tests, data
from api.cli.options import ConfigFile, Project, err, out
from api.cli.options import read_settings as _settings
from api.cli.texts import text
from api.console.rights import Role

app = typer.Typer(help=text("app"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
testing = typer.Typer(help=text("help_test"), no_args_is_help=True)
app.add_typer(testing, name="test")
widget = typer.Typer(help=text("help_widget"), no_args_is_help=True)
app.add_typer(widget, name="widget")
app.add_typer(data, name="data")
add_tests(testing)
conversation = typer.Typer(help=text("help_conversation"), no_args_is_help=True)
app.add_typer(conversation, name="conversation")
model = typer.Typer(help=text("help_model_verbs"), no_args_is_help=True)
app.add_typer(model, name="model")
database = typer.Typer(help=text("help_db"), no_args_is_help=True)
app.add_typer(database, name="db")
teams = typer.Typer(help=text("help_teams"), no_args_is_help=True)
app.add_typer(teams, name="teams")
console = typer.Typer(help=text("help_console"), no_args_is_help=True)
app.add_typer(console, name="console")

Channel = Annotated[str, typer.Option("--channel", help=text("help_channel"))]
Sender = Annotated[str, typer.Argument(help=text("help_sender"))]
Reason = Annotated[str, typer.Option("--reason", help=text("help_reason"))]


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
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help=text("help_workers"))] = 1,
) -> None:
    """Serve the newest model."""
    from api import garbage

    garbage.wait()
    from api.cli.serving import serve

    settings = _settings(project, config)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    raise typer.Exit(serve(settings.model_copy(update=changes), workers, out, err, make_token=make_token))


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


@widget.command("snippet", help=text("help_widget_snippet"))
def widget_snippet(url: Annotated[str | None, typer.Option("--url", help=text("help_widget_url"))] = None) -> None:
    """Print the embed code."""
    from api.cli.widget import snippet

    sys.stdout.write(snippet(_settings(None, None), url) + "\n")


@database.command("upgrade", help=text("help_db_upgrade"))
def db_upgrade() -> None:
    """Bring the database's tables up to date."""
    from api.cli.database import upgrade_database

    raise typer.Exit(upgrade_database(_settings(None, None), out, err))


@database.command("current", help=text("help_db_current"))
def db_current() -> None:
    """Show the version of the database's tables."""
    from api.cli.database import show_version

    raise typer.Exit(show_version(_settings(None, None), out, err))


@database.command("downgrade", help=text("help_db_downgrade"))
def db_downgrade(
    to: Annotated[str, typer.Argument(help=text("help_db_version"))],
    yes: Annotated[bool, typer.Option("--yes", help=text("help_db_yes"))] = False,
) -> None:
    """Go back to the tables of an older release."""
    from api.cli.database import downgrade_database

    raise typer.Exit(downgrade_database(_settings(None, None), to, out, err, is_sure=yes))


@teams.command("package", help=text("help_teams_package"))
def teams_package(
    url: Annotated[str, typer.Option(help=text("help_teams_url"))],
    app_id: Annotated[str | None, typer.Option(help=text("help_teams_app_id"))] = None,
    output: Annotated[Path, typer.Option(dir_okay=False, help=text("help_teams_output"))] = Path("bma-teams.zip"),
    privacy_url: Annotated[str | None, typer.Option(help=text("help_teams_privacy"))] = None,
    terms_url: Annotated[str | None, typer.Option(help=text("help_teams_terms"))] = None,
) -> None:
    """Write the Teams app package."""
    from api.cli.teams import make_package

    app_id = app_id or _settings(None, None).teams_app_id or ""
    raise typer.Exit(make_package(url, app_id, output, privacy_url, terms_url, out, err))


@teams.command("check", help=text("help_teams_check"))
def teams_check() -> None:
    """Try the Teams configuration."""
    from api.cli.teams import check_teams

    raise typer.Exit(check_teams(_settings(None, None), out, err))


@app.command(help=text("help_purge"))
def purge(
    days: Annotated[float | None, typer.Option("--days", min=0, help=text("help_days"))] = None,
) -> None:
    """Delete the texts whose time is over."""
    from api.cli.conversations import purge_texts

    settings = _settings(None, None)
    raise typer.Exit(asyncio.run(purge_texts(settings, settings.retention_days if days is None else days, out, err)))


@conversation.command("export", help=text("help_export"))
def conversation_export(sender: Sender, channel: Channel = "rest") -> None:
    """Write all that is stored of a conversation."""
    from api.cli.conversations import export_conversation

    raise typer.Exit(asyncio.run(export_conversation(_settings(None, None), channel, sender, err)))


@conversation.command("erase", help=text("help_erase"))
def conversation_erase(sender: Sender, channel: Channel = "rest") -> None:
    """Forget a conversation and all that came of it."""
    from api.cli.conversations import erase_conversation

    raise typer.Exit(asyncio.run(erase_conversation(_settings(None, None), channel, sender, out, err)))


@model.command("publish", help=text("help_publish"))
def model_publish(
    archive: Annotated[Path | None, typer.Argument(help=text("help_archive"), dir_okay=False)] = None, reason: Reason = ""
) -> None:
    """Put a model into the database and make every process serve it."""
    from api.cli.models import publish_model

    raise typer.Exit(asyncio.run(publish_model(_settings(None, None), archive, reason, out, err)))


@model.command("activate", help=text("help_activate"))
def model_activate(model_id: Annotated[str, typer.Argument(help=text("help_model_id"))], reason: Reason = "") -> None:
    """Serve a published model again."""
    from api.cli.models import activate_model

    raise typer.Exit(asyncio.run(activate_model(_settings(None, None), model_id, reason, out, err)))


@model.command("list", help=text("help_models"))
def model_list() -> None:
    """Show the published models."""
    from api.cli.models import list_models

    raise typer.Exit(asyncio.run(list_models(_settings(None, None), out, err)))


@console.command("create-user", help=text("help_create_user"))
def console_create_user(
    name: Annotated[str, typer.Argument(help=text("help_account_name"))],
    role: Annotated[Role, typer.Option(help=text("help_role"))] = Role.ADMIN,
    display_name: Annotated[str | None, typer.Option(help=text("help_display_name"))] = None,
) -> None:
    """Make a local account of the console."""
    from api.cli.console import create_user

    raise typer.Exit(asyncio.run(create_user(_settings(None, None), name, display_name, role, out, err)))


@console.command("list-users", help=text("help_list_users"))
def console_list_users() -> None:
    """Show the accounts of the console."""
    from api.cli.console import list_users

    raise typer.Exit(asyncio.run(list_users(_settings(None, None), out, err)))


@console.command("set-password", help=text("help_set_password"))
def console_set_password(name: Annotated[str, typer.Argument(help=text("help_account_name"))]) -> None:
    """Give an account of the console another password."""
    from api.cli.console import set_password

    raise typer.Exit(asyncio.run(set_password(_settings(None, None), name, out, err)))


@console.command("disable-user", help=text("help_disable_user"))
def console_disable_user(name: Annotated[str, typer.Argument(help=text("help_account_name"))]) -> None:
    """Disable an account of the console."""
    from api.cli.console import disable_user

    raise typer.Exit(asyncio.run(disable_user(_settings(None, None), name, out, err)))


@app.command(help=text("help_actions"))
def actions(project: Project = None) -> None:
    """Serve the custom actions alone."""
    from actions.server import main
    from api import logs

    settings = _settings(project, None)
    os.environ.setdefault("BMA_PROJECT_DIR", str(settings.project_dir))
    logs.set_up(settings.log_level, settings.log_format)
    main()


if __name__ == "__main__":
    app()
