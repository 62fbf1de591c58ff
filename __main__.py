"""The Pulumi program: everything a stack's configuration declares, composed of three components."""

import pulumi

from components import (
    Credentials,
    KafkaSite,
    KafkaSiteArgs,
    MirrorFlow,
    MirrorFlowArgs,
    OtherStacks,
    ReplicatedUsers,
    ReplicatedUsersArgs,
    configuration_errors_stop_the_run,
    read_topology,
)
from kafka_mirror.planning import plan


async def main() -> None:
    """Read the stack, decide everything, then declare it: sites first, then users and flows."""
    with configuration_errors_stop_the_run():
        topology = read_topology()
        others = OtherStacks(topology)
        decided = plan(topology, await others.descriptions())
    credentials = Credentials(topology, others.credentials())
    sites = {
        name: KafkaSite(
            name,
            KafkaSiteArgs(
                plan=site, description=decided.descriptions[name], credentials=credentials
            ),
        )
        for name, site in decided.sites.items()
    }
    for flow in decided.flows:
        target, source = sites[flow.target.site], flow.source.site
        if flow.replicated_users:
            users = ReplicatedUsersArgs(
                users=flow.replicated_users, source=source, target=target, credentials=credentials
            )
            ReplicatedUsers(flow.name, users)
        MirrorFlow(
            flow.name,
            MirrorFlowArgs(
                plan=flow,
                source=sites.get(source) or decided.descriptions[source],
                target=target,
                credentials=credentials,
            ),
        )
    pulumi.export("sites", {name: site.description for name, site in sites.items()})
    pulumi.export("credentials", credentials.shared())


pulumi.run(main)
