"""Settings come from the environment, and a missing secret stops the start."""

from __future__ import annotations

import dataclasses

import pytest

from model.recognizer import DEFAULT_MODEL
from webapp import create_app
from webapp.settings import MEBIBYTE, Settings, SettingsError

SECRET = {"SECRET_KEY": "a-secret-of-the-tests"}


@pytest.mark.parametrize("environ", [{}, {"SECRET_KEY": ""}, {"SECRET_KEY": "  "}])
def test_without_a_secret_the_site_refuses_to_start(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        Settings.from_environ(environ)


@pytest.mark.parametrize("key", ["a", "fifteen-letters"])
def test_a_short_secret_stops_the_start_and_is_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError, match="needs at least 16") as refusal:
        Settings.from_environ({"SECRET_KEY": key})
    assert f"has {len(key)} characters" in str(refusal.value)
    assert key == "a" or key not in str(refusal.value)


def test_debugging_makes_up_a_secret_for_one_run() -> None:
    one, other = Settings.from_environ({"FLASK_DEBUG": "1"}), Settings.from_environ({"FLASK_DEBUG": "1"})
    assert len(one.secret_key) == 64
    assert one.secret_key != other.secret_key


def test_defaults() -> None:
    settings = Settings.from_environ(SECRET)
    assert settings.secret_key == SECRET["SECRET_KEY"]
    assert settings.model == DEFAULT_MODEL
    assert settings.threads is None
    assert settings.max_upload_bytes == 8 * MEBIBYTE
    assert not settings.debug
    assert not settings.behind_proxy
    assert not settings.https_only


def test_what_is_set_counts() -> None:
    settings = Settings.from_environ(
        SECRET | {"MODEL": "other", "THREADS": "2", "MAX_CONCURRENT": "1", "MAX_UPLOAD_MB": "3"}
    )
    assert settings.model == "other"
    assert settings.threads == 2
    assert settings.max_concurrent == 1
    assert settings.max_upload_bytes == 3 * MEBIBYTE


OLD_NAMES = {
    "EMOTION_MODEL": ("MODEL", "deep", "model", "deep"),
    "FACE_DETECTOR": ("DETECTOR", "haar", "detector", "haar"),
    "EMOTION_THREADS": ("THREADS", "3", "threads", 3),
    "EMOTION_PARALLEL": ("MAX_CONCURRENT", "3", "max_concurrent", 3),
    "EMOTION_QUEUE": ("QUEUE_SIZE", "3", "queue_size", 3),
    "EMOTION_QUEUE_MB": ("QUEUE_MAX_MB", "3", "queue_max_bytes", 3 * MEBIBYTE),
    "EMOTION_WAIT_SECONDS": ("QUEUE_TIMEOUT", "3", "queue_timeout", 3),
}


@pytest.mark.parametrize("old", OLD_NAMES)
def test_an_old_name_still_works_and_the_log_names_the_new_one(
    old: str, caplog: pytest.LogCaptureFixture
) -> None:
    new, text, field, value = OLD_NAMES[old]
    assert getattr(Settings.from_environ(SECRET | {old: text}), field) == value
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert f"{old} is called {new} now" in record.getMessage()
    caplog.clear()
    assert getattr(Settings.from_environ(SECRET | {new: text}), field) == value
    assert caplog.records == []


@pytest.mark.parametrize("old", OLD_NAMES)
def test_an_old_and_a_new_name_that_differ_stop_the_start(old: str) -> None:
    new, text, field, value = OLD_NAMES[old]
    with pytest.raises(SettingsError, match=f"{new} and its old name {old} are both set and differ"):
        Settings.from_environ(SECRET | {old: text, new: "1"})
    assert getattr(Settings.from_environ(SECRET | {old: text, new: text}), field) == value


def test_no_setting_is_left_out_of_the_old_names() -> None:
    fields = dataclasses.fields(Settings)
    assert {field.metadata["old"] for field in fields if field.metadata.get("old")} == set(OLD_NAMES)


def test_worker_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    for workers, threads in (("1", None), ("2", 4), ("3", 2), ("16", 1), ("", None)):
        assert Settings.from_environ(SECRET | {"WEB_CONCURRENCY": workers}).threads == threads
    assert Settings.from_environ(SECRET | {"WEB_CONCURRENCY": "2", "THREADS": "8"}).threads == 8


def test_on_heroku_the_router_is_trusted_and_https_expected() -> None:
    settings = Settings.from_environ(SECRET | {"DYNO": "web.1"})
    assert settings.behind_proxy
    assert settings.https_only
    assert not Settings.from_environ(SECRET | {"DYNO": "web.1", "BEHIND_PROXY": "0"}).behind_proxy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "many"),
        ("THREADS", "0"),
        ("MAX_UPLOAD_MB", "-1"),
        ("BEHIND_PROXY", "maybe"),
        ("TRUSTED_HOSTS", "https://example.org"),
        ("TRUSTED_HOSTS", "example.org:443"),
        ("TRUSTED_HOSTS", "*"),
        ("SECURITY_CONTACT", "ann"),
        ("SECURITY_CONTACT", "http://example.org"),
        ("SECURITY_CONTACT", "mailto:ann@example.org\nContact: mailto:eve@example.org"),
    ],
)
def test_nonsense_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ(SECRET | {name: value})


def test_a_model_that_is_not_there_is_named_with_those_that_are() -> None:
    settings = Settings.from_environ(SECRET | {"MODEL": "deeep"})
    with pytest.raises(SettingsError, match=r"MODEL must be one of attention_cnn, .*deep, .*not 'deeep'"):
        create_app(settings)


def test_names_and_contact() -> None:
    settings = Settings.from_environ(
        SECRET
        | {"TRUSTED_HOSTS": "example.org, .example.com 127.0.0.1 [::1]", "SECURITY_CONTACT": "a@example.org"}
    )
    assert settings.trusted_hosts == ("example.org", ".example.com", "127.0.0.1", "[::1]")
    assert settings.security_contact == "mailto:a@example.org"
    settings = Settings.from_environ(SECRET | {"SECURITY_CONTACT": "https://example.org/report"})
    assert (settings.trusted_hosts, settings.security_contact) == ((), "https://example.org/report")


def test_settings_do_not_change_afterwards() -> None:
    settings = Settings.from_environ(SECRET)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.debug = True  # that is the point
