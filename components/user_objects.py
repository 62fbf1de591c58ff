"""A user at one site: the Secret with its password, and the KafkaUser that takes it from there."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes_object import KubernetesObject
from kafka_mirror import manifests
from kafka_mirror.planning import UserPlan
from kafka_mirror.planning.names import PASSWORD_KEY, password_secret


class UserObjects:
    """The two objects of a user at a site. Not a component: they are children of whoever makes them."""

    def __init__(
        self,
        name: str,
        user: UserPlan,
        *,
        password: pulumi.Input[str],
        namespace: str,
        cluster: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare both.

        Args:
            name: Of the Pulumi resources.
            user: With its rights at the site.
            password: Secret.
            namespace: Of the site.
            cluster: The site's Kafka.
            opts: Parent, provider and what has to be there before.
        """
        self.secret = kubernetes.core.v1.Secret(
            f"{name}-password",
            metadata={"name": password_secret(user.name), "namespace": namespace},
            string_data={PASSWORD_KEY: password},
            opts=opts,
        )
        manifest = manifests.kafka_user(
            user,
            namespace=namespace,
            cluster=cluster,
            credential_version=self.secret.metadata.apply(
                lambda metadata: metadata.resource_version
            ),
        )
        self.user = KubernetesObject(name, manifest, wait_until_ready=True, opts=opts)
