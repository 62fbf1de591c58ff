"""What follows from a topology: names, rights, loops, intervals and windows. Pure."""

from kafka_mirror.planning.credentials import (
    CertificateLogin,
    Login,
    PasswordLogin,
    PasswordSecret,
    Trust,
    UserProof,
)
from kafka_mirror.planning.descriptions import describe_sites, pick
from kafka_mirror.planning.ends import EndPlan
from kafka_mirror.planning.flows import FlowPlan
from kafka_mirror.planning.places import Place
from kafka_mirror.planning.plan import Plan, plan
from kafka_mirror.planning.rights import Resource, Right
from kafka_mirror.planning.sites import SitePlan, TopicPlan
from kafka_mirror.planning.users import UserPlan
from kafka_mirror.planning.windows import Interval, Intervals, duplicate_window

__all__ = [
    "CertificateLogin",
    "EndPlan",
    "FlowPlan",
    "Interval",
    "Intervals",
    "Login",
    "PasswordLogin",
    "PasswordSecret",
    "Place",
    "Plan",
    "Resource",
    "Right",
    "SitePlan",
    "TopicPlan",
    "Trust",
    "UserPlan",
    "UserProof",
    "describe_sites",
    "duplicate_window",
    "pick",
    "plan",
]
