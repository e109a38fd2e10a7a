"""`bma widget snippet`, and what the terminal shows of a link that must not be one."""

import io

from rich.console import Console
from typer.testing import CliRunner

from api.assets import WIDGET, assets
from api.cli.main import app
from api.cli.shell import show


def test_the_snippet_is_ready_to_paste() -> None:
    done = CliRunner().invoke(app, ["widget", "snippet", "--url", "https://assistant.example/"])
    assert done.exit_code == 0
    script, element = done.stdout.splitlines()
    assert script.startswith(f'<script type="module" src="https://assistant.example/w/{WIDGET}?v=')
    assert script.endswith(f'integrity="{assets()[WIDGET].integrity}" crossorigin></script>')
    assert element == '<bma-chat><a href="https://assistant.example/assistant">Une question sur la BMA ?</a></bma-chat>'


def test_the_webmail_of_the_page_is_plain_text_in_the_terminal() -> None:
    printed = io.StringIO()
    console = Console(file=printed, force_terminal=True, color_system="truecolor", width=200)
    show([{"text": "La page officielle donne cette adresse : https://www.webmail@adm.cfwb.be"}], console)
    assert "https://www.webmail@adm.cfwb.be" in printed.getvalue()
    assert "\x1b]8;" not in printed.getvalue()  # the code of a clickable link
