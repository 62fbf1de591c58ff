"""The heartbeats of production are written beside it under the older API too."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from tests.examples.running import EXAMPLES


def test_heartbeats_stay_beside_the_source_under_the_older_api(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text((EXAMPLES / "Pulumi.yaml").read_text())
    stack = yaml.safe_load((EXAMPLES / "Pulumi.production.yaml").read_text())
    stack["config"]["kafka-mirror:sites"]["production"]["operator"] = {"api": "v1beta2"}
    (tmp_path / "Pulumi.production.yaml").write_text(yaml.safe_dump(stack))

    result = CliRunner().invoke(app, ["render", "production", "--project", str(tmp_path)])

    made = [one for one in yaml.safe_load_all(result.stdout) if "Connect" in one["kind"]]
    worker, connector = made
    assert {one["apiVersion"] for one in made} == {"kafka.strimzi.io/v1beta2"}
    assert worker["spec"]["bootstrapServers"] == "<bootstrap of production tls>"
    assert worker["spec"]["authentication"]["certificateAndKey"]["secretName"] == (
        "production-heartbeats"
    )
    assert connector["spec"]["class"].endswith("MirrorHeartbeatConnector")
    assert "ssl.keystore.key" in json.dumps(connector["spec"]["config"])
