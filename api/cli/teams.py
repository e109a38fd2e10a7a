"""`bma teams`: the app package, and a check of the configuration."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from api.cli.texts import text
from api.settings import Settings, SettingsError


def make_package(
    url: str, app_id: str, output: Path, privacy_url: str | None, terms_url: str | None, out: Console, err: Console
) -> int:
    """Write the app package; returns the exit code."""
    from api.channels.teams.package import PackageError, manifest, write_package

    try:
        write_package(output, manifest(url, app_id, privacy_url, terms_url))
    except PackageError as error:
        err.print(text(error.reason, found=error.found), markup=False, soft_wrap=True)
        return 2
    except OSError as error:
        err.print(text("package_unwritable", file=output, error=error.strerror), markup=False, soft_wrap=True)
        return 2
    out.print(text("package_written", file=output), markup=False, soft_wrap=True)
    return 0


def check_teams(settings: Settings, out: Console, err: Console) -> int:
    """Try what the operator set; returns 0 when all works, 1 when something does not, 2 when a setting is wrong."""
    if not settings.teams_app_id:
        err.print(text("teams_off"), markup=False, soft_wrap=True)
        return 2
    try:
        from api.channels.teams.probe import probe
        from api.channels.teams.settings import read_settings
    except ModuleNotFoundError as error:
        err.print(text("teams_not_installed", module=error.name), markup=False, soft_wrap=True)
        return 2
    try:
        teams = read_settings(settings)
    except SettingsError as error:
        err.print(text("setting_error", error=error), markup=False, soft_wrap=True)
        return 2
    out.print(text("teams_settings_ok", app=teams.app_id, tenant=teams.tenant_id), markup=False, soft_wrap=True)

    async def run() -> int:
        problems = 0
        async for finding in probe(teams):
            named = text(f"teams_{finding.what}", subject=finding.subject)
            if finding.problem is None:
                out.print(text("teams_works", what=named), markup=False, soft_wrap=True)
                continue
            problems += 1
            advice = text(f"teams_{finding.advice}", subject=finding.subject)
            err.print(text("teams_fails", what=named, problem=finding.problem, advice=advice), markup=False, soft_wrap=True)
        return problems

    return 1 if asyncio.run(run()) else 0
