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
    """For each user the KafkaUser at the target, and the Secret with the password it has at the source."""

    password_secrets: pulumi.Output[list[str]]
    """Names of the Secrets at the target that this stack writes."""

    def __init__(
        self, name: str, args: ReplicatedUsersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the users of one flow.

        A user has a name of its own at its target, whichever flow brings it: it must not be made anew, and its
        predecessor deleted, when it comes by another flow or its flow is renamed.
        """
        super().__init__("kafka-mirror:index:ReplicatedUsers", name, None, opts)
        self.objects = {
            user.name: UserObjects(
                f"{args.target.plan.name}-{user.name}",
                user,
                password=_password(args, user),
                namespace=args.target.namespace,
                cluster=args.target.plan.site.kafka.name,
                operator=args.target.plan.site.operator,
                opts=pulumi.ResourceOptions(
                    parent=self, provider=args.target.provider, depends_on=args.target.ready
                ),
            )
            for user in args.users
        }
        made = self.objects.values()
        secrets = [one.secret for one in made if one.secret is not None]
        self.password_secrets = pulumi.Output.all(
            *(one.metadata.apply(lambda metadata: metadata["name"]) for one in secrets)
        )
        self.register_outputs({"passwordSecrets": self.password_secrets})


def _password(args: ReplicatedUsersArgs, user: UserPlan) -> pulumi.Output[str] | None:
    held = user.proof.password
    return args.credentials.of(user.name, args.source) if held and held.is_made else None
