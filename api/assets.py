"""Files that browsers load: the widget, under its version, and the style sheet of the pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import Response

from api import VERSION

FOLDER = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
WIDGET = f"bma-chat-{VERSION}.js"
STYLE = "page.css"
KEPT_LONG = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is sent."""

    name: str
    content: bytes
    compressed: bytes
    """The content, gzip."""
    kind: str
    """Its content type."""
    folder: str = "w"
    """Where it is served, under the address of what it belongs to."""

    @property
    def integrity(self) -> str:
        """Its hash as `integrity="…"` wants it (Subresource Integrity)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()

    @property
    def address(self) -> str:
        """Its path under the assistant's address; another content has another one, so that it may be kept for long."""
        return f"{self.folder}/{self.name}?v={hashlib.sha256(self.content).hexdigest()[:8]}"


@cache
def assets() -> dict[str, Asset]:
    """All files, by name: this version of the widget, those before it that were kept, the style sheet."""
    return read_folder(FOLDER, "w")


def read_folder(path: Path, folder: str) -> dict[str, Asset]:
    """The files of a folder that browsers load, by name.

    Args:
        path: the folder.
        folder: where they are served.
    """
    return {file.name: _read(file, folder) for file in sorted(path.iterdir()) if file.suffix in TYPES}


def respond(found: Asset, accepted: str, headers: Mapping[str, str]) -> Response:
    """Send a file, compressed for whoever understands it.

    Args:
        found: the file.
        accepted: the request's Accept-Encoding.
        headers: of the answer.
    """
    if "gzip" in accepted:
        return Response(found.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.kind)
    return Response(found.content, headers=dict(headers), media_type=found.kind)


def _read(path: Path, folder: str) -> Asset:
    content = path.read_bytes()
    return Asset(path.name, content, gzip.compress(content, 9, mtime=0), TYPES[path.suffix], folder)


def snippet(url: str, label: str) -> str:
    """What a site puts into its page.

    Args:
        url: address of the assistant.
        label: text of the link that is there without the script.
    """
    base = url.rstrip("/") + "/"
    script = assets()[WIDGET]
    return (
        f'<script type="module" src="{base}{script.address}" integrity="{script.integrity}" crossorigin></script>\n'
        f'<bma-chat><a href="{base}assistant">{label}</a></bma-chat>'
    )
