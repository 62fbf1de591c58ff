from __future__ import annotations

from lab.operator.worker_secrets import credential_values
from tests.lab.operator.resources import make_mirror_maker, make_side


def test_worker_reads_no_key_but_those_the_resource_names() -> None:
    resource = make_mirror_maker(
        "dev-to-stg",
        "stg",
        target=make_side("stg", "stg:9093", user="stg-mm2", trust="stg-ca"),
        source=make_side("dev", "dev:9093", user="dev-mm2", trust="dev-ca"),
    )
    secrets = {
        "dev-mm2": {"password": "a", "sasl.jaas.config": "b"},
        "stg-mm2": {"password": "c"},
    }

    assert credential_values(resource, secrets.get) == {
        "dev-mm2": {"password": "a"},
        "stg-mm2": {"password": "c"},
    }
