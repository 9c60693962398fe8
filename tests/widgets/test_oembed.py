"""Does a website that knows oEmbed turn our bare address into the form, and keep a link in reserve?"""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest

from casework.office import Office
from tests.conscience import StrictClient


def asked(client: StrictClient, url: str, more: str = ""):
    return client.get(f"/oembed?url={quote(url, safe='')}{more}")


def test_the_form_says_where_its_frame_is_told(client: StrictClient, office: Office) -> None:
    # Some websites ask for the headers alone first.
    client.head("/report/streets?accent=803300&from=https://x.example/")
    page = client.get("/report/streets?accent=803300&from=https://x.example/").text
    found = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)">', page)
    # WordPress reads the first 150 kB, up to the end of the head.
    assert found is not None
    assert found.start() < page.index("</head>")
    address = html.unescape(found[1])
    assert address.startswith(office.base_url + "/oembed?")
    told = client.get(address.removeprefix(office.base_url)).get_json()
    assert told["title"] == "Report a problem on a street"
    assert f'src="{office.base_url}/report/streets?accent=803300&amp;embed=1"' in told["html"]
    assert "oembed" not in client.get("/report/streets?embed=1").text
    assert "oembed" not in client.get("/operations/").text


def test_the_answer_is_what_wordpress_keeps(client: StrictClient, office: Office) -> None:
    answer = asked(client, office.base_url + "/report", "&maxwidth=500&maxheight=750&format=json")
    told = answer.get_json()
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "rich", 500, 750)
    # WordPress keeps just this of an unknown provider: a blockquote without attributes, then one iframe.
    kept = re.search(r"(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)", told["html"], re.S)
    assert kept is not None
    assert kept[0] == told["html"]
    assert f'<a href="{office.base_url}/report">' in kept[1]
    assert set(re.findall(r" (\w+)=", kept[2])) <= {"src", "title", "width", "height", "embed"}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/report/", "Report a problem"),
        ("/report/pothole?lang=en&embed=1&from=x&token=y", "Pothole"),
        ("/report/whose-job#inline", None),
    ],
)
def test_every_form_can_be_asked_for(
    client: StrictClient, office: Office, path: str, title: str | None
) -> None:
    told = asked(client, office.base_url + path).get_json()
    assert title is None or title in told["title"]
    assert "token" not in told["html"]
    assert "from" not in told["html"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("url=", 400),
        ("url=https://elsewhere.example/report", 404),
        ("url=OURS/report/no-such", 404),
        ("url=OURS/operations/", 404),
        ("url=OURS/r/abc", 404),
        ("url=http://[", 404),
        ("url=OURS/report&format=xml", 501),
        ("url=OURS.evil.example/report", 404),
    ],
)
def test_other_questions_are_refused_by_the_status_of_the_standard(client, office, query, status) -> None:
    answer = client.get("/oembed?" + query.replace("OURS", office.base_url))
    assert answer.status_code == status
    assert answer.get_json()["error"].endswith(".")


def test_a_foolish_size_is_put_right(client: StrictClient, office: Office) -> None:
    for size in ("0", "-5", "x", "99999999999"):
        told = asked(client, office.base_url + "/report", f"&maxwidth={size}").get_json()
        assert 200 <= told["width"] <= 640
