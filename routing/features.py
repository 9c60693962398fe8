"""What stands in a layer's file? GeoJSON or CSV -> plain features, or the sentence that says why not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from routing.rulebook import Layer

SHAPES = {
    "areas": ("Polygon", "MultiPolygon"),
    "roads": ("LineString", "MultiLineString"),
    "assets": ("Point", "MultiPoint"),
    "addresses": ("Point", "MultiPoint"),
}
LATITUDES = ("lat", "latitude", "y")
LONGITUDES = ("lon", "lng", "long", "longitude", "x")
WGS84_NAMES = ("CRS84", "EPSG::4326", "EPSG:4326", "WGS84")
REMEDY = "export it again as GeoJSON in WGS84 (EPSG:4326), longitude before latitude"


@dataclass(frozen=True)
class Flaw:
    """Something wrong with a layer; ``key`` is the key of the layer's entry that it concerns."""

    layer: str
    key: str
    level: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Feature:
    """One area, road or asset: WGS84 geometry, its name or number, and the owner word.

    ``sides`` are the owners left and right of a road, as the line was drawn, where they are known.
    """

    geometry: BaseGeometry
    name: str
    owner: str
    road_class: str = ""
    tier: float | None = None
    sides: tuple[str, str] | None = None
    residents: float | None = None
    """How many people live in the area, where its layer says so."""

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the owner, or the two owners of the sides."""
        return self.sides or (self.owner,)

    @property
    def is_border(self) -> bool:
        """Return whether the two sides of the street belong to different owners."""
        return self.sides is not None and self.sides[0] != self.sides[1]


@dataclass
class LayerFile:
    """What was read: features, the version (12 hex digits of the file's SHA-256), and every flaw."""

    features: list[Feature] = field(default_factory=list)
    version: str = ""
    flaws: list[Flaw] = field(default_factory=list)


class _Broken(Exception):
    """The file cannot be used; carries (key, code, message, hint)."""


def read_layer(layer: Layer, folder: Path) -> LayerFile:
    """Read one layer's file. Nothing is raised: what is wrong comes back as flaws."""
    found = LayerFile()
    try:
        raw = _bytes(folder / layer.file, layer.file)
        found.version = hashlib.sha256(raw).hexdigest()[:12]
        rows = _csv_rows(raw, layer) if layer.file.lower().endswith(".csv") else _geojson_rows(raw, layer)
        _take(layer, rows, found)
    except _Broken as broken:
        key, code, message, hint = broken.args
        found.flaws.append(Flaw(layer.id, key, "error", code, message, hint))
    return found


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        hint = f"put the file at {path}, or correct the name (it is relative to the rules file)"
        raise _Broken("file", "layer-missing", f'no file "{name}"', hint) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise _Broken(
            "file", "layer-missing", f'"{name}" cannot be read: {why}', "check its permissions"
        ) from None


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Broken("file", "layer-broken", f'"{name}" is not UTF-8 text', "save it as UTF-8") from None


Row = tuple[BaseGeometry | None, dict[str, Any]]


def _geojson_rows(raw: bytes, layer: Layer) -> Iterator[Row]:
    try:
        data = json.loads(_text(raw, layer.file))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise _Broken("file", "layer-broken", f'"{layer.file}" is not JSON{where}', REMEDY) from None
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        said = f'"{layer.file}" is not a GeoJSON FeatureCollection'
        raise _Broken("file", "layer-broken", said, REMEDY)
    _check_projection(data.get("crs"), layer)
    for number, feature in enumerate(features, start=1):
        yield _geojson_row(feature, number, layer)


def _geojson_row(feature: Any, number: int, layer: Layer) -> Row:
    try:
        geometry = feature["geometry"]
        properties = feature.get("properties") or {}
        return (shape(geometry) if geometry else None), dict(properties)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError):
        said = f'feature {number} of "{layer.file}" has no geometry that can be read'
        raise _Broken("file", "layer-broken", said, REMEDY) from None


def _check_projection(crs: Any, layer: Layer) -> None:
    if not isinstance(crs, dict):
        return
    name = str((crs.get("properties") or {}).get("name", ""))
    if name and not any(name.upper().endswith(known) for known in WGS84_NAMES):
        raise _Broken("file", "layer-projection", f'"{layer.file}" is in {name}, not in WGS84', REMEDY)


def _csv_rows(raw: bytes, layer: Layer) -> Iterator[Row]:
    if layer.kind not in ("assets", "addresses"):
        said = f'"{layer.file}" is CSV, which can only hold assets and addresses'
        raise _Broken("kind", "layer-kind", said, "give areas and roads as GeoJSON")
    rows = csv.DictReader(io.StringIO(_text(raw, layer.file)))
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    lat = next((names[name] for name in LATITUDES if name in names), None)
    lon = next((names[name] for name in LONGITUDES if name in names), None)
    if lat is None or lon is None:
        said = f'"{layer.file}" has no columns for the place'
        raise _Broken("file", "layer-broken", said, 'name them "lat" and "lon" in the first line')
    for number, row in enumerate(rows, start=2):
        try:
            yield Point(float(row[lon]), float(row[lat])), dict(row)
        except (TypeError, ValueError):
            said = f'line {number} of "{layer.file}" has no number for its latitude or longitude'
            raise _Broken("file", "layer-broken", said, "write degrees, as in 43.6121,-72.3050") from None


def _take(layer: Layer, rows: Iterable[Row], found: LayerFile) -> None:
    owners = {value.casefold(): word for value, word in layer.owners.items()}
    seen: set[str] = set()
    empty = 0
    for geometry, properties in rows:
        seen.update(properties)
        if geometry is None or geometry.is_empty:
            empty += 1
            continue
        _check_shape(layer, geometry)
        found.features.append(_feature(layer, owners, geometry, properties))
    if empty:
        said = f'{empty} of the features in "{layer.file}" have no geometry and are left out'
        found.flaws.append(Flaw(layer.id, "file", "warning", "layer-gaps", said))
    if not found.features:
        raise _Broken(
            "file", "layer-empty", f'"{layer.file}" holds nothing', "export it again, or remove the layer"
        )
    for key in PROPERTIES:
        wanted = getattr(layer, key)
        if wanted is not None and wanted not in seen:
            said = f'no feature of "{layer.file}" has a property "{wanted}"'
            raise _Broken(key, "layer-property", said, f"it has {', '.join(sorted(seen)) or 'none'}")


PROPERTIES = ("name", "owner", "number", "street", "tier", "road_class", "left", "right", "residents")
"""The keys of a layer's entry that name a property of its features."""


def _feature(
    layer: Layer, owners: Mapping[str, str], geometry: BaseGeometry, properties: dict[str, Any]
) -> Feature:
    def owner_in(key: str | None) -> str:
        owner = _property(properties, key)
        return owners.get(owner.casefold(), _word(owner))

    return Feature(
        _mended(geometry),
        _name(layer, properties),
        owner_in(layer.owner),
        road_class=_property(properties, layer.road_class),
        tier=_number(properties, layer.tier),
        sides=(owner_in(layer.left), owner_in(layer.right)) if layer.left and layer.right else None,
        residents=_number(properties, layer.residents),
    )


def _name(layer: Layer, properties: dict[str, Any]) -> str:
    if layer.kind == "addresses" and not layer.name:
        parts = (_property(properties, layer.number), _property(properties, layer.street))
        return " ".join(parts) if all(parts) else ""
    return _property(properties, layer.number if layer.kind == "assets" else layer.name)


def _number(properties: dict[str, Any], key: str | None) -> float | None:
    try:
        return float(_property(properties, key))
    except ValueError:
        return None


def _check_shape(layer: Layer, geometry: BaseGeometry) -> None:
    if geometry.geom_type not in SHAPES[layer.kind]:
        said = f'"{layer.file}" holds a {geometry.geom_type}, but the kind is "{layer.kind}"'
        raise _Broken(
            "kind", "layer-kind", said, f"{layer.kind} are made of {' or '.join(SHAPES[layer.kind])}"
        )
    west, south, east, north = geometry.bounds
    inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    if not (inside and all(map(math.isfinite, geometry.bounds))):
        said = f'"{layer.file}" is not in degrees: it has a point at {west:.0f}, {south:.0f}'
        raise _Broken("file", "layer-projection", said, REMEDY)


def _mended(geometry: BaseGeometry) -> BaseGeometry:
    # Real parcels and districts cross themselves in places; a crossed ring answers "inside?" wrongly.
    if geometry.geom_type.endswith("Polygon") and not geometry.is_valid:
        return shapely.make_valid(geometry)
    return geometry


def _property(properties: dict[str, Any], key: str | None) -> str:
    value = properties.get(key) if key else None
    return "" if value is None else str(value).strip()


def _word(owner: str) -> str:
    """Make an owner word of a value that ``owners`` does not name: ``US Forest`` -> ``us-forest``."""
    return "-".join("".join(c if c.isalnum() else " " for c in owner.casefold()).split()) or UNKNOWN


OURS = "town"
"""The owner word that needs no rule: what is the town's goes to the service's own assignee."""
UNKNOWN = "unknown"
"""The owner word of a feature whose owner the layer does not tell."""
