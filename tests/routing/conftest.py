"""A town of a few lines: two areas, three roads, four poles, written to a folder of its own."""

import json
from pathlib import Path

import pytest

from routing.layers import Layers
from routing.reader import load
from routing.rulebook import Rulebook

SMALL = """\
town:
  name: {en: Town of Littleton Green, es: Pueblo de Littleton Green}
  jurisdiction_id: littleton.example
  timezone: America/New_York
  languages: [en, es]
  phone: 603-555-0100
  email: hall@littleton.example
  office_hours: {monday: "08:00-16:00", friday: 8:30-12:00}
  holidays: {country: US, dates: [2026-12-24]}
  emergency: {call: "911", say: Call now., words: [fire, gas smell]}
departments:
  works: {name: Public Works, head: foreman}
  office: {name: Town Office, head: clerk}
clerk: clerk
people:
  foreman:
    name: Road foreman
    email: roads@littleton.example
    department: works
    deputy: clerk
    absent: [[2026-07-06, 2026-07-10]]
  clerk: {name: Town clerk, email: clerk@littleton.example, department: office}
agencies:
  county: {name: County Highway, kind: county, phone: 603-555-0101, email: h@county.example, handoff: mail}
  state: {name: State Roads, kind: state, phone: 603-555-0102}
  electric: {name: Electric Company, kind: utility, phone: 603-555-0103}
layers:
  line: {file: line.geojson, kind: areas, name: NAME, boundary: true}
  zones: {file: zones.geojson, kind: areas, name: NAME, owner: OWNER}
  roads:
    file: roads.geojson
    kind: roads
    name: NAME
    owner: OWNER
    owners: {TWN: town, CTY: county, "404": state}
  poles: {file: poles.csv, kind: assets, number: number, owner: owner}
groups: {streets: Streets, people: {name: Neighbors}}
services:
  pothole:
    name: Pothole
    group: streets
    description: A hole in the road.
    words: [hole]
    questions:
      size: {label: How big?, kind: choice, choices: {small: Small, big: Big}}
    assignee: works
    target: {acknowledge: 4 office hours, finish: 10 working days}
  light:
    name: {en: Street light, es: Farola}
    group: streets
    description: A light that is out.
    questions:
      wires: {label: Is a wire down?, kind: yes-no}
      pole: {label: Which pole?}
    assignee: foreman
    target: {acknowledge: 4 office hours, finish: 10 days}
  noise:
    name: Noise
    group: people
    description: Loud music.
    assignee: clerk
    location: none
    target: {acknowledge: 1 working day, finish: 10 days}
rules:
  - id: wires
    when: {service: light, answer: {wires: "yes"}}
    stop: {call: "911", say: Stay away.}
  - id: county-road
    when: {service: pothole, road_owner: county}
    handoff: county
    say: {en: "{road} is the county's.", es: "{road} es del condado."}
  - id: state-road
    when: {service: pothole, road_owner: state}
    card: state
  - id: zone-north
    when: {service: light, area: {zones: North}}
    card: electric
    say: In {area} the {agency} keeps the lights of {town}.
    note_anyway: true
  - id: pole
    when: {service: light, asset_owner: electric}
    card: electric
  - id: big-hole
    when: {service: pothole, answer: {size: big}}
    accept: clerk
widgets:
  all: {title: Report}
  some: {title: Streets, services: [pothole, light]}
reports:
  monthly: {title: Monthly, send: {on: business day 3, at: 07:00}, to: [clerk, council@littleton.example]}
checks:
  - {service: pothole, at: [43.000, -72.000], expect: {accept: works}}
  - {service: pothole, at: [43.010, -71.960], expect: {handoff: county}}
  - {service: noise, expect: {accept: clerk}}
"""


def collection(*features: tuple[str, list, dict]) -> str:
    rows = [
        {"type": "Feature", "geometry": {"type": kind, "coordinates": places}, "properties": properties}
        for kind, places, properties in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows})


def box(south: float, west: float, north: float, east: float) -> list:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


# One degree of latitude is 111.1 km here: 0.0001 degrees are 11 m. Three roads run west to east.
FILES = {
    "line.geojson": collection(("Polygon", box(42.99, -72.05, 43.03, -71.95), {"NAME": "Littleton Green"})),
    "zones.geojson": collection(
        ("Polygon", box(43.015, -72.05, 43.03, -71.95), {"NAME": "North", "OWNER": "District"})
    ),
    "roads.geojson": collection(
        ("LineString", [[-72.04, 43.0], [-72.0, 43.0], [-71.96, 43.0]], {"NAME": "Elm Lane", "OWNER": "TWN"}),
        (
            "LineString",
            [[-72.04, 43.01], [-72.0, 43.01], [-71.96, 43.01]],
            {"NAME": "Mill Road", "OWNER": "CTY"},
        ),
        (
            "LineString",
            [[-72.04, 43.0101], [-72.0, 43.0101], [-71.99, 43.0101]],
            {"NAME": "Old Mill Lane", "OWNER": "TWN"},
        ),
        ("LineString", [[-72.04, 43.02], [-72.0, 43.02], [-71.96, 43.02]], {"NAME": "Route 9", "OWNER": 404}),
        (
            "LineString",
            [[-72.04, 43.025], [-72.0, 43.025], [-71.96, 43.025]],
            {"NAME": "Lost Road", "OWNER": None},
        ),
    ),
    "poles.csv": "number,owner,lat,lon\n12,Electric,43.0001,-72.0\n13,Town,43.0001,-72.01\n",
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The path of a right rules file with its layers beside it."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / "rules.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def book(town: Path) -> Rulebook:
    return load(town)[0]


@pytest.fixture
def layers(town: Path) -> Layers:
    return load(town)[1]
