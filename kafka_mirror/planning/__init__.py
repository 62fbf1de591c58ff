"""What follows from a topology: names, rights, loops, intervals and windows. Pure."""

from kafka_mirror.planning.descriptions import describe_sites, pick
from kafka_mirror.planning.flows import EndPlan, FlowPlan
from kafka_mirror.planning.plan import Plan, plan
from kafka_mirror.planning.rights import Resource, Right
from kafka_mirror.planning.sites import SitePlan, TopicPlan, UserPlan
from kafka_mirror.planning.windows import Interval, Intervals, duplicate_window

__all__ = [
    "EndPlan",
    "FlowPlan",
    "Interval",
    "Intervals",
    "Plan",
    "Resource",
    "Right",
    "SitePlan",
    "TopicPlan",
    "UserPlan",
    "describe_sites",
    "duplicate_window",
    "pick",
    "plan",
]
