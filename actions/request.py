"""The written request to the ETNIC support: its text, and the mail that it becomes (data/demande.yml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rasa_sdk.interfaces import Tracker

from actions.addresses import address_of, administrative_address, fase_number, meant_numbers
from actions.conversation import asks_something, canonical, entity_values, last_turn, message_text, slot_text
from actions.data_files import DataFileError, data_file, read_yaml

FORM = "demande_form"
READY = "utter_demande_etnic"
ADDRESS = "adresse_demande"
KIND = "genre_adresse"
PROBLEM = "probleme"
NO_ADDRESS = "aucune"
TEXTS = ("destinataire", "bouton", "objet", "texte", "sans_adresse", "numero_seul")


class RequestError(DataFileError):
    """data/demande.yml cannot be used; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Template:
    """What data/demande.yml says."""

    recipient: str
    button: str
    subject: str
    text: str
    blank: str
    """In place of an address that was not given."""
    number_alone: str
    """The same where a FASE number was given, and not whether it is a school's or a PO's: {fase}."""
    problems: Mapping[str, str]
    """Value of the slot `probleme` to its words."""
    person: tuple[str, ...]
    """Words that ask for a person rather than tell a problem, folded."""


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """A request that the user can send."""

    recipient: str
    subject: str
    text: str

    @property
    def mailto(self) -> str:
        """The request as a link that opens a mail program (RFC 6068)."""
        body = quote(self.text.replace("\n", "\r\n"), safe="")
        return f"mailto:{self.recipient}?subject={quote(self.subject, safe='')}&body={body}"


def template() -> Template:
    """The project's template, read again when the file changes."""
    return data_file("demande.yml", read_template)


def read_template(path: Path) -> Template:
    """Read a template.

    Raises:
        RequestError: unreadable, a text missing, or a placeholder that is not known.
    """
    body = read_yaml(path)
    found = body.get("demande") if isinstance(body, dict) else None
    if not isinstance(found, dict) or set(found) != {*TEXTS, "problemes", "personne"}:
        raise RequestError(f"{path}: `demande` needs exactly the keys {', '.join(TEXTS)}, problemes and personne")
    problems = found["problemes"]
    texts = [found[key] for key in TEXTS] + (list(problems.values()) if isinstance(problems, dict) else [None])
    if not all(isinstance(text, str) for text in texts):
        raise RequestError(f"{path}: `demande`: each value must be a text, and `problemes` pairs of texts")
    person = found["personne"]
    if not isinstance(person, list) or not all(isinstance(word, str) and word.strip() for word in person):
        raise RequestError(f"{path}: `personne` must be a list of words such as « quelqu'un », found {person!r}")
    try:
        for key in ("objet", "texte"):
            found[key].format(adresse="", probleme="")
        found["numero_seul"].format(fase="")
    except (KeyError, IndexError, ValueError) as error:
        allowed = "`objet` and `texte` may hold {adresse} and {probleme} only, `numero_seul` {fase}"
        raise RequestError(f"{path}: {allowed} ({error})") from error
    recipient, button, subject, text, blank, number_alone = (str(found[key]) for key in TEXTS)
    return Template(recipient, button, subject, text, blank, number_alone, problems, tuple(_folded(word) for word in person))


def wants_a_person(text: str) -> bool:
    """Whether a message asks for somebody, which is no problem to write down (data/demande.yml has the words)."""
    said = f" {_folded(text)} "
    return any(f" {word} " in said for word in template().person)


def completes_request(tracker: Tracker) -> bool:
    """Whether the message gives an address, or one FASE number, right after a request was written: it is made again with it."""
    before = last_turn(tracker)
    if before is None or asks_something(tracker) or not any(one.response == READY for one in before.said):
        return False
    if any(administrative_address(value) for value in entity_values(tracker, "adresse_administrative")):
        return True
    return len(meant_numbers(entity_values(tracker, "numero_fase"), message_text(tracker))) == 1


def _folded(text: str) -> str:
    """Words only, as `canonical` compares them."""
    return " ".join(re.findall(r"\w+", canonical(text)))


def written_request(tracker: Tracker) -> WrittenRequest:
    """The request, with what the conversation knows filled in and the rest left blank."""
    ours = template()
    fase = fase_number(slot_text(tracker, ADDRESS))
    known: dict[str, Any] = {
        "adresse": request_address(tracker) or (ours.number_alone.format(fase=fase) if fase else ours.blank),
        "probleme": ours.problems.get(slot_text(tracker, PROBLEM) or "", ours.blank),
    }
    return WrittenRequest(ours.recipient, ours.subject.format(**known), ours.text.format(**known))


def request_address(tracker: Tracker) -> str | None:
    """The address that the request is about, complete; None when it was not given."""
    given = slot_text(tracker, ADDRESS)
    complete = administrative_address(given)
    if complete:
        return complete
    fase, kind = fase_number(given), slot_text(tracker, KIND)
    return address_of(kind, fase) if fase and kind in ("ec", "po") else None
