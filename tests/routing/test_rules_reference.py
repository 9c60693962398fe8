"""Does docs/rules.md say what the types say?"""

import runpy
from pathlib import Path

import pytest

from routing import conditions, maps, moments, rulebook, services, town
from routing.kinds import Value

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "script" / "make-rules-reference.py"))


def test_the_reference_has_not_drifted_from_the_types():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == SCRIPT["reference"](), "run script/make-rules-reference.py"


@pytest.mark.parametrize(
    "module", [conditions, maps, moments, rulebook, services, town], ids=lambda module: module.__name__
)
def test_every_part_of_the_file_has_a_section(module):
    defined = {
        name
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, Value) and kind.__module__ == module.__name__
    }
    assert defined <= {name for _title, _lead, _module, name in SCRIPT["PARTS"]}
