"""One model in process, as an ONNX file, and behind HTTP in a process of its own: one judgement."""

import subprocess
import sys

import pytest

from fraudsim.benchmark import benchmark
from fraudsim.dataset import open_dataset
from fraudsim.engine import simulate
from fraudsim.save_detector import save_detector
from fraudsim.scenario_files import load_scenario
from fraudsim.tracks.track import world_file

pytest.importorskip("onnx", reason="fraudsim[onnx] is not installed")
pytest.importorskip("onnxruntime", reason="fraudsim[onnx] is not installed")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scenario = load_scenario(str(world_file("admission-v1")))
    return simulate(scenario, 3, tmp_path_factory.mktemp("three") / "world")


@pytest.fixture
def server(world, tmp_path):
    path = tmp_path / "model.onnx"
    saved = save_detector(world, out=path)
    assert saved.frauds > 10
    running = subprocess.Popen(
        [sys.executable, "-m", "fraudsim", "benchmark", "serve", str(path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with running:
        try:
            yield path, running.stdout.readline().split(" at ")[1].strip()
        finally:
            running.kill()


def test_in_process_onnx_and_http_give_the_same_metrics(world, server, monkeypatch):
    path, url = server
    monkeypatch.setenv("FRAUDSIM_DETECTOR_TIMEOUT_S", "30")  # a busy machine is no finding here
    result = benchmark(open_dataset(world.path), detectors=["lightgbm", str(path), url])
    rows = [row for row in result.rows if not row.floor]
    assert len(rows) == 3
    inside, onnx, http = rows
    for name in (
        "average_precision",
        "roc_auc",
        "recall_at_1pct_fpr",
        "recall_in_budget",
        "money_saved",
    ):
        assert onnx.metrics[name] == inside.metrics[name] == http.metrics[name]
    assert onnx.per_attack == inside.per_attack == http.per_attack
    assert onnx.curve == inside.curve == http.curve
