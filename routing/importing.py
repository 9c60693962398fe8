"""How does a map from a geographic program become a layer? Shapefile and GeoPackage -> GeoJSON in WGS84.

Needs pyogrio and pyproj, which a town installs only when it has such files: ``requirements-extra.in``.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from routing.projection import Numbers

DECIMALS = 6  # of a degree: 11 cm
EXTRA = (
    "Reading Shapefile and GeoPackage needs two more libraries, pyogrio and pyproj: "
    "run .venv/bin/pip install -r requirements-extra.in, and then this again."
)


class NotImported(Exception):
    """The map cannot be taken over; ``str()`` says why and what to do."""


def import_layer(source: Path, layer: str | None = None) -> tuple[str, int]:
    """Return the map as GeoJSON text in WGS84, and how many features it has.

    ``layer`` names one of several in a GeoPackage. Features without a geometry are left out.
    """
    try:
        reader, projection = importlib.import_module("pyogrio"), importlib.import_module("pyproj")
    except ImportError:
        raise NotImported(EXTRA) from None
    _one_layer(reader, source, layer)
    try:
        about, _ids, shapes, columns = reader.raw.read(str(source), layer=layer)
    except Exception as error:  # whatever GDAL says is the finding
        raise NotImported(f"{source} cannot be read: {error}") from None
    if not about["crs"]:
        raise NotImported(
            f"{source} does not say in which projection it is: "
            "put its .prj file beside it, or export it again."
        )
    geometries = _in_degrees(shapely.from_wkb(shapes), about["crs"], projection)
    names = [str(name) for name in about["fields"]]
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(column[row]) for name, column in zip(names, columns, strict=True)},
            "geometry": shapely.geometry.mapping(geometry),
        }
        for row, geometry in enumerate(geometries)
        if geometry is not None and not geometry.is_empty
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', len(features)


def _one_layer(reader: Any, source: Path, layer: str | None) -> None:
    try:
        names = [str(row[0]) for row in reader.list_layers(str(source))]
    except Exception as error:
        raise NotImported(f"{source} cannot be read: {error}") from None
    if layer is None and len(names) > 1:
        raise NotImported(f"{source} holds several layers: choose one with --layer, of {', '.join(names)}.")
    if layer is not None and layer not in names:
        raise NotImported(f'{source} has no layer "{layer}"; it has {", ".join(names)}.')


def _in_degrees(geometries: Any, crs: str, projection: Any) -> Iterator[Any]:
    turn = projection.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def turned(places: Numbers) -> Numbers:
        degrees: Numbers = np.column_stack(turn.transform(places[:, 0], places[:, 1]))
        return degrees.round(DECIMALS)

    return iter(shapely.transform(shapely.force_2d(geometries), turned))


def _plain(value: Any) -> Any:
    """Return a property as JSON can hold it; dates become words, what is missing nothing."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:  # only "not a number" differs from itself
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)
