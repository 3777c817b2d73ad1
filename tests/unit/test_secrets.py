"""Keys, and what can and cannot be opened with them."""

from __future__ import annotations

import base64
import itertools
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from radarr_db import ApiKey, ClientPassword, InvalidArgumentError, Keyring, SecretError
from radarr_db.sealed import Sealed

OLD, NEW = Keyring.new_key("old"), Keyring.new_key("new")
PLAIN = "corr€ct horse"
KEYS = Keyring(f"{NEW}\n{OLD}")
ONLY_OLD = Keyring(OLD)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
keys = st.sampled_from(["name", "value", "apiKey", "password", "host", "privacy"])
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(texts)
def test_what_is_sealed_is_opened_again(plain: str) -> None:
    for kind in (ApiKey, ClientPassword):
        secret = KEYS.seal(kind, plain)
        assert type(secret) is kind
        assert KEYS.open(secret) == plain
        assert len(plain) < 8 or plain not in secret.text


@given(st.lists(documents, max_size=4))
@example([{"cookies": [{"name": "session", "value": "x"}]}])
@example([{"name": "pin", "privacy": "password", "value": {"name": "a", "value": "b"}}])
def test_fields_are_opened_again_and_sealed_once(fields: list[Any]) -> None:
    stored = KEYS.seal_fields("indexers", fields)
    assert KEYS.seal_fields("indexers", stored) == stored
    assert KEYS.open_fields("indexers", stored) == fields


def test_what_is_sealed_names_its_key_and_is_never_the_same_twice() -> None:
    texts = {KEYS.seal(ApiKey, PLAIN).text for _ in range(100)}
    assert len(texts) == 100
    assert {text.rpartition(":")[0] for text in texts} == {"sealed:1:new"}
    assert len({base64.b64decode(text.rpartition(":")[2])[:12] for text in texts}) == 100


def test_any_key_opens_and_the_first_one_seals() -> None:
    assert KEYS.open(ONLY_OLD.seal(ApiKey, PLAIN)) == PLAIN
    assert KEYS.ids == ("new", "old")
    with pytest.raises(SecretError) as refused:
        ONLY_OLD.open(KEYS.seal(ApiKey, PLAIN))
    assert str(refused.value) == 'indexers.api_key: is sealed with the key "new"; the keyring has "old"'


def test_another_key_of_the_same_name_does_not_open() -> None:
    with pytest.raises(SecretError, match=r'^indexers.api_key: the key "old" does not open it: .* another key of that'):
        Keyring(Keyring.new_key("old")).open(ONLY_OLD.seal(ApiKey, PLAIN))


def test_no_character_can_be_changed_unnoticed_or_make_it_look_plain() -> None:
    text = KEYS.seal(ApiKey, PLAIN).text
    for place, character in enumerate(text):
        for other in {"A", "b", "7", ":", "=", " ", "é", chr(ord(character) ^ 1)} - {character}:
            with pytest.raises(SecretError) as refused:
                KEYS.open(ApiKey(text[:place] + other + text[place + 1 :]))
            assert "is stored in plain" not in str(refused.value)
            assert refused.value.__context__ is None
    for end in range(len("sealed:1:"), len(text)):
        with pytest.raises(SecretError, match=r"damaged|is sealed with the key"):
            KEYS.open(ApiKey(text[:end]))


def test_what_a_newer_version_sealed_is_not_taken_for_plain() -> None:
    with pytest.raises(SecretError, match="is damaged, or a newer version of radarr_db sealed it"):
        KEYS.open(ApiKey(KEYS.seal(ApiKey, PLAIN).text.replace(":1:", ":2:")))


@pytest.mark.parametrize(
    ("kind", "other"), [(ApiKey, "download_clients.password"), (ClientPassword, "indexers.api_key")]
)
def test_a_value_moved_to_another_column_is_told_from_where(kind: type[Sealed], other: str) -> None:
    (origin,) = {ApiKey, ClientPassword} - {kind}
    with pytest.raises(SecretError) as refused:
        KEYS.open(kind(KEYS.seal(origin, PLAIN).text))
    assert str(refused.value) == f"{kind.column}: belongs to {other}, and was moved or copied"


def test_a_field_moved_to_the_column_of_its_name_is_told_from_where() -> None:
    (entry,) = KEYS.seal_fields("indexers", [{"name": "apiKey", "value": PLAIN}])
    with pytest.raises(SecretError, match=r"^indexers.api_key: belongs to indexers.fields.apikey, and was moved"):
        KEYS.open(ApiKey(entry["value"]))


@pytest.mark.parametrize("plain", ["hunter2", "", "sealed", "a" * 60, "seal the deal: " + "x" * 60])
def test_what_was_never_sealed_is_told_and_what_to_do(plain: str) -> None:
    with pytest.raises(SecretError) as refused:
        KEYS.open(ApiKey(plain))
    assert str(refused.value) == "indexers.api_key: is stored in plain: `radarr-db rotate-keys` seals it"


def moved(table: Literal["indexers", "download_clients"], name: str) -> list[Any]:
    (entry,) = KEYS.seal_fields(table, [{"name": name, "value": PLAIN}])
    return [{"name": "apiKey", "value": entry["value"]}]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (moved("download_clients", "apiKey"), "belongs to download_clients.fields.apikey"),
        (moved("indexers", "password"), "was moved from elsewhere"),
        ([{"name": "apiKey", "value": KEYS.seal(ApiKey, PLAIN).text}], "belongs to indexers.api_key"),
        ([{"name": "apiKey", "value": PLAIN}], "is stored in plain"),
    ],
)
def test_a_field_that_cannot_be_opened_is_named_by_its_place(fields: list[Any], problem: str) -> None:
    with pytest.raises(SecretError) as refused:
        KEYS.open_fields("indexers", [{"name": "host", "value": "h"}, *fields])
    assert str(refused.value).startswith("indexers.fields[1].value: ")
    assert problem in str(refused.value)
    assert PLAIN not in str(refused.value)


def test_a_field_may_be_spelt_otherwise_and_may_have_moved_within_its_list() -> None:
    (entry,) = moved("indexers", "api_key")
    assert KEYS.open_fields("indexers", [1, {"API Key": entry["value"]}]) == [1, {"API Key": PLAIN}]


@pytest.mark.parametrize("plain", [7, None, b"bytes", "\0", f"{PLAIN}\ud800", "x" * 100_001])
def test_only_a_text_that_a_document_could_hold_can_be_sealed(plain: Any) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        KEYS.seal(ApiKey, plain)
    assert refused.value.argument == "plain"
    assert refused.value.__context__ is None
    assert PLAIN not in repr(refused.value)


@pytest.mark.parametrize("kind", [str, Sealed])
def test_what_belongs_to_no_column_is_refused(kind: Any) -> None:
    for refusing in (lambda: KEYS.seal(kind, PLAIN), lambda: KEYS.open(kind(PLAIN))):
        with pytest.raises(InvalidArgumentError, match=r"^secret: must be of ApiKey or ClientPassword, not of "):
            refusing()
    with pytest.raises(InvalidArgumentError, match=r"^table: must be one of indexers, download_clients"):
        KEYS.seal_fields("movies", [])  # type: ignore[arg-type]


def test_keys_may_stand_in_lines_or_between_commas_with_remarks() -> None:
    for text in (f"{NEW},{OLD}", f"\n  {NEW}  \r\n# the old one\n\n{OLD}\n", f"{NEW} , {OLD},"):
        assert Keyring(text).open(KEYS.seal(ApiKey, PLAIN)) == PLAIN
        assert repr(Keyring(text)) == "<Keyring new, old>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is none"),
        ("# only a remark", "there is none"),
        (f"{OLD}\nsecretsecret", "key 2 must be id:base64 of 32 bytes"),
        (f"{OLD}x", "key 1 must be"),
        (OLD[:-4], "key 1 must be"),
        (f" :{OLD[4:]}", "key 1 must be"),
        (f"a b{OLD[3:]}", "key 1 must be"),
        (f"{OLD[:-2]}é=", "key 1 must be"),
        (f"{OLD},{OLD}", 'there are two keys of the name "old"'),
    ],
    ids=itertools.count(),  # the keys are others each time
)
def test_keys_that_cannot_be_read_are_refused_without_being_quoted(text: str, problem: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        Keyring(text)
    assert problem in str(refused.value)
    assert refused.value.__context__ is None
    assert OLD[4:40] not in str(refused.value)
    assert "secretsecret" not in str(refused.value)


@pytest.mark.parametrize("key_id", ["", "a b", "a:b", "é", "x" * 65, "a\n"])
def test_an_id_that_could_not_be_stored_is_refused(key_id: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^key_id: must have 1 to 64 of"):
        Keyring.new_key(key_id)


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADARR_DB_KEYS", OLD)
    monkeypatch.setenv("OTHER", NEW)
    assert Keyring.from_environment().ids == ("old",)
    assert Keyring.from_environment("OTHER").ids == ("new",)
    monkeypatch.setenv("OTHER", "")
    for absent in ("OTHER", "ABSENT"):
        with pytest.raises(SecretError, match=f"^no keys: set the environment variable {absent}, .*new-key"):
            Keyring.from_environment(absent)


def test_keys_come_from_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{NEW}\n{OLD}\n")
    for mode in (0o600, 0o400):
        file.chmod(mode)
        assert Keyring.from_file(file).ids == ("new", "old")
    for mode in (0o644, 0o604, 0o602, 0o660, 0o777):
        file.chmod(mode)
        with pytest.raises(SecretError) as refused:
            Keyring.from_file(str(file))
        assert str(refused.value) == f"others can read the keys in {file}: `chmod 600 {file}`"
        assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_file_that_cannot_be_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    for path, problem in ((file, "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(SecretError) as refused:
            Keyring.from_file(path)
        assert str(refused.value) == f"cannot read the keys in {path}: {problem}"
    file.touch(0o600)
    file.write_bytes(OLD.encode() + b"\xff")
    with pytest.raises(SecretError, match="it is no UTF-8 text") as refused:
        Keyring.from_file(file)
    assert refused.value.__context__ is None


def test_the_library_works_without_the_extra_and_a_keyring_says_what_to_install() -> None:
    code = f"""if True:
        import sys
        sys.modules["cryptography"] = None
        from radarr_db import Keyring, NewIndexer, SecretError, indexers
        indexers.create(NewIndexer("a", "a", "a", "a", "http://a"))
        try:
            Keyring({OLD!r})
        except SecretError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "secrets need an extra: pip install 'radarr-db[secrets]'\n"


def test_cryptography_is_not_imported_before_there_is_a_keyring() -> None:
    code = "import sys, radarr_db; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
