"""Run by a Python that has Rasa 3.6: trains DIET on `task.json` of a folder, writes `done.json` there."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

CONFIG = """\
recipe: default.v1
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
    entity_recognition: false
    random_seed: 42
"""
"""The pipeline that `rasa init` writes, up to its classifier; there are no entities to learn."""


def write_nlu(path: Path, train: list[list[str]]) -> None:
    """Write sentences (pairs of text and intent) in Rasa's format; brackets would be entities."""
    examples: dict[str, list[str]] = {}
    for text, intent in train:
        examples.setdefault(intent, []).append(text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in examples.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


async def predict(agent: Any, texts: list[list[str]]) -> list[list[str]]:
    """Intents of texts, one after the other."""
    rows: list[list[str]] = []
    for row in texts:
        rows.append([])
        for text in row:
            rows[-1].append((await agent.parse_message(text))["intent"]["name"] or "")
    return rows


def main(folder: Path) -> None:
    """Do the task of a folder."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    write_nlu(folder / "nlu.yml", task["train"])
    (folder / "config.yml").write_text(CONFIG.format(epochs=task["epochs"]), encoding="utf-8")
    began = time.process_time()
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), fixed_model_name="diet")
    training = time.process_time() - began
    agent = Agent.load(model)
    asyncio.run(predict(agent, [["first"]]))
    began = time.process_time()
    predictions = asyncio.run(predict(agent, task["texts"]))
    each = 1e6 * (time.process_time() - began) / sum(len(row) for row in task["texts"])
    done = {"training": training, "predictions": predictions, "each": each}
    (folder / "done.json").write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
