"""A provider, a namespace, a password in a Secret, and topics that are awaited."""

import secrets

import pulumi
import pulumi_kubernetes as kubernetes


class Topic(pulumi.CustomResource):
    """A custom resource with a declared status."""

    status: pulumi.Output[dict]
    metadata: pulumi.Output[dict]

    def __init__(self, name, partitions, namespace, secret_version, opts):
        super().__init__(
            "kubernetes:kafka.strimzi.io/v1:KafkaTopic",
            name,
            {
                "apiVersion": "kafka.strimzi.io/v1",
                "kind": "KafkaTopic",
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "annotations": {
                        "pulumi.com/waitFor": "condition=Ready",
                        "pulumi.com/timeoutSeconds": pulumi.Config().get("timeout") or "60",
                        "secret-version": secret_version,
                    },
                },
                "spec": {"partitions": partitions},
                "status": None,
            },
            opts,
        )


class Site(pulumi.ComponentResource):
    """All of one cluster."""

    names: pulumi.Output[dict]

    def __init__(self, name, topics, generation, provider):
        super().__init__(
            "small:index:Site", name, None, pulumi.ResourceOptions(providers=[provider])
        )
        child = pulumi.ResourceOptions(parent=self)
        namespace = kubernetes.core.v1.Namespace("ns", metadata={"name": "shop"}, opts=child)
        password = pulumi.Stash(
            "password",
            input=pulumi.Output.secret(secrets.token_urlsafe(24)),
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["input"], replacement_trigger=generation
            ),
        )
        secret = kubernetes.core.v1.Secret(
            "secret",
            metadata={"name": "user", "namespace": "shop"},
            string_data={"password": password.output},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace]),
        )
        made = [
            Topic(
                topic,
                partitions,
                "shop",
                secret.metadata.resource_version,
                pulumi.ResourceOptions(parent=self, depends_on=[namespace]),
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
