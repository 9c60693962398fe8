"""How many people live in each ward, as its layer says?"""

from __future__ import annotations

import json
from pathlib import Path

from casework.sorting import residents_of
from routing.layers import Layers
from routing.maps import Layer
from routing.rulebook import Rulebook


def test_wards_of_several_areas_are_added_up_and_unknown_ones_left_out(office, tmp_path: Path) -> None:
    def area(name: str, people: object, west: float) -> dict[str, object]:
        ring = [[west, 43.6], [west + 0.01, 43.6], [west + 0.01, 43.61], [west, 43.61], [west, 43.6]]
        return {
            "type": "Feature",
            "properties": {"name": name, "people": people},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    areas = [area("North", 700, -72.3), area("North", "50", -72.28), area("South", "unknown", -72.26)]
    file = tmp_path / "wards.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": areas}))
    wards = Layer(id="wards", file="wards.geojson", kind="areas", name="name", residents="people")
    layers, flaws = Layers.read({"wards": wards}, tmp_path)
    assert not [flaw for flaw in flaws if flaw.level == "error"]
    book: Rulebook = office.rulebook
    town = book.town.model_copy(update={"wards": "wards"})
    assert residents_of(book.model_copy(update={"town": town}), layers) == {"North": 750}
    assert residents_of(book, layers) == {}
