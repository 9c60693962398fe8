"""Can nobody use us to look into the town's own network?"""

from __future__ import annotations

import pytest

from websites.addresses import NotAsked, asked, is_public, public_address

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.170", "192.0.2.7", "198.18.0.1",
    "198.51.100.4", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%1", "fec0::1", "fc00::1", "fd12:3456::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8",
    "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::808:808",
    "2002:7f00:1::1", "2002:a00:1::", "2002:808:808::1", "2001::1", "2001:0:53aa:64c::1", "2001:db8::1",
    "2001:10::1", "100::1", "3fff::1", "5f00::1", "nonsense", "",
]  # fmt: skip
OUTSIDE = [
    "8.8.8.8",
    "93.184.215.14",
    "100.63.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450::8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_of_the_public_internet_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_of_the_public_internet_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("ftp://www.example.gov/", "not-the-web"),
        ("file:///etc/passwd", "not-the-web"),
        ("gopher://www.example.gov/", "not-the-web"),
        ("//www.example.gov/", "not-the-web"),
        ("www.example.gov", "not-the-web"),
        ("javascript:alert(1)", "not-the-web"),
        ("http://www.example.gov:8080/", "other-port"),
        ("https://www.example.gov:22/", "other-port"),
        ("https://www.example.gov:0/", "other-port"),
        ("https://www.example.gov:99999/", "not-an-address"),
        ("https://user:pass@www.example.gov/", "with-password"),
        ("https://www.example.gov@10.0.0.1/", "with-password"),
        ("https://www.example.gov\\@10.0.0.1/", "not-an-address"),
        ("https://www.example.gov/\r\nHost: inside", "not-an-address"),
        ("https://www.example .gov/", "not-an-address"),
        ("https:///report", "not-an-address"),
        ("https://[fe80::1%25eth0]/", "not-an-address"),
        ("https://[::1/", "not-an-address"),
        ("https://-bad-.example/", "not-an-address"),
        ("https://" + "a" * 64 + ".example/", "not-an-address"),
        ("https://www.example.gov/" + "a" * 2000, "not-an-address"),
    ],
)
def test_an_address_that_is_none_of_a_web_page_is_refused_by_name(url: str, because: str) -> None:
    with pytest.raises(NotAsked) as refused:
        asked(url)
    assert refused.value.because == because


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://WWW.Example.gov", "https://www.example.gov/"),
        ("https://www.example.gov:443/a b".replace(" ", "%20"), "https://www.example.gov/a%20b"),
        ("http://www.example.gov./x?y=1&z=%2F#top", "http://www.example.gov/x?y=1&z=%2F"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("http://www.example.gov:443/", "http://www.example.gov:443/"),
    ],
)
def test_an_address_is_spelled_in_one_way(url: str, same: str) -> None:
    assert asked(url).url == same


@pytest.mark.parametrize(
    "name", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "[::1]"]
)
def test_every_spelling_of_this_machine_is_refused(name: str) -> None:
    with pytest.raises(NotAsked) as refused:
        public_address(asked(f"http://{name}/"))
    assert refused.value.because in {"not-public", "no-such-name", "not-an-address"}


def test_a_name_that_leads_outside_and_inside_at_once_is_refused() -> None:
    with pytest.raises(NotAsked, match="not-public"):
        public_address(asked("https://www.example.gov/"), resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_the_address_to_connect_to_is_one_that_was_checked() -> None:
    found = public_address(
        asked("https://www.example.gov/"), resolver=lambda host, port: ["2606:4700::1111", "8.8.8.8"]
    )
    assert found == "8.8.8.8"


def test_loopback_is_let_through_only_by_name_of_the_argument() -> None:
    wanted = asked("http://127.0.0.1:8099/", allow_loopback=True)
    assert public_address(wanted, allow_loopback=True) == "127.0.0.1"
    with pytest.raises(NotAsked, match="not-public"):
        public_address(wanted)


@pytest.mark.parametrize("inside", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_letting_loopback_through_lets_nothing_else_through(inside: str) -> None:
    wanted = asked("http://www.example.gov/", allow_loopback=True)
    with pytest.raises(NotAsked, match="not-public"):
        public_address(wanted, allow_loopback=True, resolver=lambda _host, _port: [inside])
