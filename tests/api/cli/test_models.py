"""`bma model publish` is the publication of the console: one transaction, the delivered model kept, the others pruned."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from api.cli.models import publish_model
from api.settings import Settings
from bot.storage import models
from bot.storage.database import connect
from bot.storage.models import DELIVERY, KEPT_ACTIVATIONS
from bot.training import archive
from bot.training.archive import Model
from bot.training.train import prepare, train
from tests.api.console.small import small_project
from tests.databases import KINDS, migrated


class Operator:
    """Somebody at the command line, whose folder of models has none yet."""

    def __init__(self, settings: Settings, model: Model) -> None:
        self.settings = settings
        self.said = io.StringIO()
        self.engine = connect(settings.database_url)
        self._model = model

    def trains(self, name: str, at: float) -> Path:
        path = self.settings.model_dir / f"{name}.tar.gz"
        archive.write(path, replace(self._model, info=replace(self._model.info, model_id=name)))
        os.utime(path, (at, at))
        return path

    async def publishes(self, path: Path | None = None, reason: str = "") -> int:
        out = Console(file=self.said, width=200)
        return await publish_model(self.settings, path, reason, out, out)

    def stored(self) -> dict[str, str]:
        """Authors of the stored models, by name."""
        with self.engine.begin() as connection:
            return {item.model_id: item.author for item in models.published(connection)}

    def active(self) -> str | None:
        with self.engine.begin() as connection:
            return models.active(connection)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return train(prepare(small_project(tmp_path_factory.mktemp("projet"))))


@pytest.fixture(params=KINDS)
def operator(request: pytest.FixtureRequest, tmp_path: Path, model: Model) -> Iterator[Operator]:
    with migrated(request.param, tmp_path) as url:
        found = Operator(Settings(_env_file=None, model_dir=tmp_path / "modeles", database_url=url), model)
        yield found
        found.engine.dispose()


async def test_the_first_publication_keeps_what_was_served_before(operator: Operator) -> None:
    operator.trains("premier", 1.0)
    operator.trains("livre", 2.0)
    (operator.settings.model_dir / "abime.tar.gz").write_bytes(b"rien")
    os.utime(operator.settings.model_dir / "abime.tar.gz", (3.0, 3.0))
    operator.trains("nouveau", 4.0)
    assert await operator.publishes(reason="mieux") == 0, operator.said.getvalue()
    assert operator.active() == "nouveau"
    stored = operator.stored()
    assert stored.keys() == {"nouveau", "livre"}
    assert stored["livre"] == DELIVERY
    with operator.engine.begin() as connection:
        assert [item.model_id for item in models.former(connection)] == ["livre"]
        new = models.find(connection, "nouveau")
    assert new is not None
    assert new.sentences > 0


async def test_the_only_model_is_the_delivered_one(operator: Operator) -> None:
    operator.trains("seul", 1.0)
    assert await operator.publishes() == 0
    assert operator.stored() == {"seul": DELIVERY}
    assert operator.active() == "seul"


async def test_models_that_nobody_goes_back_to_are_deleted(operator: Operator) -> None:
    operator.trains("livre", 0.0)
    names = [f"m{number}" for number in range(KEPT_ACTIVATIONS + 2)]
    for number, name in enumerate(names):
        assert await operator.publishes(operator.trains(name, 1.0 + number)) == 0
    assert operator.stored().keys() == {"livre", *names[-KEPT_ACTIVATIONS:]}


async def test_a_model_is_stored_and_active_or_nothing_is(tmp_path: Path, model: Model) -> None:
    with migrated("sqlite", tmp_path) as url:
        operator = Operator(Settings(_env_file=None, model_dir=tmp_path / "modeles", database_url=url), model)
        with operator.engine.begin() as connection:
            connection.execute(
                sa.text("CREATE TRIGGER plein BEFORE INSERT ON active_model BEGIN SELECT RAISE(ABORT, 'disque plein'); END")
            )
        operator.trains("livre", 1.0)
        operator.trains("nouveau", 2.0)
        assert await operator.publishes() == 2
        assert operator.stored() == {}
        operator.engine.dispose()
