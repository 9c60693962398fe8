"""Maps from geographic programs: taken over where the libraries are, and one sentence where they are not."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner, Result

from console.rules import rules
from routing.features import read_layer
from routing.rulebook import Layer

NEW_HAMPSHIRE = "EPSG:3437"  # feet, as the state publishes its roads


def take(*words: object) -> Result:
    return CliRunner().invoke(rules, ["import-layer", *map(str, words)], prog_name="flask")


def test_without_the_libraries_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    (tmp_path / "roads.shp").write_bytes(b"")
    result = take(tmp_path / "roads.shp", "--out", tmp_path / "x.geojson")
    assert result.exit_code == 1
    assert result.output.startswith("Error: Reading Shapefile and GeoPackage needs two more libraries")
    assert "requirements-extra.in" in result.output
    assert not (tmp_path / "x.geojson").exists()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path):
    for name in ("a.shp", "x.geojson"):
        (tmp_path / name).write_text("kept")
    result = take(tmp_path / "a.shp", "--out", tmp_path / "x.geojson")
    assert result.exit_code == 1
    assert "say --force" in result.output


@pytest.fixture
def gdal() -> Any:
    """The libraries of requirements-extra.in, where they are installed."""
    pytest.importorskip("pyproj")
    return pytest.importorskip("pyogrio")


def write(gdal: Any, path: Path, crs: str | None, layer: str | None = None) -> Path:
    lines = shapely.to_wkb(shapely.from_wkt(["LINESTRING Z (1000000 200000 1, 1000300 200000 1)", None]))
    import numpy as np

    columns = [np.array(["Mill Road", "Lost"], object), np.array([3, 4])]
    more = {} if layer is None else {"layer": layer, "append": path.exists()}
    gdal.raw.write(
        str(path), lines, field_data=columns, fields=["NAME", "CLASS"], geometry_type="LineString Z", crs=crs,
        **more,
    )  # fmt: skip
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["roads.shp", "roads.gpkg"])
def test_a_map_in_feet_becomes_a_layer_in_degrees(gdal: Any, tmp_path: Path, name: str):
    source = write(gdal, tmp_path / name, NEW_HAMPSHIRE)
    result = take(source, "--out", tmp_path / "x.geojson")
    assert result.exit_code == 0, result.output
    assert "x.geojson: 1 features" in result.output
    layer = read_layer(Layer(id="x", file="x.geojson", kind="roads", name="NAME"), tmp_path)
    assert layer.flaws == []
    (road,) = layer.features
    assert road.name == "Mill Road"
    west, south, east, north = road.geometry.bounds
    assert -73 < west < east < -70
    assert 42 < south <= north < 46
    assert json.loads((tmp_path / "x.geojson").read_text())["features"][0]["properties"]["CLASS"] == 3


@pytest.mark.filterwarnings("ignore")
def test_one_of_several_layers_has_to_be_named(gdal: Any, tmp_path: Path):
    source = write(gdal, tmp_path / "all.gpkg", NEW_HAMPSHIRE, "roads")
    write(gdal, source, NEW_HAMPSHIRE, "paths")
    assert "choose one with --layer, of " in take(source, "--out", tmp_path / "x").output
    assert 'has no layer "rivers"' in take(source, "--out", tmp_path / "x", "--layer", "rivers").output
    assert take(source, "--out", tmp_path / "x", "--layer", "paths").exit_code == 0


@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_read_is_named(gdal: Any, tmp_path: Path):
    (tmp_path / "broken.gpkg").write_text("no")
    assert "broken.gpkg cannot be read" in take(tmp_path / "broken.gpkg", "--out", tmp_path / "x").output
    source = write(gdal, tmp_path / "bare.shp", None)
    assert "in which projection" in take(source, "--out", tmp_path / "x").output
