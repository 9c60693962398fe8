"""The connection is lost in the middle of a photo: is anything left behind, is anybody kept waiting?"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path

from PIL import Image
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.browser import soon
from tests.journeys.town import RunningTown

MEMORY = 450 * 1024
"""kB that the whole town may ever take, photos and all."""
LOST = 12
"""At the same time: more than the town has threads."""


def photo(name: str) -> FileStorage:
    """Some six megabytes that no compression makes small."""
    stream = BytesIO()
    Image.frombytes("RGB", (1800, 1400), os.urandom(1800 * 1400 * 3)).save(stream, "JPEG", quality=97)
    stream.seek(0)
    return FileStorage(stream, name, content_type="image/jpeg")


def details(town: RunningTown) -> dict[str, str]:
    """Return the hidden fields of the step at which photos are added."""
    page = town.get("/report/other?lat=43.59597&lng=-72.33374").body
    while 'data-step="details"' not in page:
        page = town.post("/report/other", hidden(page)).body
    return hidden(page)


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden"(?: id="\w+")? name="(\w+)"(?: id="\w+")? value="([^"]*)"', page)
    return dict(found)


def request(fields: dict[str, str]) -> tuple[bytes, bytes]:
    """Return head and body of one photo on its way, as the form's script sends it."""
    boundary, body = encode_multipart(MultiDict([*fields.items(), ("photos", photo("hole.jpg"))]))
    head = (
        "POST /report/photos HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body


def sent_whole(town: RunningTown, fields: dict[str, str]) -> str:
    head, body = request(fields)
    kind = re.search(rb"Content-Type: ([^\r]+)", head)
    assert kind is not None
    connection = HTTPConnection("127.0.0.1", town.port, timeout=20)
    connection.request("POST", "/report/photos", body, {"Content-Type": kind[1].decode()})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    assert answer.status == 200, told
    return str(told["name"])


def begun(town: RunningTown, fields: dict[str, str]) -> socket.socket:
    """Return a connection on which half a photo has arrived."""
    head, body = request(fields)
    line = socket.create_connection(("127.0.0.1", town.port), timeout=10)
    line.sendall(head + body[: len(body) // 2])
    return line


def photos(town: RunningTown) -> list[Path]:
    return [file for file in (town.data / "photos").rglob("*") if file.is_file()]


def test_half_a_photo_leaves_nothing_behind_and_blocks_nobody(town: RunningTown) -> None:
    process = Path("/proc") / str(town.process.pid if town.process else "")
    fields = details(town)
    before = len(list((process / "fd").iterdir()))
    lines = [begun(town, fields) for _line in range(LOST)]
    sent_whole(town, fields)  # while twelve others hang half-way
    assert len(photos(town)) == 1
    for number, line in enumerate(lines):
        if number % 2:
            # Some end as a telephone without a network does: by a reset.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
    soon(lambda: len(list((process / "fd").iterdir())) <= before, "their files and sockets are closed")
    assert len(photos(town)) == 1, "nothing of the halves was stored"
    sent_whole(town, fields)
    assert sorted(file.suffix for file in photos(town)) == [".jpg", ".jpg"]
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    assert int(peak) < MEMORY
