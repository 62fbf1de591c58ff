"""One function for each thing a program may ask of an engine; the configuration chooses."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import ResourceOptions as Options

config = pulumi.Config()


class Topic(pulumi.CustomResource):
    """A custom resource with a declared status."""

    status: pulumi.Output[dict[str, Any]]
    spec: pulumi.Output[dict[str, Any]]

    def __init__(self, name, opts, *, spec=None, metadata=None):
        super().__init__(
            "kubernetes:kafka.strimzi.io/v1:KafkaTopic",
            name,
            {
                "apiVersion": "kafka.strimzi.io/v1",
                "kind": "KafkaTopic",
                "metadata": {"name": name, "namespace": "shop", **(metadata or {})},
                "spec": spec or {"partitions": config.get_int("size") or 1},
                "status": None,
            },
            opts,
        )


def cluster(**arguments):
    return kubernetes.Provider(
        "cluster", **{"context": "dev", "cluster_identifier": "dev", **arguments}
    )


def topic(metadata=None, spec=None, provider=None, **options):
    one = provider or cluster()
    return Topic("items", Options(provider=one, **options), spec=spec, metadata=metadata or {})


def annotated(**annotations):
    return topic(metadata={"annotations": annotations})


class Empty(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("cases:index:Empty", name, None, opts)
        self.register_outputs({})


def aliases():
    topic(aliases=[pulumi.Alias(name="goods")])
    Empty("box", Options(aliases=["urn:pulumi:dev::cases::cases:index:Empty::crate"]))


def transform():
    pulumi.runtime.register_resource_transform(lambda args: None)


def invoke():
    pulumi.runtime.invoke("aws:index/getRegion:getRegion", {})


def call():
    pulumi.runtime.call("aws:eks/getKubeconfig", {})


def hooks():
    def note(arguments):
        del arguments

    topic(hooks=pulumi.ResourceHookBinding(after_create=[pulumi.ResourceHook("note", note)]))


def remote():
    class Remote(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("cloud:index:Site", "far", {}, None, remote=True)

    Remote()


def unknown_type():
    pulumi.CustomResource("aws:s3/bucket:Bucket", "bucket", {})


def asset():
    topic(spec={"file": pulumi.StringAsset("text")})


def twice():
    one = cluster()
    topic(provider=one)
    topic(provider=one)


def no_provider():
    Topic("items", None)


def default_provider():
    Topic("items", None)
    Topic("prices", None)


def immutable():
    return kubernetes.core.v1.Secret(
        "secret",
        metadata={"name": "s", "namespace": "shop"},
        immutable=True,
        string_data={"value": str(config.get_int("size"))},
        opts=Options(provider=cluster()),
    )


def read_secret():
    one = cluster()
    secret = kubernetes.core.v1.Secret.get("theirs", "shop/theirs", opts=Options(provider=one))
    Topic("items", Options(provider=one), spec={"password": secret.data["password"]})
    pulumi.export("password", secret.data["password"])


def read_derived():
    one = cluster()
    made = Topic("items", Options(provider=one))
    name = made.status.apply(lambda status: f"shop/{status['topicName']}-secret")
    secret = kubernetes.core.v1.Secret.get("theirs", name, opts=Options(provider=one))
    pulumi.export("keys", secret.data.apply(sorted))


def read_by_kind():
    kind = {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka"}
    token = "kubernetes:kafka.strimzi.io/v1:Kafka"
    pulumi.CustomResource(token, "theirs", kind, Options(provider=cluster(), id="shop/theirs"))


def reads_only(name):
    pulumi.StackReference(name)


async def references():
    other = pulumi.StackReference(config.require("other"))
    sites = await other.get_output_details("sites")
    credentials = await other.get_output_details("credentials")
    if sites.value is None:
        raise pulumi.RunError("stack 'other' is deployed but empty")
    pulumi.export("seen", sites.value["dev"])
    pulumi.export("is_secret", credentials.secret_value is not None and credentials.value is None)
    pulumi.export("credentials", other.get_output("credentials"))


def outputs():
    pulumi.export("sites", {"dev": "127.0.0.1:9092"})
    pulumi.export("credentials", pulumi.Output.secret({"password": "tr0ub4dor-and-3"}))


def secrets():
    topic(
        spec={"config": {"password": config.require_secret("password"), "size": 1}},
        additional_secret_outputs=["status"],
    )
    print("the password is", config.require("password"))  # noqa: T201 - programs print
    pulumi.log.warn("it is " + config.require("password"))


def crash_with_secret():
    raise RuntimeError("no luck with " + config.require("password"))


def structured():
    pulumi.export("read", config.require_object("tree"))
    pulumi.export("flag", config.require_bool("flag"))


def renamed():
    name = "items" if config.get_int("size") == 1 else "goods"
    Topic(name, Options(provider=cluster()), metadata={"name": "items"})


def moved():
    name = f"items-{config.require_int('size')}"
    one = cluster()
    made = topic(provider=one, metadata={"name": name})
    Topic("after", Options(provider=one, depends_on=[made]), spec={"of": made.status["topicName"]})


def other_cluster():
    context = "dev" if config.require_int("size") == 1 else "stg"
    topic(provider=cluster(context=context, cluster_identifier=context))


def option(**options):
    return lambda: topic(**options)


def nothing():
    """Declare nothing."""


def parents():
    box = Empty("box", Options(protect=True))
    Topic("items", Options(parent=box, provider=cluster()))


def many():
    one = cluster()
    for number in range(config.require_int("size")):
        Topic(f"topic-{number}", Options(provider=one))


CASES = {
    "aliases": aliases,
    "annotation": lambda: annotated(**{"pulumi.com/waitFor": config.require("wait")}),
    "asset": asset,
    "call": call,
    "crash_with_secret": crash_with_secret,
    "custom_timeouts": option(custom_timeouts=pulumi.CustomTimeouts(create="1s", delete="2m")),
    "default_provider": default_provider,
    "deleted_with": lambda: topic(deleted_with=Empty("box")),
    "hide_diffs": option(hide_diffs=["spec"]),
    "hooks": hooks,
    "ignore_changes": option(ignore_changes=["spec.partitions"]),
    "immutable": immutable,
    "import": option(import_="shop/items"),
    "invoke": invoke,
    "many": many,
    "moved": moved,
    "no_name": lambda: topic(metadata={"name": None}),
    "no_provider": no_provider,
    "nothing": nothing,
    "other_cluster": other_cluster,
    "outputs": outputs,
    "parents": parents,
    "protect": option(protect=True),
    "provider_settings": lambda: topic(provider=cluster(render_yaml_to_directory="out")),
    "read_by_kind": read_by_kind,
    "read_derived": read_derived,
    "read_secret": read_secret,
    "references": references,
    "reference_name": lambda: reads_only(config.require("other")),
    "remote": remote,
    "renamed": renamed,
    "replace_on_changes": option(replace_on_changes=["spec.partitions"]),
    "replace_with": lambda: topic(replace_with=[Empty("box")]),
    "retain": option(retain_on_delete=True),
    "secrets": secrets,
    "state_migrations": lambda: topic(state_migrations=[lambda old: old]),
    "structured": structured,
    "topic": topic,
    "transform": transform,
    "transforms": lambda: topic(transforms=[lambda args: None]),
    "twice": twice,
    "unknown_type": unknown_type,
}


async def main():
    result = CASES[config.require("case")]()
    if hasattr(result, "__await__"):
        await result


pulumi.run(main)
