"""How much memory do eight residents take who send the largest photos at the same time?"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from io import BytesIO
from urllib.parse import urlencode

from PIL import Image

from benchmarks.lines import Line, MeasurementWrong, Plan
from benchmarks.servers import TOWN, Served, empty_town, memory

AT_ONCE = 8
MOST_MEMORY = 450
BUSY = 503
LARGEST = (8160, 6120)
"""Just under 50 million pixels, in several passes: a decoder holds such a picture whole."""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the highest memory of the serving process, and how many photos were kept."""
    town = Served(TOWN, empty_town(plan.folder / "photos" / "town"))
    town.start()
    try:
        token, photo = _token(town.port), _photo()
        with ThreadPoolExecutor(AT_ONCE) as residents:
            answers = list(residents.map(lambda mark: _send(town.port, token, photo, mark), range(AT_ONCE)))
        peak = memory(town.pid)["peak"]
    finally:
        town.stop()
    kept = sum("name" in answer for answer in answers)
    if not kept:
        raise MeasurementWrong(f"no photo was kept: {answers[0]}")
    yield Line(
        what=f"memory at its highest, {AT_ONCE} largest photos at once",
        ours=f"{peak:.0f} MB, {kept} kept",
        reference=f"{len(photo) / 1e6:.1f} MB, {LARGEST[0] * LARGEST[1] / 1e6:.0f} million pixels each",
        ratio=peak / MOST_MEMORY,
        goal=f"<= {MOST_MEMORY} MB",
        is_met=peak <= MOST_MEMORY,
        figures={"peak": peak, "kept": kept},
    )


def _token(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(
        "POST",
        "/report",
        urlencode({"step": "what", "service": "pothole", "description": "A hole"}),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    found = re.search(r'name="token" value="([^"]+)"', connection.getresponse().read().decode())
    if found is None:
        raise MeasurementWrong("the form gave out no token")
    return found[1]


def _photo() -> bytes:
    stream = BytesIO()
    fine = Image.effect_noise((LARGEST[0] // 4, LARGEST[1] // 4), 60).resize(LARGEST)
    fine.convert("RGB").save(stream, "JPEG", quality=90, progressive=True)
    return stream.getvalue()


def _send(port: int, token: str, photo: bytes, mark: int) -> dict[str, str]:
    edge = secrets.token_hex(12)
    fields = {"token": token, "service": "pothole"}
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="{mark}.jpg"\r\n\r\n'
    body = b"".join([*parts, head.encode(), photo, f"\r\n--{edge}--\r\n".encode()])
    for _try in range(36):
        connection = HTTPConnection("127.0.0.1", port, timeout=180)
        connection.request(
            "POST", "/report/photos", body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
        )
        answer = connection.getresponse()
        said: dict[str, str] = json.loads(answer.read())
        if answer.status != BUSY:
            break
        time.sleep(float(answer.headers["Retry-After"]))  # as the form's script does
    return said
