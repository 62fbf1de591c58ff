"""The flow from the cloud without Kubernetes: MirrorMaker in dedicated mode, from the file that `kafka-mirror render` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import yaml
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from kafka_mirror.topology import SiteName
from lab.demo.applications import Application
from lab.demo.samples import send
from lab.files import write_text
from lab.operator.jvm import logging_properties
from lab.operator.launching import Launch
from lab.operator.work_queue import Key
from tests.examples.cloud import KEY, SITE, Cloud, cloud, planned
from tests.examples.running import EXAMPLES, TABLE, mirrored, total
from tests.figures import Figures
from tests.lab.rights.brokers import PASSWORD, Broker, run_java, start_brokers
from tests.lab.rights.trials import acls_of

pytestmark = pytest.mark.lab

STACK: Final = "cloud-to-local"
FLOW: Final = "family-b"
TOPIC: Final = "topic-name-b-orders"
COUNT: Final = 200
HEAP: Final = ("-Xms64m", "-Xmx512m")


def test_a_machine_mirrors_from_the_cloud_with_its_key_in_a_file(
    tmp_path: Path, figures: Figures
) -> None:
    with cloud(tmp_path) as far:
        far.grant(STACK)
        far.create(TOPIC)
        (local,) = start_brokers(far.home, ("local",))
        _make_users(local)
        _start(far, local)
        reader = _reader(local, tmp_path)
        send(far.owner, TOPIC, COUNT, start=0, printed=tmp_path / "sent.txt")
        found = mirrored(far.owner, reader, TOPIC, copy=f"{SITE}.{TOPIC}")

    figures(TABLE, example=f"{STACK}, {FLOW} on a machine", **total([found]))
    assert found.is_equal


def _make_users(local: Broker) -> None:
    """Make by hand, with the planned rights, the users that no operator makes here."""
    for user in planned(STACK).sites[SiteName("local")].users:
        local.admin.set_password(user.name, PASSWORD)
        local.admin.create_acls(acls_of(user, namespace="local"))


def _start(far: Cloud, local: Broker) -> None:
    """Start what the page says, with addresses and places of files as they are on this machine."""
    directory = far.home.lab.site("local") / FLOW
    files = directory / "secrets" / "files"
    launch = Launch(
        owner=Key("local", "outside", "outside", FLOW),
        name=FLOW,
        directory=directory,
        main="org.apache.kafka.connect.mirror.MirrorMaker",
        properties=_rendered(far)
        .replace(f"/etc/kafka-mirror/{FLOW}", str(files))
        # Only a deployment knows it, and nothing is deployed here.
        .replace("<bootstrap of local tls>", local.bootstrap),
        secrets={
            "files": {
                f"{SITE}.properties": f"password={KEY}\n",
                f"{SITE}.crt": far.broker.trusted,
                "local.properties": f"password={PASSWORD}\n",
                "local.crt": local.trusted,
            }
        },
        heap=HEAP,
    )
    run_java(launch, far.home, logging=logging_properties(far.home.lab.log(FLOW)))


def _rendered(far: Cloud) -> str:
    """Return the properties of the committed flow, from a copy of the stack that names the broker and its authority."""
    project = far.directory / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text((EXAMPLES / "Pulumi.yaml").read_text())
    file = EXAMPLES / f"Pulumi.{STACK}.yaml"
    document = yaml.safe_load(file.read_text())
    document["config"]["kafka-mirror:sites"][SITE]["external"] = far.external
    (project / file.name).write_text(yaml.safe_dump(document))
    arguments = ["render", STACK, "--project", str(project), "--flow", FLOW]
    result = CliRunner().invoke(app, [*arguments, "--dialect", "properties"])
    assert result.exit_code == 0, result.output
    return result.stdout


def _reader(local: Broker, directory: Path) -> Application:
    certificate = directory / "local-ca.crt"
    write_text(certificate, local.trusted)
    return Application(
        site="local",
        bootstrap_servers=local.bootstrap,
        certificate=certificate,
        user="reader-b",
        password=PASSWORD,
        group="application-b",
    )
