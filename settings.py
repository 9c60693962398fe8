"""How is this machine set up? Typed settings, read once from the environment.

Every secret, and every agency's key, can also come from a file, by the same name with ``_FILE`` behind
it. A wrong value stops the start with the name of the variable, what was found and what to write instead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import click
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

ROOT = Path(__file__).resolve().parent
PREFIX = "TOWNLINE_"
DEMO_SECRET_MARK = "demonstration-"  # noqa: S105 - a mark, not a secret
SHORTEST_SECRET = 32
SHORTEST_HOOK_KEY = 24
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECRETS = (
    "secret",
    "smtp_password",
    "imap_password",
    "mail_refresh_token",
    "mail_client_secret",
    "mail_hook_key",
)
AN_ADDRESS = r"^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$"
AGENCY_KEYS = "open311_key"
"""The one setting with many variables: ``TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY`` for ``county-highway``."""


class SettingsError(click.ClickException):
    """The start was refused; every mistake is one line, shown on the command line without a traceback."""

    def __init__(self, *mistakes: str) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def _yes_or_no(value: object) -> object:
    if isinstance(value, str):
        if value.lower() not in ("true", "false", "yes", "no"):
            raise ValueError("write true or false")
        return value.lower() in ("true", "yes")
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
        pattern=AN_ADDRESS,
        description="The address that letters come from. Default: the town's own from the rules file.",
    )
    plus_addresses: YesNo = Field(
        default=True,
        description="true when mail to 311+anything@ arrives at 311@, so that each letter has a reply "
        "address of its own. `doctor` tells.",
    )
    hold_minutes: int = Field(
        default=5,
        ge=0,
        le=15,
        description="Minutes that a letter to a resident or an agency waits after an employee's act, by mail "
        "or on the page, so that it can be undone. In the demonstration none, unless this is set.",
    )
    intake_address: str = Field(
        default="",
        pattern=AN_ADDRESS,
        description="Mail to this address becomes a new request. Default: where letters come from.",
    )
    authserv_id: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9._-]{1,253})?$",
        description="The name under which your own mail server writes Authentication-Results; only its word "
        "about a sender counts. `doctor` proposes it.",
    )
    imap_host: str = Field(default="", description="Mail server from which replies are fetched.")
    imap_port: int = Field(
        default=993, ge=1, le=65535, description="Its port: 993 for tls, 143 for starttls."
    )
    imap_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="tls, starttls, or none for a server on this machine."
    )
    imap_user: str = Field(default="", description="User name of the mailbox.")
    imap_password: str = Field(
        default="", description="Its password, unless it is opened with an access token."
    )
    imap_folder: str = Field(default="INBOX", min_length=1, description="The folder that is read.")
    imap_timeout: float = Field(default=60, gt=0, le=300, description="Seconds to wait for an answer.")
    imap_authorities: str = Field(
        default="", description="A file of certificates to trust instead of the system's."
    )
    mail_token_command: str = Field(
        default="",
        description="A command that prints an access token (XOAUTH2), for the mail servers that have a user "
        "name and no password.",
    )
    mail_refresh_token: str = Field(
        default="", description="Instead of a command: the refresh token that access tokens are fetched with."
    )
    mail_token_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="Where access tokens are fetched with the refresh token.",
    )
    mail_client_id: str = Field(default="", description="The number of the application there.")
    mail_client_secret: str = Field(default="", description="Its secret, if it has one.")
    mail_pipe: YesNo = Field(
        default=False,
        description="true when the mail server pipes mail into `flask --app app mail ingest`.",
    )
    listen_smtp: str = Field(
        default="",
        pattern=r"^((\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5})?$",
        description="Take mail from your own mail server by SMTP or LMTP here, such as 127.0.0.1:8325.",
    )
    mail_hook_key: str = Field(
        default="",
        description="Opens POST /mail/incoming, where raw mail is taken in that is signed with this key.",
    )

    open311_key: Mapping[str, str] = Field(
        default={},
        repr=False,
        description="The key (`api_key`) that an agency's own system wants with our reports, one variable "
        "for each agency: its id in capital letters, hyphens as underscores. Some systems need none.",
    )

    @model_validator(mode="after")
    def _mail_server_fits(self) -> Self:
        if self.smtp_user and not self.smtp_password and not self.has_token:
            raise ValueError(
                "TOWNLINE_SMTP_USER is set, but TOWNLINE_SMTP_PASSWORD is not; set both or neither, or "
                "TOWNLINE_MAIL_TOKEN_COMMAND for a server that wants an access token"
            )
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError(
                "TOWNLINE_SMTP_SECURITY is none, so the password would travel readable; write starttls or tls"
            )
        return self

    @model_validator(mode="after")
    def _mailbox_fits(self) -> Self:
        if not self.imap_host:
            if self.imap_user or self.imap_password:
                raise ValueError(
                    "TOWNLINE_IMAP_USER or _PASSWORD is set, but TOWNLINE_IMAP_HOST is not, so no mailbox "
                    "would be read; write the mail server's name"
                )
            return self
        if not self.imap_user:
            raise ValueError(
                "TOWNLINE_IMAP_HOST is set, but TOWNLINE_IMAP_USER is not; write whose mailbox it is"
            )
        if not self.imap_password and not self.has_token:
            raise ValueError(
                "TOWNLINE_IMAP_HOST is set, but TOWNLINE_IMAP_PASSWORD is not; set it, or "
                "TOWNLINE_MAIL_TOKEN_COMMAND for a server that wants an access token"
            )
        if self.imap_security == "none" and self.imap_host not in LOOPBACK:
            raise ValueError(
                "TOWNLINE_IMAP_SECURITY is none, so the password and all mail would travel readable; write "
                "tls or starttls (none is for a server on this machine, 127.0.0.1)"
            )
        return self

    @model_validator(mode="after")
    def _tokens_fit(self) -> Self:
        if self.mail_token_command and self.mail_refresh_token:
            raise ValueError(
                "TOWNLINE_MAIL_TOKEN_COMMAND and TOWNLINE_MAIL_REFRESH_TOKEN are both set; keep one of them"
            )
        if self.mail_refresh_token and not (self.mail_token_url and self.mail_client_id):
            raise ValueError(
                "TOWNLINE_MAIL_REFRESH_TOKEN is set; it also needs TOWNLINE_MAIL_TOKEN_URL and "
                "TOWNLINE_MAIL_CLIENT_ID"
            )
        host = urlsplit(self.mail_token_url).hostname
        if self.mail_token_url.startswith("http:") and host not in LOOPBACK:
            raise ValueError(
                "TOWNLINE_MAIL_TOKEN_URL begins with http:, so the token would travel readable; write https:"
            )
        return self

    @model_validator(mode="after")
    def _doors_fit(self) -> Self:
        if self.mail_hook_key and len(self.mail_hook_key) < SHORTEST_HOOK_KEY:
            raise ValueError(
                f"TOWNLINE_MAIL_HOOK_KEY has {len(self.mail_hook_key)} characters, which can be guessed; use "
                f"at least {SHORTEST_HOOK_KEY}"
            )
        if self.listen_smtp and not 0 <= self.listener[1] <= 65535:
            raise ValueError("TOWNLINE_LISTEN_SMTP: a port is a number up to 65535, as in 127.0.0.1:8325")
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
    def has_token(self) -> bool:
        """Return whether access tokens can be had for servers without a password."""
        return bool(self.mail_token_command or self.mail_refresh_token)

    @property
    def reads_mail(self) -> bool:
        """Return whether replies arrive by any way; in the demonstration its mailbox is one."""
        ways = (self.imap_host, self.listen_smtp, self.mail_hook_key, self.mail_pipe)
        return any(ways) or (self.demo and not self.smtp_host)

    @property
    def hold(self) -> timedelta:
        """How long a letter waits that can still be undone; a demonstration shows it at once."""
        is_shown_at_once = self.demo and "hold_minutes" not in self.model_fields_set
        return timedelta(0) if is_shown_at_once else timedelta(minutes=self.hold_minutes)

    @property
    def listener(self) -> tuple[str, int]:
        """Return where mail is taken by SMTP: host and port; raises ``ValueError`` where it is not."""
        host, _colon, port = self.listen_smtp.rpartition(":")
        return host.strip("[]"), int(port)

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
                f"Run script/run once, or `flask --app app setup`, to make {self.secret_path}. "
                f"If the town's data are in another folder, name it in {PREFIX}DATA."
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
    "intake_address": "write one plain address, such as 311@example.gov",
    "authserv_id": "write the one name, such as mx.example.gov",
    "listen_smtp": "write an address of this machine and a port, such as 127.0.0.1:8325",
    "mail_token_url": "write the whole address, beginning with https://",
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
