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
    Workplace,
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
    credentials = Credentials(topology, decided.descriptions, others.credentials())
    sites = {
        name: KafkaSite(
            name,
            KafkaSiteArgs(
                plan=site, description=decided.descriptions[name], credentials=credentials
            ),
        )
        for name, site in decided.sites.items()
    }
    workplaces = {place.address: Workplace(place) for place in decided.workplaces}
    for flow in decided.flows:
        source, target = flow.source.site, flow.target.site
        users = None
        if flow.replicated_users:
            users = ReplicatedUsers(
                flow.names.resource,
                ReplicatedUsersArgs(
                    users=flow.replicated_users,
                    source=source,
                    target=sites[target],
                    credentials=credentials,
                ),
            )
        MirrorFlow(
            flow.names.resource,
            MirrorFlowArgs(
                plan=flow,
                source=sites.get(source) or decided.descriptions[source],
                target=sites.get(target) or decided.descriptions[target],
                users=users,
                place=sites[flow.place.site] if flow.place.site else workplaces[flow.place.address],
                credentials=credentials,
            ),
        )
    described = {name: decided.described(name) for name in topology.external_sites()}
    pulumi.export(
        "sites", {**{name: site.description for name, site in sites.items()}, **described}
    )
    pulumi.export("credentials", credentials.shared())


pulumi.run(main)
