from __future__ import annotations

import contextlib
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.ports import BLOCK_SIZE, LOOPBACK, PortBlock, is_listening


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return tmp_path / "registry.json"


def reserve(tmp_path: Path, registry: Path, name: str = "lab") -> PortBlock:
    (tmp_path / name).mkdir(exist_ok=True)
    return PortBlock.reserve(tmp_path / name, registry=registry)


def test_a_key_keeps_its_port(tmp_path, registry):
    first = reserve(tmp_path, registry).port_for("broker-0")
    assert PortBlock.of(tmp_path / "lab").port_for("broker-0") == first


def test_a_moved_key_gets_a_port_that_nobody_has(tmp_path, registry):
    block = reserve(tmp_path, registry)
    first, other = block.port_for("one"), block.port_for("other")
    moved = block.move("one")
    assert moved not in {first, other}
    assert block.port_for("one") == moved


def test_keys_have_ports_of_their_own_below_the_ephemeral_range(tmp_path, registry):
    block = reserve(tmp_path, registry)
    ports = {block.port_for(f"key-{number}") for number in range(20)}
    assert len(ports) == 20
    assert max(ports) < 32_768


def test_two_labs_share_no_port(tmp_path, registry):
    one, other = (reserve(tmp_path, registry, name).port_for("etcd") for name in ("one", "other"))
    assert abs(one - other) >= BLOCK_SIZE


def test_a_lab_that_reserves_twice_keeps_its_block(tmp_path, registry):
    port = reserve(tmp_path, registry).port_for("etcd")
    assert reserve(tmp_path, registry).port_for("etcd") == port


def test_the_block_of_a_deleted_lab_is_given_out_again(tmp_path, registry):
    port = reserve(tmp_path, registry, "one").port_for("etcd")
    (tmp_path / "one" / "ports.json").unlink()
    assert reserve(tmp_path, registry, "other").port_for("etcd") == port


def test_a_block_in_which_somebody_listens_is_passed_over(tmp_path, registry):
    port = reserve(tmp_path, registry, "one").port_for("etcd")
    (tmp_path / "one" / "ports.json").unlink()
    with socket.create_server((LOOPBACK, port + 7)):
        assert reserve(tmp_path, registry, "other").port_for("etcd") >= port + BLOCK_SIZE


def test_a_released_port_can_be_given_to_another_key(tmp_path, registry):
    block = reserve(tmp_path, registry)
    port = block.port_for("gone")
    block.release("gone")
    assert block.port_for("new") == port


def test_threads_that_ask_at_the_same_time_get_different_ports(tmp_path, registry):
    block = reserve(tmp_path, registry)
    with ThreadPoolExecutor(8) as threads:
        ports = list(threads.map(block.port_for, (f"key-{number}" for number in range(40))))
    assert len(set(ports)) == 40


def test_a_block_that_is_used_up_says_for_whom_there_is_no_port(tmp_path, registry):
    block = reserve(tmp_path, registry)
    file = tmp_path / "lab" / "ports.json"
    content = json.loads(file.read_text())
    content["assigned"] = {str(number): content["start"] + number for number in range(BLOCK_SIZE)}
    file.write_text(json.dumps(content))
    with pytest.raises(LabError, match=r"the lab's 300 ports are used up; 'one-more' gets none"):
        block.port_for("one-more")


def test_a_listener_is_seen_while_it_listens():
    with contextlib.closing(socket.create_server((LOOPBACK, 0))) as server:
        port = server.getsockname()[1]
        assert is_listening(port)
    assert not is_listening(port)
