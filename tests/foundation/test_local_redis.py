"""A Redis where none was given."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from redis import Redis

from app.foundation import local_redis


def program(folder: Path, name: str, says: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """No server on the PATH, none in the virtual environment."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    return tmp_path


def test_a_machine_without_any_is_told_how_to_get_one(bare_machine):
    with pytest.raises(local_redis.NoRedis, match="REDIS_URL"):
        local_redis.find_executable()


def test_the_machines_own_comes_first(bare_machine):
    mine = program(bare_machine / "bin", "redis-server", "Redis server v=7.0.15 sha=0")
    assert local_redis.find_executable() == mine


def test_valkey_will_do(bare_machine):
    mine = program(bare_machine / "bin", "valkey-server", "Valkey server v=8.0.1 sha=0")
    assert local_redis.find_executable() == mine


def test_one_that_is_too_old_is_passed_over_for_the_one_brought_along(bare_machine):
    program(bare_machine / "bin", "redis-server", "Redis server v=5.0.3 sha=0")
    (bare_machine / "venv" / "bin").mkdir(parents=True)
    brought = program(bare_machine / "venv" / "bin", "redis-server", "Redis server v=6.2.14 sha=0")
    assert local_redis.find_executable() == brought


def test_it_starts_in_a_path_with_spaces_and_keeps_what_was_written(tmp_path):
    folder = tmp_path / "a folder" / "redis"
    with local_redis.running(folder, durable=True) as url, Redis.from_url(url) as client:
        client.set("kept", "yes")
    with local_redis.running(folder, durable=True) as url, Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_it_listens_on_the_loopback_only(tmp_path):
    with local_redis.running(tmp_path) as url, Redis.from_url(url) as client:
        assert client.config_get("bind")["bind"] == "127.0.0.1"


def test_a_server_that_ends_at_once_is_reported(bare_machine):
    program(bare_machine / "bin", "redis-server", "Redis server v=7.0.15 sha=0")
    with pytest.raises(local_redis.NoRedis, match=r"redis\.log"):
        local_redis.start(bare_machine / "data", durable=False)


def test_a_free_port_can_be_listened_on():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", local_redis.free_port()))
