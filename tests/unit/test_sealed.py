"""What is secret in a document, and what is not accepted where a sealed secret belongs."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from radarr_db import ApiKey, ClientPassword, InvalidArgumentError, Keyring, checks, sealed

KEYS = Keyring(Keyring.new_key("k"))


def secrets_of(document: Any) -> list[tuple[str, str]]:
    """The path and the text of what is secret."""
    found = []

    def change(place: sealed.Place, text: str) -> str:
        if place.is_secret:
            found.append((place.path, text))
        return text

    assert sealed.mapped("fields", document, change) == document
    return found


@pytest.mark.parametrize(
    "name",
    [
        "apiKey",
        "api_key",
        "APIKEY",
        "Api-Key",
        "omdbApiKey",
        "password",
        "passwd",
        "Pass",
        "userPwd",
        "passphrase",
        "passkey",
        "rssPasskey",
        "rsskey",
        "RSS Key",
        "authkey",
        "privateKey",
        "secretToken",
        "appToken",
        "tokens",
        "cookie",
        "Cookies",
        "credentials",
        "authorization",
    ],
)
def test_a_name_of_a_secret_makes_its_value_one_as_an_entry_and_as_a_key(name: str) -> None:
    assert secrets_of([{"name": name, "value": "x"}]) == [("fields[0].value", "x")]
    assert secrets_of([{name: "x"}]) == [(f"fields[0].{name}", "x")]


@pytest.mark.parametrize(
    "name", ["baseUrl", "apiPath", "username", "minimumSeeders", "categories", "keywords", "compass", "apiUser", "name"]
)
def test_another_name_does_not(name: str) -> None:
    assert secrets_of([{"name": name, "value": "x"}, {name: "x"}]) == []


@pytest.mark.parametrize(("privacy", "is_secret"), [("apiKey", True), ("password", True), ("userName", False)])
def test_an_entry_may_say_by_itself_that_it_is_secret(privacy: str, is_secret: bool) -> None:
    assert bool(secrets_of([{"name": "pin", "value": "x", "privacy": privacy}])) is is_secret


def test_secrets_are_found_below_any_container() -> None:
    document = [
        {"settings": [{"name": "apiKey", "value": "a", "label": "API key"}, {"deep": {"token": "b"}}]},
        {"name": "cookies", "value": {"session": "c", "more": ["d", {"e": "f"}]}},
        {"name": "host", "value": "h"},
        ["g", {"password": ["i"]}],
    ]
    assert secrets_of(document) == [
        ("fields[0].settings[0].value", "a"),
        ("fields[0].settings[1].deep.token", "b"),
        ("fields[1].value.session", "c"),
        ("fields[1].value.more[0]", "d"),
        ("fields[1].value.more[1].e", "f"),
        ("fields[3][1].password[0]", "i"),
    ]


def test_what_is_empty_or_no_text_is_no_secret() -> None:
    nothing: list[Any] = ["", None, True, 7, 1.5, [], {}]
    assert secrets_of([{"name": "apiKey", "value": value} for value in nothing] + [{"name": 7, "value": "x"}]) == []


@pytest.mark.parametrize(
    ("fields", "argument"),
    [
        ([{"name": "host", "value": "h"}, {"name": "apiKey", "value": "plain"}], "fields[1].value"),
        ([{"a": ({"password": "plain"},)}], "fields[0].a[0].password"),
        ([{"name": "apiKey", "value": "sealed"}], "fields[0].value"),
        ([{"name": "apiKey", "value": "sealed:k:"}], "fields[0].value"),
    ],
)
def test_a_plain_secret_is_refused_by_its_place_and_not_quoted(fields: list[Any], argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        checks.fields("fields", fields)
    assert str(refused.value) == f"{argument}: must be sealed: Keyring.seal_fields(...)"


def test_sealed_secrets_pass_as_they_are() -> None:
    fields = KEYS.seal_fields("indexers", [{"name": "apiKey", "value": "plain"}, {"name": "host", "value": "h"}])
    assert checks.fields("fields", fields) == checks.document(list)("fields", fields)
    key = KEYS.seal(ApiKey, "plain")
    assert checks.sealed(ApiKey)("api_key", key) == key.text


@pytest.mark.parametrize("bad", ["plain", "", None, 7, ApiKey("plain"), KEYS.seal(ClientPassword, "x")])
def test_only_what_was_sealed_for_the_column_is_accepted_there(bad: object) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        checks.sealed(ApiKey)("api_key", bad)
    assert str(refused.value) == "api_key: must be sealed: Keyring.seal(ApiKey, ...)"


def test_a_sealed_secret_is_a_value_that_shows_nothing() -> None:
    one, same, other = KEYS.seal(ApiKey, "plain"), None, KEYS.seal(ApiKey, "plain")
    same = ApiKey(one.text)
    assert (one, hash(one)) == (same, hash(same))
    assert one not in (other, ClientPassword(one.text), one.text)
    assert (repr(one), str(one), f"{one}") == ("<ApiKey>",) * 3
    for copied in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):  # noqa: S301 - our own
        assert copied == one
