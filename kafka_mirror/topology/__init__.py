"""What the user writes: sites, topics, users and flows as frozen models, and their error messages."""

from kafka_mirror.topology.description import (
    DescribedFlow,
    DescribedListener,
    DescribedTopic,
    DescribedUser,
    SiteDescription,
)
from kafka_mirror.topology.flows import Flow, FlowEnd, FlowNames, Objectives
from kafka_mirror.topology.loading import load
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.names import (
    FlowName,
    GroupName,
    GroupPattern,
    SiteName,
    TopicName,
    TopicPattern,
    UserName,
)
from kafka_mirror.topology.selectors import group_patterns, topic_patterns
from kafka_mirror.topology.sites import Kafka, Listener, ManagedSite, Nodes, Site, StackSite
from kafka_mirror.topology.stack_file import read_stack_file
from kafka_mirror.topology.topics import Topic
from kafka_mirror.topology.users import (
    Access,
    ConsumerAccess,
    MirrorSourceAccess,
    MirrorTargetAccess,
    ProducerAccess,
    User,
)

__all__ = [
    "Access",
    "ConsumerAccess",
    "DescribedFlow",
    "DescribedListener",
    "DescribedTopic",
    "DescribedUser",
    "Flow",
    "FlowEnd",
    "FlowName",
    "FlowNames",
    "GroupName",
    "GroupPattern",
    "Kafka",
    "Listener",
    "ManagedSite",
    "MirrorSourceAccess",
    "MirrorTargetAccess",
    "Nodes",
    "Objectives",
    "ProducerAccess",
    "Site",
    "SiteDescription",
    "SiteName",
    "StackSite",
    "Topic",
    "TopicName",
    "TopicPattern",
    "Topology",
    "User",
    "UserName",
    "group_patterns",
    "load",
    "read_stack_file",
    "topic_patterns",
]
