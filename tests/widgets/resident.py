"""How does somebody without JavaScript walk through the form? Reads each page and sends its fields back."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.conscience import read_strictly

MILL_ROAD = {"place": "12 Mill Road", "lat": "43.60902", "lon": "-72.33341"}
"""A county road in the demonstration town."""
OLD_TURNPIKE = {"place": "Old Turnpike", "lat": "43.59597", "lon": "-72.33374"}
"""A town road."""
ROUTE_88 = {"place": "Route 88", "lat": "43.60395", "lon": "-72.30251"}
"""A state road."""
TWO_ROADS = {"place": "Mill Road", "lat": "43.60966", "lon": "-72.33110"}


class Resident:
    """A person at the form: opens it, fills in fields, presses buttons."""

    def __init__(
        self, client: FlaskClient, address: str = "/report", *, meets_others: bool = False, **headers: str
    ) -> None:
        self.client = client
        self.meets_others = meets_others
        """Whether the requests nearby are to be read; else their problem is another one."""
        self.headers = headers
        self.answer: TestResponse = client.get(address, headers=headers)

    @property
    def page(self) -> str:
        return self.answer.get_data(as_text=True)

    @property
    def tree(self) -> Element:
        return read_strictly(self.page)  # The client has just read it, and it is not read twice.

    @property
    def step(self) -> str:
        body = self.tree.find("body")
        assert body is not None
        return body.get("data-step") or ""

    @property
    def heading(self) -> str:
        return "".join(next(self.tree.iter("h1")).itertext()).strip()

    @property
    def mistakes(self) -> list[str]:
        """The sentences at the fields, and in the summary where no field shows them."""
        found = [e for e in self.tree.iter("div") if e.get("id") == "errors"]
        return ["".join(link.itertext()).strip() for box in found for link in box.iter("a")]

    @property
    def photos(self) -> list[str]:
        """The names of the photos that the form holds, without the slots for those that may still come."""
        return [name for name in self.fields().getlist("photo") if name]

    def fields(self) -> MultiDict[str, str]:
        """What the browser would send of this page, without a button."""
        form = next(self.tree.iter("form"))
        sent: MultiDict[str, str] = MultiDict()
        for element in form.iter():
            name = element.get("name")
            if not name or element.tag == "button" or element.get("type") == "file":
                continue
            if element.tag == "textarea":
                sent.add(name, "".join(element.itertext()))
            elif element.get("type") in ("radio", "checkbox"):
                if element.get("checked") is not None:
                    sent.add(name, element.get("value") or "on")
            elif element.tag == "input":
                sent.add(name, element.get("value") or "")
        return sent

    def send(self, **values: Any) -> Resident:
        """Fill in ``values`` (None takes a field out) and press the button."""
        form = next(self.tree.iter("form"))
        sent = self.fields()
        for name, value in values.items():
            sent.setlist(
                name.replace("__", "-"),
                [] if value is None else value if isinstance(value, list) else [value],
            )
        address = form.get("action") or ""
        if form.get("enctype"):
            # Encoded here, because the test client leaves the file open that it keeps a large body in.
            boundary, body = encode_multipart(_with_files(sent))
            kind = f"multipart/form-data; boundary={boundary}"
            self.answer = self.client.post(
                address,
                input_stream=BytesIO(body),
                content_type=kind,
                content_length=len(body),
                headers=self.headers,
            )
        else:
            self.answer = self.client.post(address, data=sent, headers=self.headers)
        if self.answer.status_code == 200 and not self.meets_others and self.step == "near":
            return self.send(near=self.another_one())
        return self

    def in_language(self, tag: str, **values: str) -> Resident:
        """Fill in ``values`` and press the button of another language."""
        button = next(b for b in self.tree.iter("button") if b.get("lang") == tag)
        sent = {**self.fields().to_dict(), **values, "to": button.get("value") or ""}
        self.answer = self.client.post(button.get("formaction") or "", data=sent, headers=self.headers)
        return self

    def another_one(self) -> str:
        """The value of the button that goes on from the requests nearby."""
        return next(b.get("value") or "" for b in self.tree.iter("button") if b.get("name") == "near")

    def picked(self, service: str) -> Resident:
        return self.send(service=service)

    def at_details(self, service: str = "pothole", **place: str) -> Resident:
        """Walk to the details of a service on a town road."""
        return self.picked(service).send(**(place or OLD_TURNPIKE))

    def at_check(self, service: str = "pothole", **details: Any) -> Resident:
        """Walk to the last page."""
        self.at_details(service).send(**{"description": "A deep hole", **details})
        return self.send(email="resident@example.org")

    def told(self) -> str:
        """The value of the button that goes on from "this is another agency's job"."""
        return next(b.get("value") or "" for b in self.tree.iter("button") if b.get("name") == "told")


def _with_files(sent: MultiDict[str, Any]) -> MultiDict[str, Any]:
    """(stream, name) becomes a file."""
    pairs = [(name, value) for name, values in sent.lists() for value in values]
    return MultiDict(
        [(name, FileStorage(*value) if isinstance(value, tuple) else value) for name, value in pairs]
    )
