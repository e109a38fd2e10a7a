"""data/links.yml: what is said of a link, and what is refused."""

from pathlib import Path

import pytest

from actions.data_files import DataFileError
from actions.links import links, read_links
from tests.actions.conftest import PROJECT

LINKS = PROJECT / "data" / "links.yml"
TEXT = LINKS.read_text(encoding="utf-8")
FORM = "  - id: formulaire_mode\n    title: Formulaire pour les établissements connus dans MODE\n    url: null"


def changed(folder: Path, old: str, new: str) -> Path:
    assert old in TEXT
    path = folder / "links.yml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_link_without_url_says_where_it_is_on_the_page() -> None:
    assert read_links(LINKS).render("formulaire_hors_mode") == (
        "Formulaire pour les établissements qui ne sont pas connus dans MODE : le lien se trouve sur la page "
        "http://www.enseignement.be/index.php?page=28724&navi=4989, section « J’ai perdu mon mot de passe BMA »"
    )


def test_a_link_with_its_url(tmp_path: Path) -> None:
    links = read_links(changed(tmp_path, FORM, FORM.replace("null", '"https://exemple.be/{x}"')))
    assert links.render("formulaire_mode") == "Formulaire pour les établissements connus dans MODE : https://exemple.be/{x}"


def test_an_operator_can_set_the_webmail_url(tmp_path: Path) -> None:
    path = changed(
        tmp_path, "title: Webmail de la BMA\n    url: null", "title: Webmail de la BMA\n    url: https://webmail.exemple.be"
    )
    assert read_links(path).render("webmail") == "Webmail de la BMA : https://webmail.exemple.be"


def test_the_printed_address_is_shown_as_is() -> None:
    webmail = read_links(LINKS).get("webmail")
    assert webmail is not None
    assert (webmail.url, webmail.printed) == (None, "https://www.webmail@adm.cfwb.be")
    assert read_links(LINKS).render("webmail") == webmail.printed
    assert webmail.checked == "2026-11-23"


def test_every_link_can_be_said() -> None:
    found = read_links(LINKS)
    assert all("{" not in found.render(link.id) and "None" not in found.render(link.id) for link in found.all())


def test_unknown_link_names_those_that_exist() -> None:
    with pytest.raises(DataFileError, match=r"formulaire_mod'.*formulaire_mode"):
        read_links(LINKS).render("formulaire_mod")


def test_where_links_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMA_PROJECT_DIR", str(PROJECT))
    monkeypatch.chdir(tmp_path)
    assert links() is links()
    monkeypatch.delenv("BMA_PROJECT_DIR")
    with pytest.raises(DataFileError, match=r"data/links\.yml"):
        links()


@pytest.mark.parametrize(
    "url",
    [
        "https://exemple.be",
        "http://exemple.be:8080/a?b=c@d#e",
        "HTTPS://exemple.be",
        "mailto:support@etnic.be",
        "tel:+3228001010",
    ],
)
def test_urls_that_may_be_shown(tmp_path: Path, url: str) -> None:
    assert url in read_links(changed(tmp_path, FORM, FORM.replace("null", f'"{url}"'))).render("formulaire_mode")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.webmail@adm.cfwb.be",
        "https://u:p@exemple.be",
        "https://@exemple.be",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "ftp://exemple.be",
        "file:" + "///etc/passwd",
        "www.exemple.be",
        "//exemple.be",
        "/page",
        "https:///page",
        "https:exemple.be",
        "https://exemple.be\\@autre.be",
        "https://exem ple.be",
        "https://exemple.be/\u202ecod",
        "https://exemple.be:99999",
        "https://[::1",
        "mailto://u@exemple.be",
        "mailto:",
        "tel:",
    ],
)
def test_urls_that_are_refused(tmp_path: Path, url: str) -> None:
    quoted = url.replace("\\", "\\\\").replace("\t", "\\t")
    path = changed(tmp_path, FORM, FORM.replace("null", f'"{quoted}"'))
    with pytest.raises(DataFileError, match="formulaire_mode"):
        read_links(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TEXT, ""),
        (TEXT, "["),
        (TEXT, "a: 1\na: 2\n"),
        ("rendering:", "rendu:"),
        ("links:", "liens:"),
        ("  with_url:", "  avec:"),
        ("{title} : {url}", "{titre} : {url}"),
        ("id: webmail", "id: page_bma"),
        ("    printed: https://www.webmail@adm.cfwb.be\n", ""),
        ("    title: Webmail de la BMA\n", ""),
        ("title: Webmail de la BMA", "title: 12"),
        ("  - id: page_bma", "  - rien\n  - id: page_bma"),
    ],
)
def test_errors_name_the_file(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(DataFileError) as caught:
        read_links(changed(tmp_path, old, new))
    assert str(tmp_path / "links.yml") in str(caught.value)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "links.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(DataFileError, match=r"links\.yml"):
        read_links(tmp_path / "links.yml")
