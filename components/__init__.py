"""The Pulumi components; nothing else in this project declares Pulumi resources."""

from components.configuration import configuration_errors_stop_the_run, read_topology
from components.credentials import Credentials
from components.kafka_site import KafkaSite, KafkaSiteArgs
from components.kubernetes_object import KubernetesObject
from components.mirror_flow import MirrorFlow, MirrorFlowArgs
from components.references import OtherStacks
from components.replicated_users import ReplicatedUsers, ReplicatedUsersArgs
from components.workplace import Workplace

__all__ = [
    "Credentials",
    "KafkaSite",
    "KafkaSiteArgs",
    "KubernetesObject",
    "MirrorFlow",
    "MirrorFlowArgs",
    "OtherStacks",
    "ReplicatedUsers",
    "ReplicatedUsersArgs",
    "Workplace",
    "configuration_errors_stop_the_run",
    "read_topology",
]
