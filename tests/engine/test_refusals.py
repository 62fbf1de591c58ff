"""What the engine does not serve is refused by name, before anything is applied."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import resource_pb2

import engine
from engine.registration import REFUSED, SERVED_FIELDS
from tests.engine.conftest import Sandbox

NOT_SERVED = "is not served by this engine."


def test_every_field_of_a_registration_is_served_or_refused() -> None:
    fields = set(resource_pb2.RegisterResourceRequest.DESCRIPTOR.fields_by_name)
    assert fields - SERVED_FIELDS - REFUSED.keys() == set()
    assert not SERVED_FIELDS & REFUSED.keys()


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            "aliases",
            (
                f"Empty 'box': the option 'aliases' {NOT_SERVED}\n"
                f"KafkaTopic 'items': the option 'aliases' {NOT_SERVED}"
            ),
        ),
        ("asset", "KafkaTopic 'items': assets and archives are not served by this engine."),
        ("call", "the method 'aws:eks/getKubeconfig' is not served by this engine."),
        ("deleted_with", f"KafkaTopic 'items': the option 'deleted_with' {NOT_SERVED}"),
        ("hide_diffs", f"KafkaTopic 'items': the option 'hide_diffs' {NOT_SERVED}"),
        ("hooks", f"the resource hook 'note' {NOT_SERVED}"),
        ("import", f"KafkaTopic 'items': the option 'import_' {NOT_SERVED}"),
        ("invoke", f"the function 'aws:index/getRegion:getRegion' {NOT_SERVED}"),
        (
            "no_name",
            "KafkaTopic 'items': metadata.name is missing; this engine makes up no names.",
        ),
        (
            "no_provider",
            (
                "KafkaTopic 'items': it has no provider, and pulumi:disable-default-providers forbids "
                "the default one. Give it a kubernetes provider, or a parent that has one."
            ),
        ),
        (
            "provider_settings",
            "kubernetes 'cluster': the provider settings renderYamlToDirectory are not served by this engine.",
        ),
        (
            "read_by_kind",
            (
                "Kafka 'theirs': its id is 'shop/theirs', its metadata say '', and the Kubernetes provider looks "
                "where these say. Give metadata.name and metadata.namespace as in the id, or the id alone."
            ),
        ),
        ("remote", f"Site 'far': remote components {NOT_SERVED}"),
        ("replace_with", f"KafkaTopic 'items': the option 'replace_with' {NOT_SERVED}"),
        ("state_migrations", f"KafkaTopic 'items': the option 'state_migrations' {NOT_SERVED}"),
        ("transform", f"a transform of the whole stack {NOT_SERVED}"),
        ("transforms", f"KafkaTopic 'items': the option 'transforms' {NOT_SERVED}"),
        ("twice", "KafkaTopic 'items' is declared twice. Give one of them another name."),
        (
            "unknown_type",
            "Bucket 'bucket': resources of type 'aws:s3/bucket:Bucket' are not served by this engine.",
        ),
    ],
)
def test_it_is_refused_by_name_before_anything_is_applied(
    cases: Sandbox, case: str, message: str
) -> None:
    cases.configure(case=case)
    with pytest.raises(engine.UnservedError) as refused:
        cases.up()
    assert "\n".join(sorted(str(refused.value).splitlines())) == message
    assert refused.value.exit_code == 2
    assert cases.cluster.writes == []
    assert not cases.state_file.exists()


@pytest.mark.parametrize("wait", ["ready", "condition=", "jsonpath=.status", '[{"a": 1}]'])
def test_a_wait_that_cannot_be_read_is_refused(cases: Sandbox, wait: str) -> None:
    cases.configure(case="annotation", wait=wait)
    with pytest.raises(engine.UnservedError, match=r"^KafkaTopic 'items': pulumi.com/waitFor: '"):
        cases.preview()
