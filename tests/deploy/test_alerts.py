"""deploy/alerts.yml and the tables of docs/operators.md say what the code counts."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase
from ruamel.yaml import YAML

from api.metrics.definitions import Metrics

ROOT = Path(__file__).parents[2]
OPERATORS = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
FOREIGN = {"up": {"job", "instance"}, "process_resident_memory_bytes": {"job", "instance"}}
"""Of Prometheus itself, and of its client library."""
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "summary": ("_sum", "_count"), "histogram": ("_sum", "_count", "_bucket")}


def rules() -> list[dict[str, Any]]:
    found = YAML(typ="safe", pure=True).load(ROOT / "deploy/alerts.yml")
    return [rule for group in found["groups"] for rule in group["rules"]]


def metrics() -> Iterator[tuple[Metric, tuple[str, ...]]]:
    for collector in Metrics().registry._collector_to_names:
        if isinstance(collector, MetricWrapperBase):
            (described,) = collector.describe()
            yield described, tuple(collector._labelnames)


def series() -> dict[str, set[str]]:
    """Every name that a query may use, and its labels."""
    found = dict(FOREIGN)
    for metric, labels in metrics():
        for suffix in SUFFIXES[metric.type]:
            found[metric.name + suffix] = {*labels, "job", "instance", *(["le"] if suffix == "_bucket" else [])}
    return found


def test_the_table_of_metrics_is_what_the_code_counts() -> None:
    rows = re.findall(r"^\| `(bma_\w+)` \| (\w+) \| ([^|]*)\|", OPERATORS, re.M)
    documented = {(name, kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    counted = {(m.name + ("_total" if m.type == "counter" else ""), m.type, labels) for m, labels in metrics()}
    assert documented == counted
    assert len(rows) == len(documented)


def test_the_table_of_alerts_is_the_file() -> None:
    documented = re.findall(r"^\| `(Bma\w+)` \| (\w+) \|", OPERATORS, re.M)
    assert documented == [(rule["alert"], rule["labels"]["severity"]) for rule in rules()]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_names_what_there_is(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    assert {"summary", "action"} == set(rule["annotations"])
    query = rule["expr"]
    assert all(query.count(a) == query.count(b) for a, b in ("()", "[]", "{}"))
    known = series()
    code = re.sub(r'"[^"]*"', '""', query)
    names = set(re.findall(r"\b(?:bma|process)_\w+|\bup\b", code))
    assert names
    assert names <= set(known)
    allowed = set.union(*(known[name] for name in names))
    used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)) | set(
        re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)", code)))
    )
    assert used <= allowed
    shown = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    assert shown <= set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)", code))))


def test_values_in_alerts_are_values_that_there_are() -> None:
    from typing import get_args

    from bot.storage.errors import Cause
    from bot.storage.outcomes import Outcome

    values = {"cause": set(get_args(Cause)), "outcome": set(Outcome)}
    for rule in rules():
        for label, given in re.findall(r"(cause|outcome)(?:=~|!~|!=|=)\"([^\"]*)\"", rule["expr"]):
            assert set(given.split("|")) <= values[label], rule["alert"]


def test_workers_share_their_figures_and_the_dead_are_forgotten(tmp_path: Path) -> None:
    """Two real processes count; a third adds up, when one of them has ended."""
    count = "from api.metrics.definitions import Metrics\nm = Metrics()\n"
    count += "m.note_request('GET', '/x', 200)\nm.model.labels('m').set(1)\n"
    show = "from api.metrics.exposition import render\nprint(render(m).decode())"
    env = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", count], cwd=ROOT, env=env, check=True)
    done = subprocess.run([sys.executable, "-c", count + show], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    assert 'bma_http_requests_total{method="GET",route="/x",status="200"} 3.0' in done.stdout
    assert 'bma_model_processes{model_id="m"} 1.0' in done.stdout
