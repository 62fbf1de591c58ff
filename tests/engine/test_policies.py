"""Policy packs judge every resource before anything is applied, and again when values are known."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import engine
from engine import PolicyPackError
from tests.engine.conftest import HERE, Sandbox

PACK = HERE / "packs" / "names"


@pytest.fixture
def judged(small: Sandbox) -> Sandbox:
    small.options = engine.Options(
        state_directory=small.options.state_directory,
        connect=small.options.connect,
        policy_packs=(PACK,),
    )
    return small


def test_every_mandatory_violation_is_listed_and_nothing_is_applied(judged: Sandbox) -> None:
    judged.configure(topics={"items": 7, "prices": 9, "items.old": 1})
    with pytest.raises(engine.PolicyError) as refused:
        judged.up()
    assert str(refused.value) == (
        "few-partitions: KafkaTopic 'items': Partitions cost.\n7 partitions, at most 6\n"
        "few-partitions: KafkaTopic 'prices': Partitions cost.\n9 partitions, at most 6\n"
        "few-topics: the stack: Topics cost.\n3 topics, at most 2"
    )
    assert refused.value.exit_code == 1
    assert [v.policy for v in refused.value.outcome.violations if not v.is_mandatory] == [
        "plain-names"
    ]
    assert judged.cluster.writes == []
    assert not judged.state_file.exists()


def test_an_advice_is_told_once_and_does_not_stop_anything(judged: Sandbox) -> None:
    judged.configure(topics={"items.old": 1})
    outcome = judged.up()
    assert [v.policy for v in outcome.violations] == ["plain-names"]
    assert len([e for e in judged.events if isinstance(e, engine.PolicyViolation)]) == 1
    assert "KafkaTopic shop/items.old" in judged.cluster.objects


def test_a_value_that_is_known_late_is_judged_before_it_is_applied(cases: Sandbox) -> None:
    cases.configure(case="moved", size=2)
    with pytest.raises(engine.PolicyError, match="it follows items-2"):
        cases.up(policy_packs=(PACK,))
    assert cases.cluster.writes == ["apply KafkaTopic items-2"]
    assert "items" in cases.resources()


def test_settings_change_levels_and_the_policies_own_configuration(judged: Sandbox) -> None:
    judged.configure(topics={"items": 7})
    outcome = judged.up(policy_settings={"few-partitions": {"most": 7}})
    assert outcome.violations == ()
    judged.configure(topics={"items": 8})
    outcome = judged.up(policy_settings={"all": "advisory", "few-partitions": {"most": 7}})
    assert [v.is_mandatory for v in outcome.violations] == [False]


def test_settings_of_a_policy_there_is_not_are_told(judged: Sandbox) -> None:
    with pytest.raises(PolicyPackError) as refused:
        judged.up(policy_settings={"few-partition": "disabled"})
    assert str(refused.value) == (
        "policy settings: there is no policy few-partition "
        "(has few-partitions, few-topics, not-items-2, plain-names)."
    )


def test_a_pack_that_does_not_start_says_why(small: Sandbox, tmp_path: Path) -> None:
    pack = tmp_path / "broken"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text("import not_there\n")
    with pytest.raises(PolicyPackError, match=r"did not start\n(.*\n)*ModuleNotFoundError"):
        small.preview_with(pack)


HANGING = "import sys, time\nsys.stderr.write('asking for a licence\\n' * 9000)\ntime.sleep(600)\n"


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A pack that never serves, and says more than a pipe holds."""
    pack = tmp_path / "hanging"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(HANGING)
    return pack


def test_a_pack_that_never_serves_is_given_up(
    small: Sandbox, hanging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.policy._START_SECONDS", 5.0)
    with pytest.raises(PolicyPackError) as refused:
        small.preview_with(hanging)
    assert str(refused.value).splitlines()[:2] == [
        f"The policy pack in {hanging} did not start within 5 s",
        "asking for a licence",
    ]
    assert refused.value.exit_code == 2


def test_a_pack_that_never_serves_does_not_hold_up_who_wants_to_stop(
    small: Sandbox, hanging: Path
) -> None:
    stop = threading.Timer(3.0, small.options.cancelled.set)
    stop.start()
    with pytest.raises(engine.DeploymentError, match="The run was stopped"):
        small.preview_with(hanging)


def test_a_folder_without_a_pack_is_told(small: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(PolicyPackError) as refused:
        small.preview_with(tmp_path)
    assert str(refused.value) == f"There is no policy pack in {tmp_path} (no PulumiPolicy.yaml)."
