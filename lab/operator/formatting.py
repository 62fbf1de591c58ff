"""Makes the directory of a new Kafka node, as ``kafka.tools.StorageTool format`` does.

With voters that stand in the configuration, what the tool writes into a node's directory is the same for all nodes but for three
lines of text. So the tool is run once per Kafka and metadata version, its one binary file is kept in the user's cache, and a node
costs no JVM start.
"""

from __future__ import annotations

import base64
import subprocess
import tempfile
import uuid
from pathlib import Path

from lab.binaries.cache import cache_root
from lab.binaries.versions import KAFKA
from lab.errors import LabError
from lab.files import private_directory
from lab.operator.jvm import Jvm, logging_properties

_META = "meta.properties"
_CHECKPOINT = "bootstrap.checkpoint"
_TOOL_SECONDS = 120


def new_uuid() -> str:
    """Return a random id in Kafka's own writing; one that starts with a dash would look like an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return text if not text.startswith("-") else new_uuid()


def is_formatted(data: Path) -> bool:
    """Tell whether a node's directory has been made."""
    return (data / _META).is_file()


def format_node(data: Path, *, cluster_id: str, node_id: int, checkpoint: bytes) -> None:
    """Make a node's directory; the file that marks it as made goes last."""
    private_directory(data)
    (data / _CHECKPOINT).write_bytes(checkpoint)
    meta = f"version=1\ncluster.id={cluster_id}\nnode.id={node_id}\ndirectory.id={new_uuid()}\n"
    (data / _META).write_text(meta)


def bootstrap_checkpoint(jvm: Jvm, metadata_version: str) -> bytes:
    """Return the file with the feature levels a new cluster starts with.

    Raises:
        LabError: If Kafka does not know the metadata version; holds the tool's own words.
    """
    kept = cache_root() / f"kafka-{KAFKA}-bootstrap-{metadata_version}.checkpoint"
    if not kept.is_file():
        private_directory(kept.parent)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".format-") as scratch:
            _run_tool(jvm, Path(scratch), metadata_version)
            (Path(scratch) / "data" / _CHECKPOINT).replace(kept)
    return kept.read_bytes()


def _run_tool(jvm: Jvm, scratch: Path, metadata_version: str) -> None:
    config, logging = scratch / "node.properties", scratch / "log4j2.properties"
    config.write_text(
        "node.id=0\nprocess.roles=broker,controller\ncontroller.listener.names=C\n"
        "listeners=C://127.0.0.1:19090,P://127.0.0.1:19091\ninter.broker.listener.name=P\n"
        "listener.security.protocol.map=C:PLAINTEXT,P:PLAINTEXT\n"
        f"controller.quorum.voters=0@127.0.0.1:19090\nlog.dirs={scratch / 'data'}\n"
    )
    logging.write_text(logging_properties(scratch / "tool.log"))
    arguments = ("format", "-t", new_uuid(), "-c", str(config))
    done = subprocess.run(
        jvm.tool(
            "kafka.tools.StorageTool",
            *arguments,
            "--release-version",
            metadata_version,
            logging=logging,
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TOOL_SECONDS,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise LabError(f"Kafka {KAFKA} refused metadata version {metadata_version}: {said[-1:]}")
