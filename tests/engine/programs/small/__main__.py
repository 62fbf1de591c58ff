"""A provider, a namespace, a password in a Secret, and topics that are awaited."""

import secrets
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions as Options


class Object(pulumi.CustomResource):
    """Any object, with a declared status; importing the typed classes would take longer than the rest."""

    metadata: pulumi.Output[dict[str, Any]]
    status: pulumi.Output[dict[str, Any]]

    def __init__(self, name, api_version, kind, opts, **properties):
        token = api_version if "/" in api_version else f"core/{api_version}"
        super().__init__(
            f"kubernetes:{token}:{kind}",
            name,
            {"apiVersion": api_version, "kind": kind, "status": None, **properties},
            opts,
        )


class Site(pulumi.ComponentResource):
    """All of one cluster."""

    names: pulumi.Output[list[str]]

    def __init__(self, name, topics, generation, provider):
        super().__init__("small:index:Site", name, None, Options(providers=[provider]))
        namespace = Object("ns", "v1", "Namespace", Options(parent=self), metadata={"name": "shop"})
        child = Options(parent=self, depends_on=[namespace])
        password = pulumi.Stash(
            "password",
            input=pulumi.Output.secret(secrets.token_urlsafe(24)),
            opts=Options(parent=self, ignore_changes=["input"], replacement_trigger=generation),
        )
        secret = Object(
            "secret",
            "v1",
            "Secret",
            child,
            metadata={"name": "user", "namespace": "shop"},
            stringData={"password": password.output},
        )
        annotations = {
            "pulumi.com/waitFor": "condition=Ready",
            "pulumi.com/timeoutSeconds": pulumi.Config().get("timeout") or "60",
            "secret-version": secret.metadata["resourceVersion"],
        }
        made = [
            Object(
                topic,
                "kafka.strimzi.io/v1",
                "KafkaTopic",
                child,
                metadata={"name": topic, "namespace": "shop", "annotations": annotations},
                spec={"partitions": partitions},
            )
            for topic, partitions in topics.items()
        ]
        self.password = password.output
        self.names = pulumi.Output.all(
            *[topic.status.apply(lambda status: status["topicName"]) for topic in made]
        )
        self.register_outputs({"names": self.names})


async def main():
    """Declare the stack."""
    config = pulumi.Config()
    if config.get("broken"):
        raise pulumi.RunError("small:broken: is set. Leave it out.")
    provider = kubernetes.Provider(
        "cluster", context="dev", cluster_identifier="dev", enable_secret_mutable=True
    )
    site = Site("site", config.require_object("topics"), config.require_int("generation"), provider)
    pulumi.export("names", site.names)
    pulumi.export("credentials", {"user": "user", "password": site.password})


pulumi.run(main)
