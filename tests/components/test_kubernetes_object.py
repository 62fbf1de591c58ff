"""Objects of Kubernetes' core group are registered as `pulumi_kubernetes` registers them, and read as it reads them."""

from __future__ import annotations

import pytest
import yaml

import engine
from tests.components.conftest import Estate
from tests.pulumi import States

THEIRS = """
import pulumi
import pulumi_kubernetes as kubernetes

provider = kubernetes.Provider("cluster", context="dev")
near = pulumi.ResourceOptions(provider=provider)
core = kubernetes.core.v1
space = core.Namespace("space", metadata={"name": "shop"}, opts=near)
there = pulumi.ResourceOptions(provider=provider, depends_on=[space], protect=True)
core.ConfigMap("rules", metadata={"name": "rules", "namespace": "shop"}, data={"a.yaml": "b"}, opts=there)
secret = core.Secret("word", metadata={"name": "word", "namespace": "shop"}, string_data={"key": "open"}, opts=there)
read = core.Secret.get("again", id="shop/word", opts=pulumi.ResourceOptions(provider=provider, parent=secret))
pulumi.export("version", secret.metadata.resource_version)
pulumi.export("name", space.metadata.name)
pulumi.export("keys", read.data.apply(sorted))
"""
OURS = """
import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes_object import CoreObject, Secret

provider = kubernetes.Provider("cluster", context="dev")
near = pulumi.ResourceOptions(provider=provider)
space = CoreObject("space", "Namespace", metadata={"name": "shop"}, opts=near)
there = pulumi.ResourceOptions(provider=provider, depends_on=[space], protect=True)
CoreObject("rules", "ConfigMap", metadata={"name": "rules", "namespace": "shop"}, data={"a.yaml": "b"}, opts=there)
secret = Secret("word", metadata={"name": "word", "namespace": "shop"}, data={"key": "open"}, opts=there)
read = Secret("again", opts=pulumi.ResourceOptions(provider=provider, parent=secret, id="shop/word"))
pulumi.export("version", secret.metadata["resourceVersion"])
pulumi.export("name", space.metadata["name"])
pulumi.export("keys", read.data.apply(sorted))
"""


def deploy(estate: Estate, program: str) -> engine.Outcome:
    (estate.directory / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": "core", "runtime": "python"})
    )
    (estate.directory / "Pulumi.dev.yaml").write_text("config: {}\n")
    (estate.directory / "__main__.py").write_text(program)
    return estate.up("dev")


@pytest.mark.parametrize("programs", [(THEIRS, OURS), (OURS, THEIRS)], ids=["after", "before"])
def test_core_objects_are_registered_as_the_kubernetes_sdk_does(
    estate: Estate, programs: tuple[str, str]
) -> None:
    """What one program has deployed is what the other one wants, state and all."""
    first, second = programs
    estate.packs = ()
    deploy(estate, first)
    states = States(engine.Project.load(estate.directory), estate.options)
    before, objects = states.opened("dev"), estate.cluster("dev").objects

    outcome = deploy(estate, second)

    assert not outcome.changed
    assert states.opened("dev") == before
    assert estate.cluster("dev").objects == objects
    assert estate.outputs("dev") == {"keys": ["key"], "name": "shop", "version": "1"}
    secret = next(one for urn, one in before.items() if urn.endswith("::word"))
    assert secret["inputs"]["data"] == {"secret": {"key": "b3Blbg=="}}
    assert secret["additionalSecretOutputs"] == ["data", "stringData"]
