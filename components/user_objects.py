"""A user at one site: its KafkaUser, and the Secret with its password if this stack writes one."""

from __future__ import annotations

import base64

import pulumi

from components.kubernetes_object import KubernetesObject, Secret
from components.secret_versions import version_of
from kafka_mirror import manifests
from kafka_mirror.planning import UserPlan
from kafka_mirror.planning.names import PASSWORD_KEY
from kafka_mirror.topology import Operator


class UserObjects:
    """The objects of a user at a site. Not a component: they are children of whoever makes them."""

    secret: Secret | None
    """None if others hold the password, or if the user has none."""

    def __init__(
        self,
        name: str,
        user: UserPlan,
        *,
        password: pulumi.Input[str] | None,
        namespace: str,
        cluster: str,
        operator: Operator,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare them.

        Args:
            name: Of the Pulumi resources.
            user: With its rights at the site.
            password: Secret; None unless this stack writes it.
            namespace: Of the site.
            cluster: The site's Kafka.
            operator: Of the site.
            opts: Parent, provider and what has to be there before.
        """
        self._name, self._namespace, self._opts = name, namespace, opts
        self.secret = None
        held = user.proof.password
        if password is not None and held is not None and held.is_made:
            self.secret = Secret(
                f"{name}-password",
                metadata={"name": held.secret, "namespace": namespace},
                data={held.key: password},
                opts=opts,
            )
        manifest = manifests.kafka_user(
            user,
            namespace=namespace,
            cluster=cluster,
            operator=operator,
            credential_version=None if self.secret is None else version_of(self.secret),
        )
        self.user = KubernetesObject(name, manifest, wait_until_ready=True, opts=opts)

    def password_of_operator(self) -> pulumi.Output[str]:
        """Read the password that the User Operator has made; unknown until the user is there."""
        # The id follows from the user's status, so that nothing is read before there is something: a Pulumi
        # read does not wait for what it depends on (pulumi/pulumi#16395).
        made = self.user.status.apply(lambda status: f"{self._namespace}/{status['secret']}")
        secret = Secret(
            f"{self._name}-made",
            opts=pulumi.ResourceOptions(
                parent=self._opts.parent, provider=self._opts.provider, id=made
            ),
        )
        return pulumi.Output.secret(
            secret.data.apply(lambda data: base64.b64decode(data[PASSWORD_KEY]).decode())
        )
