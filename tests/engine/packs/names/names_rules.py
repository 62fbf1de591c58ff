"""The rules of the pack."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ResourceValidationPolicy,
    StackValidationPolicy,
)


def _partitions(args, report_violation):
    if args.props.get("kind") == "KafkaTopic":
        partitions = int(args.props["spec"].get("partitions") or 0)
        if partitions > args.get_config()["most"]:
            report_violation(f"{partitions} partitions, at most {int(args.get_config()['most'])}")


def _status(args, report_violation):
    if args.props.get("kind") == "KafkaTopic" and args.props["spec"].get("of") == "items-2":
        report_violation("it follows items-2")


def _plain_names(args, report_violation):
    if "." in args.name:
        report_violation("a dot in a name reads badly")


def _few(args, report_violation):
    topics = [one for one in args.resources if one.props.get("kind") == "KafkaTopic"]
    if len(topics) > 2:
        report_violation(f"{len(topics)} topics, at most 2")


POLICIES = [
    ResourceValidationPolicy(
        name="few-partitions",
        description="Partitions cost.",
        validate=_partitions,
        config_schema=PolicyConfigSchema(properties={"most": {"type": "integer", "default": 6}}),
    ),
    ResourceValidationPolicy(name="not-items-2", description="Known late.", validate=_status),
    ResourceValidationPolicy(
        name="plain-names",
        description="Names are read aloud.",
        enforcement_level=EnforcementLevel.ADVISORY,
        validate=_plain_names,
    ),
    StackValidationPolicy(name="few-topics", description="Topics cost.", validate=_few),
]
