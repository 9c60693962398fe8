"""How do the parts become one application? Wires everything, starts nothing.

``create_app()`` makes no thread, opens no connection and writes no file; ``flask --app app serve``
does. Everything a town needs hangs on the application, so that one process can serve several.
"""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import flask_babel
import flask_mail
from flask import Flask, request

import desk.away
import desk.held
import desk.mails
import desk.still
import desk.views
import inlet.views
import operations.views
import reports.analytics
import reports.approval
import reports.archive
import reports.guest
import reports.operator
import widgets.embedding
import widgets.languages
import widgets.limits
import widgets.oembed
import widgets.photos
import widgets.seen
import widgets.stopping
import widgets.townmap
import widgets.tracking
import widgets.views
from casework.office import EXTENSION, Keeper, Office
from console import commands, demo_site, health
from inbox.xoauth import Token, from_command, from_refresh_token
from mail.composer import Composer
from mail.delivery import Carrier
from mail.folder import FolderCarrier
from mail.smtp import SmtpCarrier, SmtpServer
from open311.client import Courier
from routing.reader import RulesRefused, load
from settings import ROOT, Settings, SettingsError
from storage import database
from storage.learning import ModelFile
from storage.photos import PhotoFolder

if TYPE_CHECKING:
    from inbox.imap import ImapServer

TRANSLATIONS = ROOT / "translations"
TEMPLATES = ROOT / "templates"
LARGEST_REQUEST = 50 * 1024 * 1024
LARGEST_TEXT = 1024 * 1024

FACES = (
    widgets.views,
    widgets.tracking,
    widgets.stopping,
    widgets.townmap,
    widgets.photos,
    widgets.seen,
    widgets.embedding,
    widgets.oembed,
    desk.views,
    desk.away,
    desk.held,
    desk.mails,
    desk.still,
    operations.views,
    reports.approval,
    reports.archive,
    reports.operator,
    reports.analytics,
    reports.guest,
    health,
)
"""The rooms with pages of their own."""


class Townline(Flask):
    """Flask, with the addresses of signed pages kept out of the log: each of them is a key."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("%s %s was broken off", request.method, request.endpoint, exc_info=exc_info)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for one town; without ``settings`` they come from the environment.

    Raises ``SettingsError`` for a wrong setting. The rules and the secret are read when the office
    opens: before listening by ``serve``, never by commands that can do without.
    """
    settings = settings or Settings.from_environment()
    app = Townline("townline", root_path=str(ROOT), static_folder=None, template_folder=str(TEMPLATES))
    app.config.update(_configuration(settings))
    app.before_request(_limit_text)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    database.connect(app)
    babel = flask_babel.Babel(app, locale_selector=widgets.languages.choose)
    babel.domain_instance = widgets.languages.Catalogues(TRANSLATIONS)
    app.after_request(widgets.languages.declare)
    _connect_post(app, settings)
    app.extensions[EXTENSION] = Keeper(lambda: _open_office(app, settings))
    for face in FACES:
        app.register_blueprint(face.bp)
    if settings.demo:
        app.register_blueprint(demo_site.bp)
    if settings.mail_hook_key:
        app.extensions[inlet.views.KEY] = settings.mail_hook_key.encode()
        app.register_blueprint(inlet.views.bp)
    widgets.embedding.secure(app)
    widgets.limits.connect(app)
    widgets.limits.guard(app, reports.archive.bp.name, "archive")
    app.extensions["townline_create"] = create_app
    commands.register(app)
    return app


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "TOWNLINE_SETTINGS": settings,
        "SQLALCHEMY_DATABASE_URI": settings.database,
        # An error of the database names the statement, not the resident in its values.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_TEXT,
        "MAX_FORM_PARTS": 300,
        "MAIL_SERVER": settings.smtp_host,
        "MAIL_PORT": settings.smtp_port,
        # Flask-Mail would swallow every letter of an application under test.
        "MAIL_SUPPRESS_SEND": False,
    }


def _connect_post(app: Flask, settings: Settings) -> None:
    """Give the application its ways in and out for mail and for agencies' interfaces."""
    token = _token(settings)
    app.extensions["townline_bell"] = Event()
    app.extensions["townline_courier_bell"] = Event()
    app.extensions["townline_arrivals_bell"] = Event()
    app.extensions["townline_courier"] = Courier(settings.open311_key)
    app.extensions["townline_mailbox"] = _mailbox(settings, token)
    app.extensions["townline_door"] = settings.listener if settings.listen_smtp else None
    app.extensions["townline_carrier"] = _carrier(settings, flask_mail.Mail(app), token)


def _open_office(app: Flask, settings: Settings) -> Office:
    """Read the rules and the secret; raises ``SettingsError`` with every mistake in either."""
    try:
        rulebook, layers = load(settings.rules)
    except RulesRefused as refused:
        raise SettingsError(*str(refused).splitlines()) from refused
    town = rulebook.town
    if town.demonstration and not settings.demo:
        raise SettingsError(
            f"TOWNLINE_DEMO: {settings.rules} describes the demonstration town, and TOWNLINE_DEMO is not "
            "true. Describe your own town there and remove the line `demonstration: true`."
        )
    if settings.demo and not town.demonstration:
        raise SettingsError(
            f"TOWNLINE_DEMO: this is the demonstration, but {settings.rules} describes a real town, whose "
            f"letters everybody would see. Start with an empty data folder instead of {settings.data}, and "
            "without TOWNLINE_DEMO=true."
        )
    bell: Event = app.extensions["townline_bell"]
    sender = settings.mail_from or town.email
    return Office(
        rulebook=rulebook,
        layers=layers,
        secret=settings.key(),
        base_url=settings.url,
        sender=sender,
        composer=Composer(TEMPLATES, TRANSLATIONS, town.zone),
        photos=PhotoFolder(settings.data / "photos"),
        learned=ModelFile(settings.data / ModelFile.NAME),
        is_demo=settings.demo,
        reads_mail=settings.reads_mail,
        has_plus=settings.plus_addresses,
        authserv_id=settings.authserv_id,
        intake_address=settings.intake_address or sender,
        hold=settings.hold,
        nudge=bell.set,
        nudge_reader=app.extensions["townline_arrivals_bell"].set,
        nudge_courier=app.extensions["townline_courier_bell"].set,
    )


def _token(settings: Settings) -> Token | None:
    """Return what opens mail servers that take no passwords; None where all of them do."""
    if settings.mail_token_command:
        return Token(from_command(settings.mail_token_command))
    if settings.mail_refresh_token:
        return Token(
            from_refresh_token(
                settings.mail_token_url,
                client_id=settings.mail_client_id,
                client_secret=settings.mail_client_secret,
                refresh_token=settings.mail_refresh_token,
                keep=settings.data / "mail-token",
            )
        )
    return None


def _mailbox(settings: Settings, token: Token | None) -> ImapServer | None:
    if not settings.imap_host:
        return None
    from inbox.imap import ImapServer  # The library behind it is for towns that fetch their mail.

    return ImapServer(
        host=settings.imap_host,
        port=settings.imap_port,
        security=settings.imap_security,
        user=settings.imap_user,
        password=settings.imap_password,
        token=token,
        folder=settings.imap_folder,
        timeout=settings.imap_timeout,
        authorities=settings.imap_authorities or None,
    )


def _carrier(settings: Settings, mail: flask_mail.Mail, token: Token | None) -> Carrier:
    if not settings.smtp_host:
        return FolderCarrier(settings.data / "letters")
    return SmtpCarrier(
        mail,
        SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            token=token,
            timeout=settings.smtp_timeout,
            authorities=settings.smtp_authorities or None,
        ),
    )


def _limit_text() -> None:
    # Werkzeug holds MAX_FORM_MEMORY_SIZE against multipart forms alone: 29 MB of "a=&" would take ten
    # seconds and a gigabyte.
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = LARGEST_TEXT
