"""The links that answers give, from data/links.yml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from actions.data_files import DataFileError, data_file, read_yaml

KEYS = ("id", "title", "url", "section", "source", "checked", "printed")


class LinksError(DataFileError):
    """data/links.yml cannot be used; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the official page."""

    id: str
    title: str
    url: str | None = None
    """Where it leads; None when nobody has checked it yet."""
    section: str = ""
    """Heading of the page under which the link stands."""
    source: str = ""
    checked: str = ""
    printed: str | None = None
    """How the page prints it; shown as text while there is no URL."""


class Links:
    """All links, and how they are said.

    Args:
        links: the links.
        with_url: template of a link, `{title}` and `{url}`.
        without_url: template of a link that has none, `{title}`, `{section}` and `{page}`.
    """

    def __init__(self, links: Iterable[Link], with_url: str, without_url: str) -> None:
        self._links = {link.id: link for link in links}
        self._with_url = with_url
        self._without_url = without_url

    def all(self) -> tuple[Link, ...]:
        """The links, in the file's order."""
        return tuple(self._links.values())

    def get(self, name: str) -> Link | None:
        """The link of this id, or None."""
        return self._links.get(name)

    def render(self, name: str) -> str:
        """A link as an answer says it.

        Raises:
            LinksError: the file has no such link.
        """
        link = self._links.get(name)
        if link is None:
            raise LinksError(f"data/links.yml: no link {name!r}; known: {', '.join(self._links)}")
        if link.url is not None:
            return self._with_url.format(title=link.title, url=link.url)
        if link.printed is not None:
            return link.printed
        page = self._links.get("page_bma")
        return self._without_url.format(title=link.title, section=link.section, page=page.url if page and page.url else "")


def links() -> Links:
    """The project's links, read again when the file changes."""
    return data_file("links.yml", read_links)


def read_links(path: Path) -> Links:
    """Read a links file.

    Raises:
        LinksError: unreadable, a key unknown or missing, or a URL that must not be given.
    """
    body = read_yaml(path)
    if not isinstance(body, dict) or not isinstance(body.get("links"), list) or not isinstance(body.get("rendering"), dict):
        raise LinksError(f"{path}: expected the keys `rendering` and `links`")
    rendering = body["rendering"]
    for key in ("with_url", "without_url"):
        if not isinstance(rendering.get(key), str):
            raise LinksError(f"{path}: `rendering` needs the text `{key}`")
        _check_template(path, key, rendering[key])
    found = [_link(path, item) for item in body["links"]]
    if len({link.id for link in found}) < len(found):
        raise LinksError(f"{path}: two links have the same id")
    return Links(found, rendering["with_url"], rendering["without_url"])


def _link(path: Path, item: Any) -> Link:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not isinstance(item.get("title"), str):
        raise LinksError(f"{path}: each link needs the texts `id` and `title`, found {item!r}")
    unknown = [key for key in item if key not in KEYS]
    if unknown:
        raise LinksError(f"{path}: link {item['id']}: unknown key `{unknown[0]}`; known: {', '.join(KEYS)}")
    values = {key: None if value is None else str(value) for key, value in item.items()}
    link = Link(**{key: value for key, value in values.items() if value is not None or key in ("url", "printed")})  # type: ignore[arg-type]
    if link.url is not None:
        _check_url(path, link)
    elif link.printed is None and not link.section:
        raise LinksError(f"{path}: link {link.id} has no url: it needs `section` (where it stands on the page) or `printed`")
    return link


def _check_url(path: Path, link: Link) -> None:
    url = link.url or ""
    if not may_be_shown(url):
        raise LinksError(
            f"{path}: link {link.id}: {url!r} must begin with http(s)://, mailto: or tel:, "
            "have no spaces or control characters, and no user before its host"
        )


def may_be_shown(url: str) -> bool:
    """Whether a URL may be a clickable link: a known scheme, a plain host, nobody before the host."""
    if not url.isprintable() or any(char.isspace() or char in '\\<>"' for char in url):
        return False
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme in ("mailto", "tel"):
        return bool(parts.path) and not parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and port_is_valid


def _check_template(path: Path, key: str, template: str) -> None:
    try:
        template.format(title="", url="", page="", section="")
    except (KeyError, ValueError, IndexError) as error:
        raise LinksError(
            f"{path}: rendering.{key}: only {{title}}, {{url}}, {{page}} and {{section}} may stand in braces"
        ) from error
