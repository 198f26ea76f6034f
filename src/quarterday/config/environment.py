"""What the environment says, typed and checked: `load() -> Settings`.

Every variable starts with QUARTERDAY_, except DATABASE_URL. All errors are listed at once, each with its cure, and no
message and no repr shows a secret.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from cryptography.fernet import Fernet
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from quarterday.shared.database import LOGIN, OWNER

MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
MAKE_AN_ENCRYPTION_KEY = (
    'python3 -c "import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"'
)

# Several values in one variable, parted by commas; keys are listed newest first, so that old ones still open.
CommaSeparated = NoDecode


LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names that lead to this machine alone."""


class SettingsError(Exception):
    """The environment is not usable; `errors` names each variable, what is wrong and the cure."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__("\n".join(["The settings have errors:", *(f"  - {error}" for error in errors)]))


class Settings(BaseSettings):
    """One installation's settings. Without DATABASE_URL, PostgreSQL is started inside the data folder."""

    model_config = SettingsConfigDict(env_prefix="QUARTERDAY_", env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL"))
    owner_database_url: SecretStr | None = None
    database_pool: int = Field(default=0, ge=0, le=200)
    secret_keys: Annotated[tuple[SecretStr, ...], CommaSeparated] = ()
    encryption_keys: Annotated[tuple[SecretStr, ...], CommaSeparated] = ()
    public_address: str = ""
    trusted_proxies: Annotated[tuple[str, ...], CommaSeparated] = ()
    allowed_hosts: Annotated[tuple[str, ...], CommaSeparated] = LOCAL_HOSTS
    allowed_origins: Annotated[tuple[str, ...], CommaSeparated] = ()
    metrics_token: SecretStr | None = None
    debug: bool = False
    demo: bool = False
    data_folder: Path = Path("var")
    font_folder: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator(
        "secret_keys", "encryption_keys", "allowed_hosts", "allowed_origins", "trusted_proxies", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        if urlsplit(value.get_secret_value()).scheme not in ("postgres", "postgresql"):
            raise ValueError("is not a PostgreSQL address: write postgresql://user:password@host:5432/quarterday")
        if not urlsplit(value.get_secret_value()).path.strip("/"):
            raise ValueError("names no database: end it with /quarterday")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _are_long(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError(f"has a key of fewer than 32 characters: make one with {MAKE_A_KEY}")
        if any(_is_guessed(key.get_secret_value()) for key in keys):
            raise ValueError(f"has a key that can be guessed: make one with {MAKE_A_KEY}")
        return keys

    @field_validator("encryption_keys")
    @classmethod
    def _are_fernet_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError(
                    f"has a key that is not 32 bytes in URL-safe base64: make one with {MAKE_AN_ENCRYPTION_KEY}"
                ) from None
        return keys

    @field_validator("public_address")
    @classmethod
    def _is_site(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")):
            raise ValueError(f"is {address!r}, which is no site: write it like https://billing.example.com")
        return address.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(f"has {network!r}, which is no address or network: write it like 10.0.0.0/8") from None
        return networks

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if urlsplit(origin).scheme not in ("http", "https") or not urlsplit(origin).netloc:
                raise ValueError(f"has {origin!r}, which is no origin: write it like https://billing.example.com")
        return origins

    @field_validator("font_folder")
    @classmethod
    def _is_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise ValueError(f"names {folder}, which is not a folder: create it and put .ttf or .otf files there")
        return folder

    @field_validator("data_folder")
    @classmethod
    def _is_absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @model_validator(mode="after")
    def _https_comes_from_a_proxy(self) -> Settings:
        if self.is_https and not self.trusted_proxies:
            raise PydanticCustomError(
                "proxies",
                "QUARTERDAY_TRUSTED_PROXIES is missing: name the proxy that has the certificate of {address}, by its"
                " address or network, for example 127.0.0.1",
                {"address": self.public_address},
            )
        return self

    @model_validator(mode="after")
    def _a_site_has_an_address(self) -> Settings:
        foreign = [host for host in self.allowed_hosts if host not in LOCAL_HOSTS]
        if foreign and not self.public_address:
            raise PydanticCustomError(
                "site",
                "QUARTERDAY_PUBLIC_ADDRESS is missing: links in mails lead there, so say under which address {host} is"
                " reached, for example https://{host}",
                {"host": foreign[0]},
            )
        return self

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages by https."""
        return self.public_address.startswith("https://")

    def hosts(self) -> list[str]:
        """The names under which the pages are asked for."""
        public = urlsplit(self.public_address).hostname
        return [*self.allowed_hosts, *([public] if public and public not in self.allowed_hosts else [])]

    def origins(self) -> list[str]:
        """The sites whose forms are taken."""
        return [*self.allowed_origins, *([self.public_address] if self.public_address else [])]

    @property
    def embedded(self) -> bool:
        """True when no DATABASE_URL is given, so that Quarterday starts its own PostgreSQL."""
        return self.database_url is None

    @property
    def cluster_folder(self) -> Path:
        """Where the embedded PostgreSQL lives."""
        return self.data_folder / "postgres"

    @property
    def keys_file(self) -> Path:
        """Where keys that Quarterday made for itself are kept."""
        return self.data_folder / "keys.json"

    def login_url(self) -> str | None:
        """DATABASE_URL as the role the application logs in as; None for the embedded PostgreSQL."""
        return None if self.database_url is None else with_user(self.database_url.get_secret_value(), LOGIN)

    def owner_url(self) -> str | None:
        """The address for migrations: given, or DATABASE_URL with the owner's name; None for the embedded one."""
        if self.owner_database_url is not None:
            return self.owner_database_url.get_secret_value()
        return None if self.database_url is None else with_user(self.database_url.get_secret_value(), OWNER)


def load(*, make_keys: bool = False) -> Settings:
    """Read the environment; raise SettingsError with every error in words.

    Keys come from the environment, else from keys.json in the data folder, which `make_keys` writes when it is not
    there. An installation with its own database must have them: keys that vanish would leave encrypted passwords that
    nobody can read.
    """
    errors: list[str] = []
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError([_in_words(detail) for detail in error.errors(include_input=False)]) from None
    if make_keys:
        _make_keys(settings.keys_file, errors)
    settings = _with_kept_keys(settings, errors)
    if not settings.embedded:
        for name, keys, cure in (
            ("QUARTERDAY_SECRET_KEYS", settings.secret_keys, MAKE_A_KEY),
            ("QUARTERDAY_ENCRYPTION_KEYS", settings.encryption_keys, MAKE_AN_ENCRYPTION_KEY),
        ):
            if not keys:
                errors.append(f"{name} is missing, and {settings.keys_file} does not exist: make one with {cure}")
    if errors:
        raise SettingsError(errors)
    return settings


def with_user(url: str, user: str) -> str:
    """The same address and password under another name."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    password = "" if parts.password is None else f":{quote(unquote(parts.password), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}{password}@{host}"))


def _make_keys(path: Path, errors: list[str]) -> None:
    """Write new keys, readable by their owner alone, unless there are some already."""
    if path.exists():
        return
    keys = {"secret_keys": [secrets.token_urlsafe(50)], "encryption_keys": [Fernet.generate_key().decode()]}
    unfinished = path.with_name(f"keys.json.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(keys, file)
        with suppress(FileExistsError):
            os.link(unfinished, path)  # never replaces: of two at once the first one's keys stay
        unfinished.unlink()
    except OSError as error:
        errors.append(f"QUARTERDAY_DATA_FOLDER {path.parent} cannot be written ({error.strerror}): name another folder")


def _with_kept_keys(settings: Settings, errors: list[str]) -> Settings:
    if settings.secret_keys and settings.encryption_keys:
        return settings
    if not settings.keys_file.exists():
        return settings
    try:
        kept = json.loads(settings.keys_file.read_text(encoding="utf-8"))
        found = {name: tuple(SecretStr(key) for key in kept[name]) for name in ("secret_keys", "encryption_keys")}
    except (OSError, ValueError, KeyError, TypeError):
        errors.append(f"{settings.keys_file} cannot be read: mend its rights, or put back a copy of it from a backup")
        return settings
    return settings.model_copy(update={name: getattr(settings, name) or keys for name, keys in found.items()})


def _is_guessed(key: str) -> bool:
    """Whether a key repeats itself, or is the one that Django writes into new projects."""
    return len(set(key)) < 10 or key.startswith("django-insecure")


def _in_words(detail: Any) -> str:
    if detail["type"] in ("proxies", "site"):
        return str(detail["msg"])
    field = str(detail["loc"][0]) if detail["loc"] else "settings"
    name = field if field.isupper() else f"QUARTERDAY_{field.upper()}"
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return f"{name} {context['error']}"
    if kind == "literal_error":
        return f"{name} must be {context['expected'].replace(chr(39), '')}"
    if kind.startswith("bool"):
        return f"{name} must be true or false"
    return f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}"
