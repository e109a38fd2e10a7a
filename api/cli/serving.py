"""`bma run`: the server, as one process or several."""

from __future__ import annotations

import os

from rich.console import Console

from api.cli.texts import text
from api.metrics.sharing import shared
from api.settings import Settings


def serve(settings: Settings, workers: int, out: Console, err: Console, *, make_token: bool) -> int:
    """Serve until stopped; returns the exit code.

    Args:
        settings: what the operator set.
        workers: how many processes.
        out: where it is said that the server listens.
        err: where it is said why it does not.
        make_token: whether a token of the management routes is made and shown.
    """
    with shared(workers):  # before anything imports prometheus_client
        return _serve(settings, workers, out, err, make_token=make_token)


def _serve(settings: Settings, workers: int, out: Console, err: Console, *, make_token: bool) -> int:
    import uvicorn

    from api import logs
    from api.app import create_app, require_usable
    from api.cli.database import check_database
    from api.settings import SettingsError

    try:
        if make_token and settings.api_token is None:
            settings = settings.with_kept_token()
        require_usable(settings)
    except SettingsError as error:
        err.print(text("setting_error", error=error), markup=False, soft_wrap=True)
        return 2
    if make_token:
        out.print(text("token", token=settings.api_token), markup=False, soft_wrap=True)
    if (status := check_database(settings, workers, err)) != 0:
        return status
    out.print(text("listening", host=settings.host, port=settings.port), markup=False, soft_wrap=True)
    logs.set_up(settings.log_level, settings.log_format)
    os.environ.update(settings.to_environment())
    uvicorn.run(
        create_app(settings) if workers == 1 else "api.app:from_environment",
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # api.request_ids does it, and sees who really sends
        log_config=None,
        http="api.patience:Patient",  # uvicorn alone waits for ever for the headers of a request
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=16_384,
        backlog=2_048,
    )
    return 0
