"""Project and stack files, read as Pulumi reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.configuration import read_yaml
from engine.encryption import PassphraseCrypter
from engine.project import Project
from kafka_mirror.errors import ConfigurationError, UsageError

Write = Callable[[str, str], Project]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write Pulumi.yaml's config and Pulumi.dev.yaml, and load the project."""

    def make(project: str, stack: str) -> Project:
        (tmp_path / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{project}")
        (tmp_path / "Pulumi.dev.yaml").write_text(stack)
        return Project.load(tmp_path)

    return make


@pytest.fixture
def crypter() -> PassphraseCrypter:
    return PassphraseCrypter.create("p", stack="dev")


def values(project: Project, crypter: PassphraseCrypter) -> dict[str, str]:
    return dict(project.configuration("dev").opened(crypter).values)


def test_scalars_follow_yaml_1_2(write: Write, crypter: PassphraseCrypter) -> None:
    config = "config: {shop:a: on, shop:b: 12:30, shop:c: 5s, shop:d: 3, shop:e: 1.5, shop:f: true}"
    assert values(write("", config), crypter) == {
        "shop:a": "on",
        "shop:b": "12:30",
        "shop:c": "5s",
        "shop:d": "3",
        "shop:e": "1.5",
        "shop:f": "true",
    }


def test_structures_are_json_and_keys_without_a_namespace_are_the_projects(
    write: Write, crypter: PassphraseCrypter
) -> None:
    config = "config: {tree: {b: [1, x], a: null}, pulumi:disable-default-providers: [kubernetes]}"
    assert values(write("", config), crypter) == {
        "shop:tree": '{"a":null,"b":[1,"x"]}',
        "pulumi:disable-default-providers": '["kubernetes"]',
    }


def test_secure_values_are_decrypted_and_known_to_be_secret(
    write: Write, crypter: PassphraseCrypter
) -> None:
    sealed = crypter.encrypt("hidden")
    project = write(
        "", f"config:\n  shop:p: {{secure: '{sealed}'}}\n  shop:t: {{a: [{{secure: '{sealed}'}}]}}"
    )
    configuration = project.configuration("dev")
    assert configuration.has_secrets
    opened = configuration.opened(crypter)
    assert opened.values == {"shop:p": "hidden", "shop:t": '{"a":["hidden"]}'}
    assert opened.secret_keys == {"shop:p", "shop:t"}
    assert "hidden" not in repr([configuration, opened])


def test_defaults_come_from_the_project(write: Write, crypter: PassphraseCrypter) -> None:
    project = write(
        "config: {size: {type: integer, default: 3}, region: {value: eu}, kubernetes:context: dev}",
        "config: {shop:size: 5}",
    )
    assert values(project, crypter) == {
        "shop:size": "5",
        "shop:region": "eu",
        "kubernetes:context": "dev",
    }


def test_every_missing_value_and_unserved_setting_is_told_at_once(write: Write) -> None:
    project = write(
        "config: {size: {type: integer}, name: {type: string}}",
        "environment: [shared]\nsecretsprovider: awskms://key\n",
    )
    with pytest.raises(ConfigurationError) as refused:
        project.configuration("dev")
    assert str(refused.value).splitlines() == [
        (
            "environment: Pulumi.dev.yaml imports an environment, which is not served: resolve it with "
            "`pulumi env open` and write the values into the stack file."
        ),
        "secretsprovider: Pulumi.dev.yaml names 'awskms://key'; only the passphrase provider is served.",
        "shop:size: stack 'dev' has no value for it. Set it with `pulumi config set shop:size` or in Pulumi.dev.yaml.",
        "shop:name: stack 'dev' has no value for it. Set it with `pulumi config set shop:name` or in Pulumi.dev.yaml.",
    ]


def test_a_stack_without_a_file_is_told_with_those_there_are(write: Write) -> None:
    project = write("", "config: {}")
    with pytest.raises(UsageError) as refused:
        project.configuration("prod")
    assert str(refused.value) == (
        f"stack 'prod' has no file: {project.directory}/Pulumi.prod.yaml (stacks here: dev)."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "file.yaml is not YAML: line 2, column 1: the key 'a' stands here twice."),
        ("a: [\n", "file.yaml is not YAML: line 2, column 1: did not find expected node content."),
        ("- a\n", "file.yaml: a mapping is expected, found list."),
        (
            "a:\n  size: {{ size }}\n",
            "file.yaml is not YAML: line 2, column 10: a key must be a text.",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        read_yaml(file)
    assert str(refused.value) == message


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(UsageError, match=r"^file\.yaml: is not text in UTF-8\.$"):
        read_yaml(file)


def test_defaults_that_are_no_mapping_are_told(write: Write) -> None:
    with pytest.raises(ConfigurationError, match=r"^config: Pulumi\.yaml: a mapping is expected"):
        write("config: [a]", "").configuration("dev")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "name: shop\nruntime: nodejs\n",
            "Pulumi.yaml: runtime is 'nodejs'; this engine runs python.",
        ),
        ("runtime: {name: python}\n", "Pulumi.yaml: the project has no name."),
    ],
)
def test_a_project_that_cannot_be_run_is_told(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(content)
    with pytest.raises(UsageError) as refused:
        Project.load(tmp_path)
    assert str(refused.value) == message


def test_the_state_is_where_one_says(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write("", "")
    assert project.state_directory().root == tmp_path / ".kafka-mirror" / "state"
    monkeypatch.setenv("KAFKA_MIRROR_STATE", str(tmp_path / "elsewhere"))
    assert project.state_directory().root == tmp_path / "elsewhere"
    assert project.state_directory(tmp_path / "here").root == tmp_path / "here"
