"""Users of a flow's source that exist at its target too, so that applications can move."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.credentials import Credentials
from components.kafka_site import KafkaSite
from components.user_objects import UserObjects
from kafka_mirror.planning import UserPlan
from kafka_mirror.topology import SiteName


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedUsersArgs:
    """Which users come from where to where.

    Attributes:
        users: With their rights at the target, translated by the flow's naming.
        source: Where their credential is from.
        target: Where they are made.
        credentials: Of the stack.
    """

    users: tuple[UserPlan, ...]
    source: SiteName
    target: KafkaSite
    credentials: Credentials


class ReplicatedUsers(pulumi.ComponentResource):
    """For each user the Secret and the KafkaUser at the target, with the credential of the source."""

    password_secrets: pulumi.Output[list[str]]
    """Names of the Secrets at the target."""

    def __init__(
        self, name: str, args: ReplicatedUsersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the users of one flow."""
        super().__init__("kafka-mirror:index:ReplicatedUsers", name, None, opts)
        made = [
            UserObjects(
                f"{name}-{user.name}",
                user,
                password=args.credentials.of(user.name, args.source),
                namespace=args.target.namespace,
                cluster=args.target.plan.site.kafka.name,
                opts=pulumi.ResourceOptions(
                    parent=self, provider=args.target.provider, depends_on=args.target.ready
                ),
            )
            for user in args.users
        ]
        self.password_secrets = pulumi.Output.all(
            *(one.secret.metadata.apply(lambda metadata: metadata.name) for one in made)
        )
        self.register_outputs({"passwordSecrets": self.password_secrets})
