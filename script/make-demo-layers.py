#!/usr/bin/env python3
"""Where do the demonstration town's maps come from? From here: seeded, so that every run draws the same town.

    .venv/bin/python script/make-demo-layers.py [FOLDER]

writes boundary, neighbours, village, water district, parks, roads, street-light poles and addresses into
``layers/`` beside ``rules.yaml``. Nothing in it is a real place. The main roads are drawn by hand
below, in metres east and north of the village green; the other roads grow out of them, the way a
hill town's roads did: each leaves an older road at an angle, wanders, and ends where it meets another.
"""

from __future__ import annotations

import csv
import json
import math
import random
import sys
from itertools import pairwise
from pathlib import Path

from shapely.geometry import LineString, MultiPolygon, Point, Polygon, mapping
from shapely.ops import nearest_points, split, substring

GREEN = (43.6120, -72.3050)  # latitude, longitude of the village green
SEED = 1787
METRES_PER_DEGREE = 111_132.0
Line = list[tuple[float, float]]

BOUNDARY: Line = [
    (-4150, -3050), (-4280, -1200), (-4420, 900), (-4020, 960), (-4180, 2700), (-2300, 3420), (-300, 3560),
    (-250, 3900), (1900, 3780), (3050, 3300), (3300, 2500), (3080, 1700), (3420, 950), (3980, 300),
    (3900, -500), (3520, -1100), (3640, -1900), (3250, -2600), (2500, -3350), (300, -3420), (-1500, -3250),
]  # fmt: skip
RIVER_SIDE = range(9, 18)  # these corners follow the river on the eastern side and are rounded
VILLAGE: Line = [
    (-760, -560), (-820, 160), (-560, 640), (60, 780), (620, 620), (800, 60), (640, -620), (40, -760),
]  # fmt: skip
WATER: Line = [
    (-1250, -900), (-1350, 300), (-900, 1150), (100, 1350), (1150, 1000), (1500, 0), (1350, -1400),
    (900, -2300), (200, -2400), (-300, -1300),
]  # fmt: skip
PARKS: list[tuple[str, str, Line]] = [
    ("Falls Park", "Town", [(310, 120), (640, 150), (700, 420), (420, 480), (290, 330)]),
    ("Meadow Field", "Town", [(-1250, -1500), (-930, -1560), (-880, -1260), (-1200, -1200)]),
    (
        "Beech Hill County Park",
        "County",
        [(-3350, 1350), (-2500, 1500), (-2350, 2250), (-3050, 2550), (-3500, 2000)],
    ),
]

# name, owner, class, corners; drawn by hand, the oldest first
MAIN_ROADS: list[tuple[str, str, str, Line]] = [
    ("State Route 88", "State", "highway",
     [(900, -3900), (760, -2900), (420, -2000), (300, -1250), (120, -620), (0, 0), (-90, 560), (-420, 1300),
      (-380, 2100), (60, 2900), (150, 4200)]),
    ("State Route 41", "State", "highway",
     [(4500, 120), (3500, -60), (2600, 260), (1600, 120), (820, -60), (0, 0)]),
    ("Mill Road", "County", "collector",
     [(0, 0), (-640, -40), (-1300, -320), (-2100, -260), (-3000, -640), (-4700, -520)]),
    ("Beech Hill Road", "County", "collector",
     [(-420, 1300), (-1250, 1520), (-2050, 1260), (-2900, 1080), (-3600, 1500), (-4600, 1560)]),
    ("Ferry Road", "County", "collector",
     [(420, -2000), (1250, -1850), (2050, -2150), (2750, -1950), (4100, -2050)]),
    ("Quarry Road", "County", "collector",
     [(-380, 2100), (560, 2250), (1350, 2000), (2200, 2350), (3600, 2250)]),
    ("Old Turnpike", "Town", "local",
     [(-2100, -260), (-1900, -1100), (-2350, -1900), (-2100, -2700), (-2350, -3800)]),
    ("Center Road", "Town", "local",
     [(-1300, -320), (-1150, -1050), (-700, -1700), (-300, -2350), (-420, -3800)]),
    ("Ridge Road", "Town", "local",
     [(-2050, 1260), (-2250, 520), (-2900, 250), (-3000, -640)]),
    ("River Road", "Town", "local",
     [(2600, 260), (2760, 950), (2500, 1600), (2200, 2350)]),
    ("Landing Road", "Town", "local",
     [(2600, 260), (2900, -500), (2600, -1200), (2750, -1950)]),
    ("North Road", "Town", "local",
     [(-380, 2100), (-1300, 2350), (-1900, 2900), (-2000, 4000)]),
    ("Hemlock Hollow Road", "Town", "local",
     [(1250, -1850), (1450, -1150), (1150, -560), (820, -60)]),
    ("Union Hill Road", "Town", "local",
     [(560, 2250), (700, 1600), (1250, 1150), (1600, 120)]),
]  # fmt: skip

VILLAGE_STREETS: list[tuple[str, Line]] = [
    ("Church Street", [(-430, 640), (-400, 340), (-420, 0), (-400, -300), (-330, -560)]),
    ("School Street", [(-640, 400), (-400, 340), (-55, 350), (260, 380), (520, 330)]),
    ("Elm Street", [(-700, -200), (-410, -210), (45, -230), (330, -250), (620, -230)]),
    ("Depot Street", [(300, 600), (260, 380), (310, 70), (330, -250), (290, -520)]),
    ("Water Street", [(520, 330), (560, 0), (620, -230)]),
    ("Maple Street", [(-640, 400), (-660, 120), (-640, -40)]),
    ("Pleasant Street", [(-330, -560), (110, -600), (290, -520)]),
    ("Academy Street", [(-430, 640), (-110, 660), (300, 600)]),
    ("Grove Street", [(-410, -210), (-190, -420), (-110, -582)]),
    ("Falls Lane", [(540, 150), (690, 190)]),
    ("Cooper Lane", [(-230, 345), (-210, 520), (-260, 651)]),
    ("Library Lane", [(150, 366), (170, 180), (150, 20)]),
]

LISTED = ("Ridge Road", "River Road", "Landing Road", "North Road", "Union Hill Road")
"""Roads outside the village whose houses stand on the town's list of addresses."""
LISTED_LATER = {"Mill Road": (1480.0, 3020.0)}
"""Such a road, between so many metres, by chance of its own: all houses before it keep their places."""
TOWN_NAMES = """
Cobble Hill Road|Brook Road|Stage Road|Sawyer Road|Orchard Hill Road|Pond Road|Stone Wall Lane|
Upper Meadow Road|Lower Meadow Road|Tannery Road|Sugarhouse Road|Larkspur Lane|Cider Mill Road|
Birch Lane|Bobcat Hill Road|Granite Lane|Schoolhouse Road|Fox Run|Cemetery Road|Hayfield Road|
Kettle Brook Road|Partridge Lane|Spruce Road|Town Farm Road|Wheelwright Lane|Blueberry Hill Road|
Intervale Road|Old County Road|Pasture Lane|Sunset Hill Road|Bridge Road|Turkey Hill Road|
Maple Ridge|High Street|Cold Spring Road|Juniper Lane"""
PRIVATE_NAMES = """
Pinecrest Drive|Lakeview Lane|Osprey Lane|Overlook Drive|Hidden Pond Way|Camp Road|
Stonegate Drive|Heron Lane|Woodlot Road|Ledge Way|Beaver Dam Road|Summit Way"""


def rounded(line: Line, times: int = 3) -> Line:
    """Cut the corners (Chaikin), keeping both ends."""
    for _ in range(times):
        cut = [line[0]]
        for (ax, ay), (bx, by) in pairwise(line):
            cut += [
                (0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by),
                (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by),
            ]
        line = [*cut, line[-1]]
    return line


def through(line: Line, steps: int = 6) -> Line:
    """A curve through every corner (Catmull-Rom), so that roads drawn to a junction meet there."""
    ends = [line[0], *line, line[-1]]
    drawn: Line = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            drawn.append(tuple(  # type: ignore[arg-type]
                0.5 * (2 * b[i] + (c[i] - a[i]) * t + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t * t
                       + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3)
                for i in (0, 1)
            ))  # fmt: skip
    return [*drawn, line[-1]]


class Road:
    def __init__(self, name: str, owner: str, kind: str, line: LineString) -> None:
        self.name, self.owner, self.kind, self.line = name, owner, kind, line


def town_boundary() -> Polygon:
    corners = (
        BOUNDARY[: RIVER_SIDE.start]
        + rounded([BOUNDARY[i] for i in RIVER_SIDE], 3)
        + BOUNDARY[RIVER_SIDE.stop :]
    )
    return Polygon(corners)


def main_roads(town: Polygon) -> list[Road]:
    """The hand-drawn roads, cut where they have left the town by 250 m."""
    reach = town.buffer(250)
    roads = []
    for name, owner, kind, corners in MAIN_ROADS:
        line = LineString(through(corners)).intersection(reach)
        roads.append(
            Road(name, owner, kind, max(getattr(line, "geoms", [line]), key=lambda part: part.length))
        )
    return roads


def village_streets() -> list[Road]:
    return [
        Road(name, "Village", "street", LineString(through(corners))) for name, corners in VILLAGE_STREETS
    ]


def grow(
    roads: list[Road], name: str, owner: str, town: Polygon, village: Polygon, chance: random.Random
) -> Road | None:
    """Let one road leave an older one and wander until it meets another, or ends in the woods."""
    older = [road for road in roads if road.kind in ("collector", "local", "highway")]
    weights = [road.line.length for road in older]
    parent = chance.choices(older, weights)[0]
    along = chance.uniform(150, parent.line.length - 150)
    start, ahead = parent.line.interpolate(along), parent.line.interpolate(along + 20)
    heading = math.atan2(ahead.y - start.y, ahead.x - start.x) + chance.choice((-1, 1)) * chance.uniform(
        1.2, 1.9
    )
    if village.buffer(150).contains(start) or not town.buffer(-200).contains(start):
        return None
    length = chance.uniform(350, 750) if owner == "Private" else chance.uniform(900, 2600)
    path, bend = [(start.x, start.y)], 0.0
    while len(path) * 55 < length:
        bend = 0.75 * bend + chance.gauss(0, 0.075)
        heading += bend
        here = Point(path[-1][0] + 55 * math.cos(heading), path[-1][1] + 55 * math.sin(heading))
        if not town.buffer(-120).contains(here) or village.buffer(60).contains(here):
            break
        near = min(
            (road for road in roads if len(path) > 3 or road is not parent),
            key=lambda r: r.line.distance(here),
        )
        gap = near.line.distance(here)
        if len(path) <= 5 and gap < 230 and near is not parent:
            return None
        if gap < 75:
            meets = nearest_points(near.line, here)[0]
            path.append((meets.x, meets.y))
            break
        path.append((here.x, here.y))
    line = LineString(path)
    crowded = any(road.line.distance(Point(x, y)) < 130 for x, y in path[4:-2] for road in roads)
    if any(Polygon(corners).intersects(line) for _, _, corners in PARKS):
        return None
    if line.length < (250 if owner == "Private" else 600) or crowded or not line.is_simple:
        return None
    return Road(name, owner, "drive" if owner == "Private" else "local", line)


def all_roads(town: Polygon, village: Polygon) -> list[Road]:
    chance = random.Random(SEED)
    roads = main_roads(town) + village_streets()
    for names, owner in ((TOWN_NAMES, "Town"), (PRIVATE_NAMES, "Private")):
        for name in names.split("|"):
            for _ in range(400):
                road = grow(roads, name.strip(), owner, town, village, chance)
                if road:
                    roads.append(road)
                    break
    return roads


def poles(roads: list[Road], village: Polygon, chance: random.Random) -> list[tuple[str, str, str, Point]]:
    """Metal lamps of the town along two streets; the utility's wooden poles along the others."""
    found: list[tuple[str, str, str, Point]] = []
    for road in roads:
        lit = road.line.intersection(village.buffer(350)) if road.kind != "drive" else LineString()
        if lit.is_empty or road.kind == "local":
            continue
        ours = road.name in ("School Street", "Church Street", "Library Lane")
        step, off = (55, 5.0) if ours else (85, 6.5)
        for part in getattr(lit, "geoms", [lit]):
            for count in range(1, int(part.length / step)):
                at = substring(part, count * step, count * step + 1)
                (ax, ay), (bx, by) = at.coords[0], at.coords[-1]
                away = math.hypot(bx - ax, by - ay)
                spot = Point(ax - off * (by - ay) / away, ay + off * (bx - ax) / away)
                number = f"AF-{len(found) + 101}" if ours else f"E-{chance.randint(20, 48)}/{len(found) + 1}"
                found.append((number, "Town" if ours else "Electric", "metal" if ours else "wood", spot))
    return found


def houses(roads: list[Road], chance: random.Random) -> list[tuple[int, str, Point]]:
    """Odd numbers on the left of a street, even ones on its right; farther apart outside the village."""
    found: list[tuple[int, str, Point]] = []
    for road in roads:
        step, off = (17.0, 14.0) if road.kind == "street" else (70.0, 22.0)
        for count in range(1, int(road.line.length / step)):
            if chance.random() < 0.25:
                continue  # an empty lot
            at = substring(road.line, count * step, count * step + 1)
            (ax, ay), (bx, by) = at.coords[0], at.coords[-1]
            away, side = math.hypot(bx - ax, by - ay), 1 if count % 2 else -1
            spot = Point(ax - side * off * (by - ay) / away, ay + side * off * (bx - ax) / away)
            found.append((count, road.name, spot))
    return found


def degrees(x: float, y: float) -> tuple[float, float]:
    lat = GREEN[0] + y / METRES_PER_DEGREE
    lon = GREEN[1] + x / (METRES_PER_DEGREE * math.cos(math.radians(GREEN[0])))
    return round(lon, 6), round(lat, 6)


def in_degrees(shape: object) -> object:
    if isinstance(shape, tuple) and len(shape) == 2 and all(isinstance(part, float) for part in shape):
        return degrees(*shape)
    return [in_degrees(part) for part in shape]  # type: ignore[attr-defined]


def write(path: Path, rows: list[tuple[dict[str, str], object]]) -> None:
    features = []
    for properties, shape in rows:
        drawn = mapping(shape)
        geometry = {"type": drawn["type"], "coordinates": in_degrees(drawn["coordinates"])}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    lines = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    path.write_text('{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n", encoding="utf-8")


def neighbours(town: Polygon) -> list[tuple[dict[str, str], object]]:
    """The land around, divided between two towns by a line through the middle."""
    around = town.buffer(2600, join_style="mitre").difference(town)
    halves = split(around, LineString([(-9000, -6500), (9000, 6800)]))
    west = [
        part for part in halves.geoms if part.representative_point().x - part.representative_point().y < 0
    ]
    east = [part for part in halves.geoms if part not in west]
    return [({"NAME": "Stonebrook"}, MultiPolygon(west)), ({"NAME": "Ashgrove"}, MultiPolygon(east))]


def soft(corners: Line) -> Polygon:
    """A polygon with every corner cut, the first one too."""
    middle = ((corners[0][0] + corners[-1][0]) / 2, (corners[0][1] + corners[-1][1]) / 2)
    return Polygon(rounded([middle, *corners, middle], 2)[:-1])


def main(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    town, village = town_boundary(), soft(VILLAGE)
    roads = all_roads(town, village)
    write(folder / "boundary.geojson", [({"NAME": "Alder Falls"}, town)])
    write(folder / "neighbours.geojson", neighbours(town))
    write(folder / "village.geojson", [({"NAME": "Alder Falls Village"}, village)])
    write(folder / "water-district.geojson", [({"NAME": "Lower Valley Water District"}, soft(WATER))])
    write(folder / "parks.geojson", [({"NAME": n, "OWNER": o}, soft(c)) for n, o, c in PARKS])
    write(
        folder / "roads.geojson",
        [({"NAME": r.name, "OWNER": r.owner, "CLASS": r.kind}, r.line.simplify(1.5)) for r in roads],
    )
    with (folder / "street-lights.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("number", "owner", "pole", "lat", "lon"))
        for number, owner, pole, spot in poles(roads, village, random.Random(SEED)):
            lon, lat = degrees(spot.x, spot.y)
            rows.writerow((number, owner, pole, lat, lon))
    with (folder / "addresses.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("number", "street", "lat", "lon"))
        listed = [road for road in roads if road.kind == "street" or road.name in LISTED]
        later = [
            Road(road.name, road.owner, road.kind, substring(road.line, *LISTED_LATER[road.name]))
            for road in roads
            if road.name in LISTED_LATER
        ]
        for house, street, spot in (
            *houses(listed, random.Random(SEED)),
            *houses(later, random.Random(SEED)),
        ):
            lon, lat = degrees(spot.x, spot.y)
            rows.writerow((house, street, lat, lon))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "layers")
