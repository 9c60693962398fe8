"""Does a wrong setting stop the start with a sentence that helps?"""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import DEMO_SECRET_MARK, ROOT, Settings, SettingsError


def refused(**environment: str) -> str:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment(environment)
    return str(error.value)


def test_nothing_set_gives_a_private_default(tmp_path: Path):
    # A folder of its own, because the default one remembers whether somebody has tried the demonstration.
    settings = Settings.from_environment({"PATH": "/bin", "TOWNLINE_DATA": str(tmp_path)})
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8311, False)
    assert settings.url == "http://127.0.0.1:8311"


def test_all_mistakes_are_named_at_once():
    said = refused(TOWNLINE_PORT="many", TOWNLINE_DEMO="maybe", TOWNLINE_BASE_URL="311.example.gov")
    assert len(said.splitlines()) == 3
    for variable in (
        "TOWNLINE_PORT: found 'many'",
        "TOWNLINE_DEMO: found 'maybe'",
        "TOWNLINE_BASE_URL: found",
    ):
        assert variable in said


def test_an_unknown_setting_is_not_ignored():
    assert "TOWNLINE_PROT: there is no such setting" in refused(TOWNLINE_PROT="80")


def test_a_password_is_never_shown_and_never_sent_readable():
    said = refused(
        TOWNLINE_SMTP_USER="us", TOWNLINE_SMTP_PASSWORD="hunter2hunter2", TOWNLINE_SMTP_SECURITY="none"
    )
    assert "travel readable" in said
    assert "hunter2" not in said
    assert "TOWNLINE_SMTP_PASSWORD, but" not in said


def test_an_address_that_no_letter_can_come_from_stops_the_start():
    assert "TOWNLINE_MAIL_FROM" in refused(TOWNLINE_MAIL_FROM="b\u00fcro@example.org")
    assert Settings.from_environment({"TOWNLINE_MAIL_FROM": "hall@mail"}).mail_from == "hall@mail"


def test_a_secret_may_come_from_a_file(tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("from the file\n")
    found = Settings.from_environment({"TOWNLINE_SMTP_USER": "us", "TOWNLINE_SMTP_PASSWORD_FILE": str(file)})
    assert found.smtp_password == "from the file"
    assert "keep one of the two" in refused(TOWNLINE_SECRET="x" * 40, TOWNLINE_SECRET_FILE=str(file))
    assert "cannot be read" in refused(TOWNLINE_SECRET_FILE=str(tmp_path / "missing"))


def test_every_agency_may_have_a_key_of_its_own_and_nobody_sees_it(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("from the file\n")
    found = Settings.from_environment(
        {
            "TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY": "hunter2",
            "TOWNLINE_OPEN311_KEY_VILLAGE_FILE": str(file),
            "TOWNLINE_DEMO": "true",
        }
    )
    assert found.open311_key == {"county-highway": "hunter2", "village": "from the file"}
    assert "hunter2" not in repr(found)
    assert "TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY" in refused(TOWNLINE_OPEN311_KEY="hunter2")
    both = {"TOWNLINE_OPEN311_KEY_VILLAGE": "hunter2", "TOWNLINE_OPEN311_KEY_VILLAGE_FILE": str(file)}
    assert "keep one of the two" in refused(**both)


def test_without_a_secret_no_link_is_signed(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"no secret yet.*in another folder, name it in TOWNLINE_DATA"):
        Settings(data=tmp_path).key()
    with pytest.raises(SettingsError, match="can be guessed"):
        Settings(data=tmp_path, secret="short").key()


def test_a_real_town_refuses_the_secret_of_the_demonstration(tmp_path: Path):
    secret = DEMO_SECRET_MARK + "x" * 40
    assert Settings(data=tmp_path, secret=secret, demo=True).key() == secret.encode()
    with pytest.raises(SettingsError, match="demonstration's secret"):
        Settings(data=tmp_path, secret=secret, demo=False).key()


def test_a_folder_made_for_the_demonstration_stays_one(tmp_path: Path):
    (tmp_path / "secret").write_text(DEMO_SECRET_MARK + "x" * 40)
    where = {"TOWNLINE_DATA": str(tmp_path)}
    assert Settings.from_environment(where).demo
    assert not Settings.from_environment(where | {"TOWNLINE_DEMO": "false"}).demo


def test_every_setting_is_in_the_documentation_with_its_own_words():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description, name
        behind = "_<AGENCY>" if name == "open311_key" else ""
        assert f"`TOWNLINE_{name.upper()}{behind}`" in page, name
        assert field.description in page, name


MAILBOX = {
    "TOWNLINE_IMAP_HOST": "mx.example",
    "TOWNLINE_IMAP_USER": "311@x.example",
    "TOWNLINE_IMAP_PASSWORD": "hunter2hunter2",
}


def test_a_mailbox_needs_a_host_a_user_and_a_way_in():
    assert Settings.from_environment(MAILBOX).reads_mail
    for missing, said in {
        "HOST": "TOWNLINE_IMAP_HOST is not",
        "USER": "TOWNLINE_IMAP_USER is not",
        "PASSWORD": "TOWNLINE_MAIL_TOKEN_COMMAND",
    }.items():
        without = {name: value for name, value in MAILBOX.items() if not name.endswith(missing)}
        assert said in refused(**without)
    token = {"TOWNLINE_MAIL_TOKEN_COMMAND": "token"} | MAILBOX
    del token["TOWNLINE_IMAP_PASSWORD"]
    assert Settings.from_environment(token).has_token


def test_mail_is_read_without_encryption_on_this_machine_only():
    said = refused(**MAILBOX, TOWNLINE_IMAP_SECURITY="none")
    assert "all mail would travel readable" in said
    assert "hunter2" not in said
    here = MAILBOX | {"TOWNLINE_IMAP_SECURITY": "none", "TOWNLINE_IMAP_HOST": "127.0.0.1"}
    assert Settings.from_environment(here).imap_security == "none"


def test_tokens_come_from_one_source_that_is_whole():
    fetched = {
        "TOWNLINE_MAIL_REFRESH_TOKEN": "r3fresh",
        "TOWNLINE_MAIL_TOKEN_URL": "https://login.example/token",
        "TOWNLINE_MAIL_CLIENT_ID": "town",
    }
    assert Settings.from_environment(fetched | {"TOWNLINE_SMTP_USER": "us"}).has_token
    assert "keep one" in refused(**fetched, TOWNLINE_MAIL_TOKEN_COMMAND="token")
    assert "TOWNLINE_MAIL_CLIENT_ID" in refused(**(fetched | {"TOWNLINE_MAIL_CLIENT_ID": ""}))
    assert "write https:" in refused(**(fetched | {"TOWNLINE_MAIL_TOKEN_URL": "http://login.example/"}))
    assert "https://" in refused(**(fetched | {"TOWNLINE_MAIL_TOKEN_URL": "login.example"}))


@pytest.mark.parametrize(
    "name", ["IMAP_PASSWORD", "MAIL_REFRESH_TOKEN", "MAIL_CLIENT_SECRET", "MAIL_HOOK_KEY"]
)
def test_every_secret_of_the_mail_may_come_from_a_file(tmp_path: Path, name: str):
    file = tmp_path / "secret"
    file.write_text("a secret of forty characters, or nearly so\n")
    around = MAILBOX | {"TOWNLINE_MAIL_TOKEN_URL": "https://x.example/t", "TOWNLINE_MAIL_CLIENT_ID": "town"}
    around.pop(f"TOWNLINE_{name}", None)
    found = Settings.from_environment(around | {f"TOWNLINE_{name}_FILE": str(file)})
    assert getattr(found, name.lower()) == file.read_text().strip()


def test_doors_are_written_so_that_they_can_be_opened():
    for wrong in ("8325", "here", "127.0.0.1:", "127.0.0.1:99999", "a b:25"):
        assert "127.0.0.1:8325" in refused(TOWNLINE_LISTEN_SMTP=wrong), wrong
    for right, means in {"127.0.0.1:8325": ("127.0.0.1", 8325), "[::1]:25": ("::1", 25)}.items():
        assert Settings(listen_smtp=right).listener == means
    assert "can be guessed" in refused(TOWNLINE_MAIL_HOOK_KEY="short")
    assert "short" not in refused(TOWNLINE_MAIL_HOOK_KEY="short").split("has")[0]


def test_letters_ask_for_answers_only_where_somebody_reads_them():
    assert not Settings().reads_mail
    for way in ({"listen_smtp": "127.0.0.1:1"}, {"mail_hook_key": "k" * 40}, {"mail_pipe": True}):
        assert Settings.model_validate(way).reads_mail
    assert Settings(demo=True).reads_mail
    assert not Settings(demo=True, smtp_host="mx.example").reads_mail
    assert not Settings.from_environment({"TOWNLINE_PLUS_ADDRESSES": "no"}).plus_addresses
