"""What a change of the configuration must not take away: copies of a topic, and anything of a production site."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.errors import KafkaMirrorError
from tests.components.conftest import Estate

Configuration = dict[str, Any]
Change = Callable[[Configuration], None]

SITE: Configuration = {
    "sites": {
        "dev": {
            "kubernetes": {"context": "dev", "namespace": "shop", "createNamespace": True},
            "kafka": {
                "name": "shop",
                "nodes": {"replicas": 1, "storage": "1Gi"},
                "listeners": [{"name": "tls", "port": 9093, "type": "internal"}],
            },
        }
    },
    "topics": {"items": {"sites": ["dev"]}},
}


def _changed(*path: str, to: Any) -> Configuration:
    configuration = copy.deepcopy(SITE)
    _set(*path, to=to)(configuration)
    return configuration


def _set(*path: str, to: Any) -> Change:
    def change(configuration: Configuration) -> None:
        place = configuration
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = to

    return change


PRODUCTION = _changed("sites", "dev", "production", to=True)


def _deploy(estate: Estate, configuration: Configuration) -> None:
    estate.write("dev", configuration)
    estate.packs = ()
    estate.up("dev")


@pytest.fixture(scope="module")
def deployed_once(_quick_passphrase: None, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    estate = Estate.made(tmp_path_factory.mktemp("production"))
    _deploy(estate, PRODUCTION)
    return estate


@pytest.fixture
def production(deployed_once: Estate, tmp_path: Path) -> Estate:
    """The site, deployed as one of production."""
    return deployed_once.copied(tmp_path)


def test_a_topic_keeps_its_copies_when_its_site_grows_until_others_are_written(
    estate: Estate,
) -> None:
    """The Topic Operator refuses to change the copies of a topic that exists."""
    _deploy(estate, SITE)
    configuration = _changed("sites", "dev", "kafka", "nodes", "replicas", to=3)
    _deploy(estate, configuration)

    objects = estate.cluster("dev").objects
    assert objects["KafkaTopic shop/items"]["spec"]["replicas"] == 1
    kafka = objects["Kafka shop/shop"]["spec"]["kafka"]["config"]
    assert kafka["default.replication.factor"] == 3

    configuration["topics"]["items"]["replicas"] = 3
    configuration["topics"]["prices"] = {"sites": ["dev"]}
    estate.write("dev", configuration)
    estate.up("dev")

    objects = estate.cluster("dev").objects
    assert objects["KafkaTopic shop/items"]["spec"]["replicas"] == 3
    assert objects["KafkaTopic shop/prices"]["spec"]["replicas"] == 3


def _rename_the_site(configuration: Configuration) -> None:
    configuration["sites"]["live"] = configuration["sites"].pop("dev")
    configuration["topics"]["items"]["sites"] = ["live"]


def _drop_the_site(configuration: Configuration) -> None:
    configuration.clear()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_set("sites", "dev", "kubernetes", "namespace", to="other"), id="namespace"),
        pytest.param(_set("sites", "dev", "kafka", "name", to="other"), id="name of the Kafka"),
        pytest.param(_rename_the_site, id="name of the site"),
        pytest.param(_drop_the_site, id="no site any more"),
    ],
)
def test_no_change_deletes_anything_of_a_production_site(
    production: Estate, change: Change
) -> None:
    before = production.cluster("dev").objects

    configuration = copy.deepcopy(PRODUCTION)
    change(configuration)
    production.write("dev", configuration)
    for operation in (production.preview, production.up):
        with pytest.raises(KafkaMirrorError, match="protected"):
            operation("dev")

    assert production.cluster("dev").objects == before


@pytest.mark.parametrize("is_relaxed_too", [False, True])
def test_a_production_topic_outlives_its_line_and_its_new_name(
    production: Estate, *, is_relaxed_too: bool
) -> None:
    configuration = copy.deepcopy(PRODUCTION)
    configuration["topics"] = {"goods": configuration["topics"]["items"]}
    # Whether it is kept was said when it was deployed; taking that back counts from the next time.
    configuration["sites"]["dev"]["production"] = not is_relaxed_too
    production.write("dev", configuration)
    production.up("dev")

    topics = {name for name in production.cluster("dev").objects if name.startswith("KafkaTopic")}
    assert topics == {"KafkaTopic shop/items", "KafkaTopic shop/goods"}
