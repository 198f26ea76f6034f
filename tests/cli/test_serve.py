"""`quarterday serve`: a real server on a real port, and what it says where something is missing."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from quarterday.cli import serve
from quarterday.web import assets
from tests.cli.terminal import run
from tests.databases import Database


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def test_a_port_that_is_taken_is_told_with_the_cure() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        with pytest.raises(
            serve.CannotServe, match=f"127.0.0.1:{port} cannot be used .*choose another one with --port"
        ):
            serve._free_address("127.0.0.1", port)


def test_a_name_is_served_under_its_number() -> None:
    assert serve._free_address("localhost", free_port()) in ("127.0.0.1", "::1")


def test_a_host_that_does_not_exist_is_told() -> None:
    with pytest.raises(serve.CannotServe, match=r"nowhere\.invalid"):
        serve._free_address("nowhere.invalid", 8000)


def test_without_a_network_the_pages_are_served_plain_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_network(folder: Path, *, timeout: float = 0) -> None:
        raise assets.AssetsMissing("npm error network request failed\nand more")

    monkeypatch.setattr(assets, "fetch", no_network)
    serve.see_to_assets(tmp_path)
    told = capsys.readouterr().err
    assert "could not be fetched (npm error network request failed)" in told
    assert "run `quarterday assets` when the network is back" in told


def test_assets_that_are_there_are_not_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QUARTERDAY_DATA_FOLDER", str(tmp_path))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / assets.STAMP).write_text(assets._digest())
    answer = run("assets")
    assert (answer.code, answer.out.split(":")[0]) == (0, "Everything is there")


@pytest.fixture
def served(fresh_database: Database, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server of its own on an installation without users, and what it printed."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / assets.STAMP).write_text(assets._digest())  # as fetched: the test needs no network
    port = free_port()
    command = [sys.executable, "-c", "from quarterday.cli.main import main; main()", "serve", "--port", str(port)]
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(command, env=fresh_database.environment(tmp_path), stdout=log, stderr=subprocess.STDOUT)
    address = f"http://localhost:{port}"
    try:
        deadline = time.monotonic() + 90
        while not answers(address):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
        yield address, (tmp_path / "log").read_text()
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/account/login/", timeout=5):
            return True
    except OSError:
        return False


def test_the_pages_are_served_with_their_style_and_headers(served: tuple[str, str]) -> None:
    address, printed = served
    assert f"Quarterday is at {address}/" in printed
    assert f"Make the first admin at {address}/first/ with the code " in printed
    with urlopen(f"{address}/account/login/") as page:
        assert "Make the first admin" in page.read().decode()
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    with urlopen(f"{address}/static/web/quarterday.css") as style:
        assert style.headers["Content-Type"].startswith("text/css")


def test_a_host_that_was_not_allowed_is_refused(served: tuple[str, str]) -> None:
    address, _printed = served
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{address}/account/login/", headers={"Host": "evil.example"}))
    assert refused.value.code == 400
