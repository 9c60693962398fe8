"""Does the guide for web clerks say what the code does?"""

import re

from settings import ROOT
from widgets.embedding import LOOKS
from widgets.views import PREFILL

GUIDE = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
LOADER = (ROOT / "static" / "embed.js").read_text(encoding="utf-8")


def test_every_attribute_of_the_guide_is_one_the_loader_reads() -> None:
    named = set(re.findall(r"data-([a-z]+)", GUIDE)) - {"report"}
    lists = re.findall(r"(?:PREFILL|LOCAL) = \[(.*?)\]", LOADER)
    assert len(lists) == 2
    assert named <= set(re.findall(r'"(\w+)"', " ".join(lists)))


def test_every_word_of_the_address_is_in_the_guide() -> None:
    for name in {*PREFILL, *LOOKS} - {"from", "embed"}:
        assert f"{name}=" in GUIDE, name
    assert "embed=1" in GUIDE


def test_every_event_of_the_loader_is_in_the_guide() -> None:
    for name in re.findall(r'say\(link, "(\w+)"', LOADER):
        assert f"report:{name}" in GUIDE
