"""A real Rasa 3.6 on the same project, with DIET, as `rasa init` would set it up. `RASA=…/bin/rasa` names it.

DIET takes ten minutes for 1,300 sentences; what it costs to serve does not depend on how many there were, nor on how often it saw
them. It therefore learns the first sentences of each block only, in few epochs, and the row says how many. `RASA_PROJECT` names a
folder where the trained project stays, for the next time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML

from bench.systems import REST, ROOT, System, disk_of_folder, free_port

CONFIG = """\
recipe: default.v1
assistant_id: bma-assistant
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
  - name: AugmentedMemoizationPolicy
"""
SENTENCES = 1
"""Of each block of the training data."""
EPOCHS = 10
"""How often DIET sees each; Rasa's default is 300."""
ENV = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


class Rasa:
    """A Rasa of its own environment.

    Args:
        program: its `rasa`.
        folder: for a copy of the project: Rasa writes into it. One that holds a trained copy is used as it is.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program.absolute()
        self._folder = folder
        self.sentences = 0
        self.is_trained = any((folder / "models").glob("*.tar.gz"))
        if not self.is_trained:
            self._copy(folder)

    def _copy(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("domain.yml", "credentials.yml"):
            shutil.copy(ROOT / name, folder / name)
        shutil.copytree(ROOT / "data", folder / "data", dirs_exist_ok=True)
        self.sentences = sum(shorten(path, SENTENCES) for path in sorted((folder / "data" / "nlu").glob("*.yml")))
        (folder / "config.yml").write_text(CONFIG.format(epochs=EPOCHS), encoding="utf-8")

    def train(self) -> float:
        """Train; returns the seconds that the whole command took."""
        self.is_trained = True
        began = time.perf_counter()
        subprocess.run(
            [self._program, "train", "--quiet"], cwd=self._folder, env={**os.environ, **ENV}, capture_output=True, check=True
        )
        return time.perf_counter() - began

    @property
    def disk(self) -> float:
        """MB of its environment."""
        return disk_of_folder(self._program.parent.parent)

    @contextmanager
    def system(self) -> Iterator[System]:
        """Rasa with our action server beside it, conversations in memory (its default)."""
        port = free_port()
        env = {**os.environ, "BMA_ACTIONS_PORT": str(port), "BMA_PROJECT_DIR": str(ROOT)}
        quiet = subprocess.DEVNULL
        actions = subprocess.Popen([sys.executable, "-m", "actions.server"], cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
        (self._folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n", encoding="utf-8"
        )
        command = (str(self._program), "run", "--enable-api", "-i", "127.0.0.1", "-p", "{port}", "--endpoints", "endpoints.yml")
        try:
            yield System("Rasa + DIET", command, REST, ENV, self._folder, patience=240.0)
        finally:
            actions.terminate()
            actions.wait()


def shorten(path: Path, sentences: int) -> int:
    """Leave so many sentences of each block of a file of training data, its first ones; tells how many that makes."""
    yaml = YAML(typ="safe", pure=True)
    content = yaml.load(path.read_text(encoding="utf-8"))
    kept = 0
    for block in content.get("nlu", []):
        if "intent" in block:
            lines = block["examples"].splitlines()[:sentences]
            block["examples"] = "\n".join(lines) + "\n"
            kept += len(lines)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    return kept
