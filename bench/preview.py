"""How long the engine previews 1,000 resources, next to a bare program that registers as many objects.

The quotient tells what components, planning and rendering add; both runs are without a policy pack.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import yaml

import engine

CHECKOUT = Path(__file__).resolve().parents[1]
RESOURCES = 1_000
ROUNDS = 5

_BARE = f"""
import pulumi
from components import KubernetesObject

async def main() -> None:
    for number in range({RESOURCES}):
        KubernetesObject(f"topic-{{number}}", {{
            "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic",
            "metadata": {{"name": f"topic-{{number}}", "namespace": "kafka",
                         "labels": {{"strimzi.io/cluster": "one"}}}},
            "spec": {{"partitions": 3, "replicas": 3}},
        }}, wait_until_ready=True)

pulumi.run(main)
"""


def main() -> None:
    """Print the table."""
    os.environ["PULUMI_CONFIG_PASSPHRASE"] = "bench"
    with tempfile.TemporaryDirectory() as temporary:
        ours, bare = _our_project(Path(temporary)), _bare_project(Path(temporary))
        _preview(ours), _preview(bare)
        rounds = [(_preview(ours), _preview(bare)) for _ in range(ROUNDS)]
    own, other = (statistics.median(seconds) for seconds in zip(*rounds, strict=True))
    quotient = statistics.median(left / right for left, right in rounds)
    print(f"preview of {RESOURCES:,} resources, median of {ROUNDS} rounds")
    print(f"  this program    {own:6.2f} s   (to stay under 6 s)")
    print(f"  bare program    {other:6.2f} s")
    print(f"  quotient        {quotient:6.2f}     (to stay under 1.3)")


def _preview(project: engine.Project) -> float:
    began = time.perf_counter()
    outcome = engine.preview(project, "bench", options=engine.Options())
    count = len(outcome.steps)
    if count < RESOURCES:
        raise RuntimeError(f"only {count} resources were previewed")
    return time.perf_counter() - began


def _our_project(root: Path) -> engine.Project:
    topics = {f"topic-{number}": {"sites": ["one"], "partitions": 3} for number in range(RESOURCES)}
    listeners = [{"name": "tls", "port": 9093, "type": "internal"}]
    site = {
        "kubernetes": {"context": "one", "namespace": "kafka"},
        "kafka": {"name": "one", "listeners": listeners},
    }
    return _project(root / "ours", CHECKOUT, {"sites": {"one": site}, "topics": topics})


def _bare_project(root: Path) -> engine.Project:
    program = root / "program"
    program.mkdir()
    (program / "__main__.py").write_text(_BARE)
    return _project(root / "bare", program, {})


def _project(directory: Path, program: Path, configuration: dict[str, object]) -> engine.Project:
    directory.mkdir()
    project = {"name": "kafka-mirror", "runtime": "python", "main": str(program)}
    keys = {f"kafka-mirror:{key}": value for key, value in configuration.items()}
    (directory / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (directory / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": keys}))
    return engine.Project.load(directory)


if __name__ == "__main__":
    main()
