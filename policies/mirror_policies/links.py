"""Where the behaviour behind the rules is documented."""

from __future__ import annotations

from typing import Final

STRIMZI: Final = "https://strimzi.io/docs/operators/latest/deploying"
STRIMZI_CONNECTORS: Final = f"{STRIMZI}#con-config-mirrormaker2-connectors-str"
STRIMZI_INSTANCES: Final = f"{STRIMZI}#con-config-mm2-multiple-instances-str"
STRIMZI_SYNC: Final = f"{STRIMZI}#con-config-mirrormaker2-sync-str"
STRIMZI_ACLS: Final = f"{STRIMZI}#con-config-mirrormaker2-sync-acls-str"
STRIMZI_SECURITY: Final = f"{STRIMZI}#proc-config-mirrormaker2-securing-connection-str"
STRIMZI_PRODUCERS: Final = f"{STRIMZI}#con-config-mirrormaker2-producers-consumers-str"
STRIMZI_TASKS: Final = f"{STRIMZI}#con-config-mirrormaker2-tasks-max-str"
STRIMZI_REFERENCE: Final = "https://strimzi.io/docs/operators/latest/configuring.html"
STRIMZI_TRUST: Final = (
    f"{STRIMZI_REFERENCE}#con-common-configuration-trusted-certificates-reference"
)
STRIMZI_USERS: Final = f"{STRIMZI}#assembly-using-the-user-operator-str"
STRIMZI_CHANGES: Final = "https://strimzi.io/docs/operators/latest/deploying#assembly-upgrade-str"
KAFKA_MIRRORMAKER: Final = "https://kafka.apache.org/documentation/#mirrormakerconfigs"
KAFKA_REPLICATION: Final = "https://kafka.apache.org/documentation/#georeplication"
KAFKA_BROKER: Final = "https://kafka.apache.org/documentation/#brokerconfigs"
KAFKA_CONNECT: Final = "https://kafka.apache.org/documentation/#connectconfigs"
KAFKA_AUTHORIZATION: Final = "https://kafka.apache.org/documentation/#security_authz"
EVENT_STREAMS_LICENSING: Final = (
    "https://ibm.github.io/event-automation/es/installing/planning-licensing/"
)
PULUMI_PROVIDERS: Final = "https://www.pulumi.com/docs/iac/concepts/resources/providers/"
PULUMI_PROTECT: Final = "https://www.pulumi.com/docs/iac/concepts/options/protect/"
PULUMI_AWAIT: Final = "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/"
EXEMPTIONS: Final = "https://www.pulumi.com/docs/insights/policy/"
