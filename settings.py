"""How is this machine set up? Typed settings, read once from the environment.

Every secret, and every agency's key, can also come from a file, by the same name with ``_FILE`` behind
it. A wrong value stops the start with the name of the variable, what was found and what to write instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import click
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

ROOT = Path(__file__).resolve().parent
PREFIX = "TOWNLINE_"
DEMO_SECRET_MARK = "demonstration-"  # noqa: S105 - a mark, not a secret
SHORTEST_SECRET = 32
SECRETS = ("secret", "smtp_password")
AGENCY_KEYS = "open311_key"
"""The one setting with many variables: ``TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY`` for ``county-highway``."""


class SettingsError(click.ClickException):
    """The start was refused; every mistake is one line, shown on the command line without a traceback."""

    def __init__(self, *mistakes: str) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def _yes_or_no(value: object) -> object:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ValueError("write true or false")
        return value.lower() == "true"
    return value


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]


class Settings(BaseModel):
    """One installation. ``description`` is what docs/settings.md says of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        default=ROOT / "data",
        description="Folder for all that must be kept: database, photos, letters, secret. Back this up.",
    )
    rules: Path = Field(default=ROOT / "rules.yaml", description="The town's rules file.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8311, ge=0, le=65535, description="Port to listen on.")
    base_url: str = Field(
        default="",
        pattern=r"^(https?://[^/\s]+)?$",
        description="The address residents reach, such as https://311.example.gov. Default: host and port.",
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy address of the database. Default: SQLite in the data folder.",
    )
    secret: str = Field(
        default="",
        description="Signs the links, at least 32 characters. Default: the file `secret` in the data folder.",
    )
    demo: YesNo = Field(
        default=False,
        description="true shows the demonstration town, its website and its mailbox. Never for a real town.",
    )
    threads: int = Field(default=8, ge=1, le=64, description="How many requests are answered at once.")
    proxy: str = Field(
        default="",
        description="Address of a reverse proxy in front, such as 127.0.0.1; what it forwards is believed.",
    )
    smtp_host: str = Field(
        default="", description="Mail server that carries the letters. Without one, letters become files."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls, tls, or none for a server on this machine."
    )
    smtp_user: str = Field(default="", description="User name at the mail server.")
    smtp_password: str = Field(default="", description="Password at the mail server.")
    smtp_timeout: float = Field(default=30, gt=0, le=300, description="Seconds to wait for an answer.")
    smtp_authorities: str = Field(
        default="", description="A file of certificates to trust instead of the system's."
    )
    mail_from: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$",
        description="The address that letters come from. Default: the town's own from the rules file.",
    )

    open311_key: Mapping[str, str] = Field(
        default={},
        repr=False,
        description="The key (`api_key`) that an agency's own system wants with our reports, one variable "
        "for each agency: its id in capital letters, hyphens as underscores. Some systems need none.",
    )

    @model_validator(mode="after")
    def _mail_server_fits(self) -> Self:
        if self.smtp_user and not self.smtp_password:
            raise ValueError(
                "TOWNLINE_SMTP_USER is set, but TOWNLINE_SMTP_PASSWORD is not; set both or neither"
            )
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError(
                "TOWNLINE_SMTP_SECURITY is none, so the password would travel readable; write starttls or tls"
            )
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read ``TOWNLINE_*``; raises ``SettingsError`` with every mistake at once."""
        environment = os.environ if environment is None else environment
        found, mistakes = _gather(environment)
        try:
            settings = cls.model_validate(found)
        except ValidationError as refused:
            raise SettingsError(*mistakes, *(_sentence(error) for error in refused.errors())) from refused
        if mistakes:
            raise SettingsError(*mistakes)
        return settings if "demo" in found else settings.remembered()

    def remembered(self) -> Settings:
        """Return the settings of a folder that was made for the demonstration, if it was."""
        is_demo = _read_secret(self.secret_path).startswith(DEMO_SECRET_MARK)
        return self.model_copy(update={"demo": True}) if is_demo else self

    @property
    def url(self) -> str:
        """The address residents reach, without a slash at the end."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return self.base_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'townline.sqlite3').resolve()}"

    @property
    def secret_path(self) -> Path:
        return self.data / "secret"

    def key(self) -> bytes:
        """Return the signing key; raises ``SettingsError`` when there is none or it must not be used."""
        secret = self.secret or _read_secret(self.secret_path)
        if not secret:
            raise SettingsError(
                f"{PREFIX}SECRET: there is no secret yet, so no link can be signed. "
                f"Run script/run once, or `flask --app app setup`, to make {self.secret_path}."
            )
        if len(secret) < SHORTEST_SECRET:
            raise SettingsError(
                f"{PREFIX}SECRET: has {len(secret)} characters, which can be guessed; "
                f"use at least {SHORTEST_SECRET}."
            )
        if secret.startswith(DEMO_SECRET_MARK) and not self.demo:
            raise SettingsError(
                f"{PREFIX}SECRET: this is the demonstration's secret, and {PREFIX}DEMO is not true. "
                f"For a real town start with an empty data folder ({PREFIX}DATA) or set a secret of your own."
            )
        return secret.encode()


def _gather(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    mistakes = []
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or value == "":
            continue
        name = variable.removeprefix(PREFIX).lower()
        agency = name.removeprefix(f"{AGENCY_KEYS}_") if name.startswith(f"{AGENCY_KEYS}_") else ""
        if name.endswith("_file") and (agency or name.removesuffix("_file") in SECRETS):
            name, agency = name.removesuffix("_file"), agency.removesuffix("_file")
            if environment.get(PREFIX + name.upper()):
                mistakes.append(f"{variable}: {PREFIX}{name.upper()} is set as well; keep one of the two.")
                continue
            try:
                value = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as refused:
                mistakes.append(f"{variable}: the file {value} cannot be read ({refused}).")
                continue
        if agency:
            found.setdefault(AGENCY_KEYS, {})[agency.replace("_", "-")] = value
        elif name == AGENCY_KEYS:
            mistakes.append(
                f"{variable}: write the agency behind it, as in {key_variable('county-highway')}."
            )
        else:
            found[name] = value
    return found, mistakes


def key_variable(agency: str) -> str:
    """Return the variable that holds an agency's key."""
    return f"{PREFIX}{AGENCY_KEYS.upper()}_{agency.upper().replace('-', '_')}"


WRITTEN_AS = {
    "base_url": "write http:// or https:// and a name, without a path, such as https://311.example.gov",
    "mail_from": "write one plain address, such as 311@example.gov",
}
"""What to write where a pattern was missed."""


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    place = error["loc"]
    if not place:
        return str(error["ctx"]["error"]) + "."
    variable = PREFIX + str(place[0]).upper()
    if error["type"] == "extra_forbidden":
        return f"{variable}: there is no such setting. docs/settings.md lists them all."
    shown = "(hidden)" if place[0] in SECRETS else repr(error["input"])
    if error["type"] == "string_pattern_mismatch":
        return f"{variable}: found {shown}; {WRITTEN_AS[place[0]]}."
    return f"{variable}: found {shown}; {error['msg'].removeprefix('Value error, ').lower()}."


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as refused:
        raise SettingsError(f"{PREFIX}SECRET: the file {path} cannot be read ({refused}).") from refused
