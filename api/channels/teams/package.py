"""The app package that an administrator uploads to Teams: manifest and icons in a zip.

Manifest: schema v1.25 (npm `@microsoft/app-manifest`, build/json-schemas/teams/v1.25).
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api import VERSION
from api.channels.teams.texts import manifest_texts

SCHEMA = "1.25"
ICONS = ("color.png", "outline.png")
ACCENT = "#17406D"
SCOPES = ("personal", "team", "groupChat")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_HERE = Path(__file__).parent / "icons"


class PackageError(Exception):
    """A package cannot be made; `reason` is the key of a French sentence, `found` what it names."""

    def __init__(self, reason: str, found: str) -> None:
        super().__init__(f"{reason}: {found}")
        self.reason = reason
        self.found = found


def manifest(url: str, app_id: str, privacy_url: str | None = None, terms_url: str | None = None) -> dict[str, Any]:
    """The manifest of the app.

    Args:
        url: public HTTPS address of the assistant.
        app_id: application id of the bot's registration.
        privacy_url: page about privacy; the assistant's address when there is none.
        terms_url: page with the terms of use; the same.

    Raises:
        PackageError: an address is no HTTPS URL, or the id no GUID.
    """
    for address in (url, privacy_url, terms_url):
        if address is not None:
            _require_https(address)
    if not _GUID.fullmatch(app_id):
        raise PackageError("package_app_id", app_id)
    texts = manifest_texts()
    commands = [{"title": item["titre"], "description": item["description"]} for item in texts["commandes"]]
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": VERSION,
        "id": app_id.lower(),
        "localizationInfo": {"defaultLanguageTag": "fr", "additionalLanguages": []},
        "developer": {
            "name": texts["developpeur"],
            "websiteUrl": url,
            "privacyUrl": privacy_url or url,
            "termsOfUseUrl": terms_url or url,
        },
        "name": {"short": texts["nom_court"], "full": texts["nom_long"]},
        "description": {"short": texts["description_courte"], "full": texts["description_longue"].strip()},
        "icons": {"color": ICONS[0], "outline": ICONS[1]},
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": app_id.lower(),
                "scopes": list(SCOPES),
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": list(SCOPES), "commands": commands}],
            }
        ],
        "validDomains": [urlsplit(url).hostname],
    }


def write_package(path: Path, content: dict[str, Any]) -> None:
    """Write the zip.

    Args:
        path: of the zip; replaced when it is there.
        content: the manifest.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        for icon in ICONS:
            package.write(_HERE / icon, icon)


def _require_https(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise PackageError("package_url", url) from error
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise PackageError("package_url", url)
