"""What the verbs share: options, consoles, settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from api.cli.texts import text

if TYPE_CHECKING:
    from api.settings import Settings

out = Console()
err = Console(stderr=True)

Project = Annotated[Path | None, typer.Option("--project", help=text("help_project"))]
ConfigFile = Annotated[Path | None, typer.Option("--config", help=text("help_config"))]


def read_settings(project: Path | None, config: Path | None) -> Settings:
    """The settings of the environment, changed by options.

    Raises:
        typer.Exit: a setting is not valid; it was said.
    """
    from pydantic import ValidationError

    from api.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "BMA_" + "_".join(str(part) for part in problem["loc"]).upper()
            err.print(text("setting_error", error=f"{name}: {problem['msg']}"), markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    changes = {name: value for name, value in (("project_dir", project), ("config", config)) if value is not None}
    return settings.model_copy(update=changes)
