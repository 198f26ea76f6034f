"""Wrong settings are all listed at once, in words, with the cure and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from quarterday.config.environment import SettingsError, load, with_user

KEY = "a key that no test but this one has ever used"
FERNET = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("QUARTERDAY_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUARTERDAY_DATA_FOLDER", str(tmp_path / "var"))


def test_without_any_setting_the_embedded_postgresql_is_used(tmp_path: Path) -> None:
    settings = load()

    assert settings.embedded
    assert settings.cluster_folder == tmp_path / "var" / "postgres"
    assert settings.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert not (tmp_path / "var").exists(), "reading the settings writes nothing"


def test_every_error_is_listed_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": "mysql://ada:hunter2@db/quarterday",
        "QUARTERDAY_OWNER_DATABASE_URL": "postgresql://quarterday_owner@db",
        "QUARTERDAY_SECRET_KEYS": "hunter2",
        "QUARTERDAY_ENCRYPTION_KEYS": f"{FERNET},hunter2",
        "QUARTERDAY_ALLOWED_ORIGINS": "billing.example.com",
        "QUARTERDAY_DEBUG": "perhaps",
        "QUARTERDAY_LOG_LEVEL": "loud",
        "QUARTERDAY_FONT_FOLDER": "/nowhere",
        "QUARTERDAY_DATABASE_POOL": "-1",
    }.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refusal:
        load()

    assert "hunter2" not in str(refusal.value)
    beginnings = [
        "DATABASE_URL is not a PostgreSQL address: write postgresql://",
        "QUARTERDAY_OWNER_DATABASE_URL names no database: end it with /quarterday",
        "QUARTERDAY_DATABASE_POOL: input should be greater than or equal to 0",
        "QUARTERDAY_SECRET_KEYS has a key of fewer than 32 characters: make one with python3",
        "QUARTERDAY_ENCRYPTION_KEYS has a key that is not 32 bytes in URL-safe base64: make one with python3",
        "QUARTERDAY_ALLOWED_ORIGINS has 'billing.example.com', which is no origin: write it like https://",
        "QUARTERDAY_DEBUG must be true or false",
        "QUARTERDAY_FONT_FOLDER names /nowhere, which is not a folder: create it",
        "QUARTERDAY_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR",
    ]
    assert len(refusal.value.errors) == len(beginnings)
    for error, beginning in zip(refusal.value.errors, beginnings, strict=True):
        assert error.startswith(beginning)


def test_a_database_of_ones_own_needs_keys_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://quarterday_login@db/quarterday")

    with pytest.raises(SettingsError) as refusal:
        load()

    assert [error.split()[0] for error in refusal.value.errors] == [
        "QUARTERDAY_SECRET_KEYS",
        "QUARTERDAY_ENCRYPTION_KEYS",
    ]


def test_keys_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    first, second, third = load(make_keys=True), load(make_keys=True), load()

    assert first.encryption_keys == second.encryption_keys == third.encryption_keys
    assert len(first.encryption_keys) == len(first.secret_keys) == 1
    assert first.keys_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["keys.json"]


def test_keys_of_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    load(make_keys=True)
    monkeypatch.setenv("QUARTERDAY_SECRET_KEYS", f"{KEY}, {KEY}-before")

    settings = load()

    assert [key.get_secret_value() for key in settings.secret_keys] == [KEY, f"{KEY}-before"]
    assert len(settings.encryption_keys) == 1, "those that the environment lacks come from the file"


def test_damaged_keys_are_an_error_and_not_replaced(tmp_path: Path) -> None:
    path = load(make_keys=True).keys_file
    path.write_text("{")

    with pytest.raises(SettingsError, match="cannot be read: mend its rights, or put back a copy of it from a backup"):
        load(make_keys=True)
    assert path.read_text() == "{"


def test_a_data_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QUARTERDAY_DATA_FOLDER", str(tmp_path / "file" / "var"))

    with pytest.raises(SettingsError, match=r"QUARTERDAY_DATA_FOLDER .* cannot be written"):
        load(make_keys=True)


def test_no_repr_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://quarterday_login:hunter2@db/quarterday")
    monkeypatch.setenv("QUARTERDAY_SECRET_KEYS", KEY)
    monkeypatch.setenv("QUARTERDAY_ENCRYPTION_KEYS", FERNET)

    shown = repr(load())

    assert not any(secret in shown for secret in ("hunter2", KEY, FERNET))


def test_the_owners_address_follows_from_the_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres:p%40ss@db:5433/books?sslmode=require")
    monkeypatch.setenv("QUARTERDAY_SECRET_KEYS", KEY)
    monkeypatch.setenv("QUARTERDAY_ENCRYPTION_KEYS", FERNET)

    settings = load()

    assert settings.login_url() == "postgresql://quarterday_login:p%40ss@db:5433/books?sslmode=require"
    assert settings.owner_url() == "postgresql://quarterday_owner:p%40ss@db:5433/books?sslmode=require"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://@/books?host=/tmp/socket", "postgresql://ada@/books?host=/tmp/socket"),
        ("postgresql://db/books", "postgresql://ada@db/books"),
        ("postgresql://bob:a%3Ab%2F@[::1]:5432/books", "postgresql://ada:a%3Ab%2F@[::1]:5432/books"),
    ],
)
def test_only_the_user_of_an_address_is_replaced(url: str, expected: str) -> None:
    assert with_user(url, "ada") == expected
