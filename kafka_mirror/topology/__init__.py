"""What the user writes: sites, topics, users and flows as frozen models, and their error messages."""

from kafka_mirror.topology.acls import Acl
from kafka_mirror.topology.authentication import LoginAuthentication
from kafka_mirror.topology.credentials import CertificateFromSecret, FromConfig, FromSecret, Sealed
from kafka_mirror.topology.description import (
    DescribedFlow,
    DescribedListener,
    DescribedTopic,
    DescribedUser,
    SiteDescription,
)
from kafka_mirror.topology.external import ExternalSite, ExternalTls
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
    TransactionalId,
    TransactionalIdPattern,
    UserName,
)
from kafka_mirror.topology.operators import Licence, LicenceUse, Operator
from kafka_mirror.topology.selectors import group_patterns, topic_patterns
from kafka_mirror.topology.sites import Kafka, Listener, ManagedSite, Nodes, Site, StackSite
from kafka_mirror.topology.stack_file import read_stack_file
from kafka_mirror.topology.topics import Topic
from kafka_mirror.topology.users import (
    Access,
    AdminAccess,
    ConsumerAccess,
    MirrorSourceAccess,
    MirrorTargetAccess,
    ObserverAccess,
    ProducerAccess,
    TransactionalProducerAccess,
    User,
)

__all__ = [
    "Access",
    "Acl",
    "AdminAccess",
    "CertificateFromSecret",
    "ConsumerAccess",
    "DescribedFlow",
    "DescribedListener",
    "DescribedTopic",
    "DescribedUser",
    "ExternalSite",
    "ExternalTls",
    "Flow",
    "FlowEnd",
    "FlowName",
    "FlowNames",
    "FromConfig",
    "FromSecret",
    "GroupName",
    "GroupPattern",
    "Kafka",
    "Licence",
    "LicenceUse",
    "Listener",
    "LoginAuthentication",
    "ManagedSite",
    "MirrorSourceAccess",
    "MirrorTargetAccess",
    "Nodes",
    "Objectives",
    "ObserverAccess",
    "Operator",
    "ProducerAccess",
    "Sealed",
    "Site",
    "SiteDescription",
    "SiteName",
    "StackSite",
    "Topic",
    "TopicName",
    "TopicPattern",
    "Topology",
    "TransactionalId",
    "TransactionalIdPattern",
    "TransactionalProducerAccess",
    "User",
    "UserName",
    "group_patterns",
    "load",
    "read_stack_file",
    "topic_patterns",
]
