"""What is on this machine, and what cannot be asked at all."""

from __future__ import annotations

import pytest

from mockserver.errors import SettingsError
from mockserver.kit.contracts import load
from mockserver.kit.verify.address import check_key, check_url, is_loopback
from mockserver.kit.verify.verify import VerifyOptions, verify


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8787", "http://127.9.9.9", "http://[::1]:1", "http://LOCALHOST", "http://a.localhost"],
)
def test_this_machine_is_near(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.example.com",
        "http://127.0.0.1.nip.io",
        "http://localhost.example.com",
        "http://[::1",
        "http://",
    ],
)
def test_a_name_that_only_looks_like_it_is_far_and_gets_one_job(url: str) -> None:
    assert not is_loopback(url)
    assert VerifyOptions(url, load("gmicloud"), key="k").jobs == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://[::1", "is not a URL"),
        ("http://h:abc", "is not a URL"),
        ("http://127.0.0.1:99999", "is not a URL"),
        ("ftp://127.0.0.1", "expected http:// or https://"),
        ("http://", "expected http:// or https://"),
        ("http://127.0.0.1/?to=", "leave out what follows"),
        ("http://127.0.0.1/#top", "leave out what follows"),
        ("http://user:hunter2@127.0.0.1", "they would replace the key"),
    ],
)
def test_a_url_that_cannot_be_asked_below_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        verify(VerifyOptions(url, load("gmicloud"), stages=["access"]))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://[::1]:8787/gateway/", "https://api.example.com:8443/a/b"])
def test_others_are_fine(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("key", ["sk-secret\r", "sk-secret ", "sk-sec\nret", "sk-secrét", "sk-\u20ac"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="no header can carry") as refused:
        verify(VerifyOptions("http://127.0.0.1:1", load("gmicloud"), key=key, stages=["access"]))
    assert "sk-" not in str(refused.value)


def test_no_key_and_a_plain_one_are_fine() -> None:
    check_key(None)
    check_key("sk-secret")
