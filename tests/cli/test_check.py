"""``kafka-mirror check`` judges a stack, a state or plain YAML, and leaves with the right code."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.projects import Command
from tests.policies.resources import Resource, at, changed, kafka, mirror_maker, node_pool

SOUND = [mirror_maker(), kafka(), node_pool()]
RULE = "replication-factor-declared"
FACTOR = at("spec.mirrors.0.sourceConnector.config", "replication.factor")
PATH = 'spec.mirrors[0].sourceConnector.config["replication.factor"]'
BROKEN = mirror_maker((FACTOR, 0))


def write(file: Path, *resources: Resource) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump_all(resources, sort_keys=False))
    return file


def test_a_sound_file_leaves_with_0(kafka_mirror: Command, tmp_path: Path) -> None:
    ended = kafka_mirror("check", "--manifests", write(tmp_path / "all.yaml", *SOUND))
    assert ended.code == 0
    last = ended.stdout.splitlines()[-1]
    assert last == "3 objects under profile development: 0 mandatory, 1 advisory, 0 exempt"


def test_a_broken_mandatory_rule_leaves_with_1_and_is_told_with_its_place(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    ended = kafka_mirror("check", "--manifests", write(tmp_path / "flow.yaml", BROKEN))
    assert ended.code == 1
    file = (tmp_path / "flow.yaml").as_posix()
    assert ended.stdout.splitlines()[:4] == [
        f"KafkaMirrorMaker2 stg/dev-to-stg ({file})",
        "  not judged  source-site-shown",
        "    spec.mirrors[0].source.alias",
        (
            "    nothing here shows site dev, and no output `sites` describes it: its user's rights, its topics "
            "and their retention, the users that move and flows that lead back to it are not judged. Check it "
            "together with this, or give that output (--sites)"
        ),
    ]
    broken = ended.stdout.index(f"  mandatory  {RULE}\n    {PATH}\n    replication.factor is 0, ")
    assert broken < ended.stdout.index("1 object under profile development: 1 mandatory, ")


def test_a_directory_is_read_whole_and_its_templates_are_left_out(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    write(tmp_path / "git" / "a" / "flow.yaml", BROKEN)
    write(tmp_path / "git" / "b" / "kafka.yml", *SOUND[1:])
    (tmp_path / "git" / "template.yaml").write_text("{{ .Values.kafka }}: {{ x }}\n")
    ended = kafka_mirror("check", "--manifests", tmp_path / "git", "--output", "json")
    document = json.loads(ended.stdout)
    assert (ended.code, document["objects"]) == (1, 3)
    assert [Path(one["file"]).name for one in document["unread"]] == ["template.yaml"]
    assert "template.yaml is no YAML" in ended.stderr


def test_json_holds_every_finding(kafka_mirror: Command, tmp_path: Path) -> None:
    file = write(tmp_path / "flow.yaml", BROKEN, *SOUND[1:])
    document = json.loads(kafka_mirror("check", "--manifests", file, "--output", "json").stdout)
    assert (document["schema"], document["profile"], document["pack"]) == (
        1,
        "development",
        "0.2.0",
    )
    (finding,) = (one for one in document["findings"] if one["level"] == "mandatory")
    assert finding == {
        "rule": RULE,
        "level": "mandatory",
        "object": "KafkaMirrorMaker2 stg/dev-to-stg",
        "path": PATH,
        "message": "replication.factor is 0, which is no number of copies. Write a number from 1 "
        "up, or -1 for the broker's default",
        "origin": file.as_posix(),
        "decided": True,
        "exemption": None,
    }


def sarif(ended: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    log = json.loads(ended.stdout)
    (run,) = log["runs"]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "kafka-mirror")
    return run["tool"]["driver"]["rules"], run["results"]


def test_sarif_points_at_the_line(kafka_mirror: Command, tmp_path: Path) -> None:
    file = write(tmp_path / "flow.yaml", *SOUND[1:], BROKEN)
    ended = kafka_mirror("check", "--manifests", file, "--output", "sarif")
    rules, results = sarif(ended)
    (result,) = (one for one in results if one["level"] == "error")
    place = result["locations"][0]["physicalLocation"]
    assert (ended.code, result["ruleId"]) == (1, RULE)
    assert rules[result["ruleIndex"]]["id"] == RULE
    assert place["artifactLocation"]["uri"] == file.as_posix()
    line = file.read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line.strip() == "replication.factor: 0"


def test_sarif_holds_what_a_code_host_needs(
    kafka_mirror: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write(tmp_path / "flows of stg" / "flow.yaml", BROKEN, *SOUND[1:])
    rules, results = sarif(kafka_mirror("check", "--manifests", file, "--output", "sarif"))
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        # From where the command runs, as in the repository, and fit for a URI.
        assert place["artifactLocation"]["uri"] == "flows%20of%20stg/flow.yaml"
        assert place["region"]["startLine"] >= 1
        assert location["logicalLocations"][0]["fullyQualifiedName"]
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "none"}


def test_the_file_of_a_state_stands_for_its_resources_in_sarif(
    kafka_mirror: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stg.json").write_text(json.dumps(state(resource(URN, BROKEN, provider=PROVIDER))))
    _, results = sarif(kafka_mirror("check", "--state", "stg.json", "--output", "sarif"))
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}
    assert uris == {"stg.json"}


def test_what_another_command_writes_is_judged_from_stdin(
    kafka_mirror: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = yaml.safe_dump_all([BROKEN, *SOUND[1:]], sort_keys=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    ended = kafka_mirror("check", "--manifests", "-", "--output", "json")
    document = json.loads(ended.stdout)
    mandatory = [one for one in document["findings"] if one["level"] == "mandatory"]
    assert (ended.code, document["objects"]) == (1, 3)
    assert [(one["rule"], one["origin"]) for one in mandatory] == [(RULE, "-")]


@pytest.mark.parametrize("layout", ["clusters/{}/kafka.yaml", "clusters/{}.yaml", "{}/a/b.yaml"])
def test_namesakes_in_two_files_are_in_two_kubernetes_clusters(
    kafka_mirror: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for site, brokers in (("eu", 3), ("us", 1)):
        flow = changed(BROKEN, (FACTOR, 3), (("metadata", "name"), f"to-{site}"))
        write(Path(layout.format(site)), flow, kafka(), node_pool(brokers))
    ended = kafka_mirror("check", "--manifests", ".", "--output", "json")
    findings = json.loads(ended.stdout)["findings"]
    broken = {one["origin"] for one in findings if one["rule"] == "replication-factor-fits-brokers"}
    assert broken == {layout.format("us")}
    one, two = (layout.format(site).removesuffix("/kafka.yaml") for site in ("eu", "us"))
    one, two = one.removesuffix("/a/b.yaml"), two.removesuffix("/a/b.yaml")
    assert ended.stderr == f"Judged as Kubernetes clusters of their own: {one}, {two}.\n"


def test_an_exemption_is_listed_with_its_reason_and_stops_nothing(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    reason = "one broker only, until the second arrives"
    exempt = changed(BROKEN, (("metadata", "annotations"), {f"exempt.kafka-mirror/{RULE}": reason}))
    file = write(tmp_path / "flow.yaml", exempt, *SOUND[1:])
    drawn = kafka_mirror("check", "--manifests", file)
    assert (drawn.code, reason in drawn.stdout) == (0, True)
    assert drawn.stdout.splitlines()[-1].endswith("0 mandatory, 1 advisory, 1 exempt")
    _, results = sarif(kafka_mirror("check", "--manifests", file, "--output", "sarif"))
    (result,) = (one for one in results if one["ruleId"] == RULE)
    assert result["suppressions"] == [{"kind": "inSource", "justification": reason}]


def test_a_list_of_objects_is_taken_apart(kafka_mirror: Command, tmp_path: Path) -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": [BROKEN, *SOUND[1:]]}
    file = write(tmp_path / "list.yaml", items)
    _, results = sarif(kafka_mirror("check", "--manifests", file, "--output", "sarif"))
    (result,) = (one for one in results if one["ruleId"] == RULE)
    line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert file.read_text().splitlines()[line - 1].strip() == "replication.factor: 0"


def test_the_profile_and_the_configuration_decide(kafka_mirror: Command, tmp_path: Path) -> None:
    file = write(tmp_path / "flow.yaml", mirror_maker((FACTOR, 2)), *SOUND[1:])
    assert kafka_mirror("check", "--manifests", file).code == 0
    assert kafka_mirror("check", "--manifests", file, "--profile", "production").code == 1
    settings = tmp_path / "levels.json"
    settings.write_text(json.dumps({RULE: {"minimum": 2}}))
    chosen = ("--profile", "production", "--policy-pack-config", settings)
    assert kafka_mirror("check", "--manifests", file, *chosen).code == 0


def test_the_sites_of_another_stack_are_taken_into_account(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    file = write(tmp_path / "flow.yaml", *SOUND)
    sites = tmp_path / "sites.json"
    access = [{"role": "consumer", "topics": ["items"]}]
    users = {"dev-mm2": {"shared": True, "access": access}}
    sites.write_text(json.dumps({"dev": {"users": users, "topics": {"items": {}}}}))
    ended = kafka_mirror("check", "--manifests", file, "--sites", sites, "--output", "json")
    findings = json.loads(ended.stdout)["findings"]
    (finding,) = (one for one in findings if one["level"] == "mandatory")
    assert finding["rule"] == "mirror-user-rights"
    assert "has no role mirror-source" in finding["message"]


@pytest.mark.parametrize("profile", ["development", "production"])
def test_a_stack_is_judged_as_its_file_declares_it(
    kafka_mirror: Command, project: Path, profile: str
) -> None:
    ended = kafka_mirror(
        "check", "--stack", "stg", "--project", project, "--profile", profile, "--output", "json"
    )
    rules = {one["rule"] for one in json.loads(ended.stdout)["findings"]}
    # The tests' project does not disable default providers.
    assert "default-providers-disabled" in rules
    assert ended.code == (1 if profile == "production" else 0)


def resource(urn: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2], "custom": True, "inputs": inputs} | more


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


URN = "urn:pulumi:stg::kafka-mirror::kubernetes:kafka.strimzi.io/v1:KafkaMirrorMaker2::flow"
PROVIDER = "urn:pulumi:stg::kafka-mirror::pulumi:providers:kubernetes::stg::0a1b"


def test_a_state_is_judged_without_a_passphrase(kafka_mirror: Command, tmp_path: Path) -> None:
    encrypted = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    flow = changed(
        BROKEN, (at("spec.target.bootstrapServers"), {**encrypted, "ciphertext": "v1:abc"})
    )
    file = tmp_path / "stg.json"
    file.write_text(json.dumps(state(resource(URN, flow, provider=PROVIDER, protect=True))))
    ended = kafka_mirror("check", "--state", file, "--output", "json")
    findings = json.loads(ended.stdout)["findings"]
    assert ended.code == 1
    assert [one["rule"] for one in findings if one["level"] == "mandatory"] == [RULE]
    assert {one["origin"] for one in findings} == {URN}
    assert "v1:abc" not in ended.stdout


def test_what_a_stack_only_reads_is_not_judged(kafka_mirror: Command, tmp_path: Path) -> None:
    theirs = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "Kafka",
        "metadata": {"name": "theirs", "namespace": "kafka"},
    }
    urn = URN.replace("KafkaMirrorMaker2", "Kafka")
    file = tmp_path / "stg.json"
    file.write_text(json.dumps(state(resource(urn, theirs, provider=PROVIDER, external=True))))
    ended = kafka_mirror("check", "--state", file, "--profile", "production", "--output", "json")
    assert ended.code == 0
    assert json.loads(ended.stdout)["findings"] == []


def test_a_default_provider_shows_in_a_state(kafka_mirror: Command, tmp_path: Path) -> None:
    default = PROVIDER.replace("::stg::", "::default_4_34_0::")
    file = tmp_path / "backend.json"
    latest = state(resource(URN, mirror_maker(), provider=default))["deployment"]
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "stg", "latest": latest}}))
    findings = json.loads(kafka_mirror("check", "--state", file, "--output", "json").stdout)
    mandatory = [one for one in findings["findings"] if one["level"] == "mandatory"]
    assert [(one["rule"], one["path"]) for one in mandatory] == [("explicit-provider", "")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Say what to check: one of --stack", id="nothing"),
        pytest.param(
            ["--stack", "a", "--state", "b"], "Say what to check: one of", id="two things"
        ),
        pytest.param(
            ["--manifests", "no-such.yaml"], "There is no file no-such.yaml", id="no file"
        ),
        pytest.param(["--state", "no-such.json"], "There is no file no-such.json", id="no state"),
        pytest.param(
            ["--stack", "none", "--sites", "x"], "--sites goes with --manifests", id="sites"
        ),
        pytest.param(["--manifests", "bad.yaml"], "bad.yaml is no YAML: line 2", id="no YAML"),
        pytest.param(["--state", "bad.yaml"], "bad.yaml is no Pulumi state", id="no state inside"),
    ],
)
def test_what_cannot_be_read_leaves_with_2(
    kafka_mirror: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text("{a: [\n")
    ended = kafka_mirror("check", *arguments)
    assert ended.code == 2
    assert message in ended.stderr


def test_a_configuration_with_an_unknown_rule_leaves_with_2(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    file = write(tmp_path / "flow.yaml", *SOUND)
    settings = tmp_path / "levels.yaml"
    settings.write_text("no-replication-lop: disabled\n")
    ended = kafka_mirror("check", "--manifests", file, "--policy-pack-config", settings)
    assert ended.code == 2
    assert "Did you mean 'no-replication-loop'?" in ended.stderr
