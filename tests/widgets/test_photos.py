"""Does every photo come in, by script or with the step, and is its own place offered and nowhere kept?"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Route, expect
from werkzeug.test import TestResponse

from casework.office import Office
from storage import photos
from storage.photos import StoredPhoto
from tests.browser import soon
from tests.conftest import SECRET
from tests.conscience import StrictClient
from tests.widgets.conftest import Served
from tests.widgets.resident import Resident
from tests.widgets.test_form import kept
from widgets import uploads
from widgets.tokens import Seal

GPS = 0x8825
MILL = (43.60902, -72.33341)
"""On a county road."""
NEARBY = (43.59620, -72.33374)
"""Some 25 m from where the resident says it is."""
BEACH = (41.0, -71.0)


def taken_at(lat: float, lon: float, size: tuple[int, int] = (400, 300)) -> BytesIO:
    exif = Image.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (lat, 0.0, 0.0), 3: "W", 4: (-lon, 0.0, 0.0)})
    return written(size, exif=exif)


def written(size: tuple[int, int] = (400, 300), colour: str = "teal", **options: object) -> BytesIO:
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG", **options)
    stream.seek(0)
    return stream


def add(resident: Resident, file: BytesIO, **more: Any) -> TestResponse:
    """Send one photo as the form's script does."""
    fields = dict(resident.fields().lists())
    files = {"photos": (file, "hole.jpg"), **more.pop("files", {})}
    environ = more.pop("environ", None)
    return resident.client.post(
        "/report/photos",
        data={**fields, **more, **files},
        headers={"Origin": "null"},
        environ_overrides=environ,
    )


@pytest.fixture
def resident(client: StrictClient) -> Resident:
    return Resident(client).at_details()


def test_one_photo_is_taken_by_itself_also_from_a_sandbox(resident: Resident, client: StrictClient) -> None:
    answer = add(resident, written())
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.json is not None
    assert set(answer.json) == {"name"}
    assert client.get(f"/report/photo/{answer.json['name']}").mimetype == "image/jpeg"
    resident.send(description="A hole", q__size="large", photo=[answer.json["name"]])
    assert resident.step == "contact"
    assert resident.fields()["photo"] == answer.json["name"]
    asked = client.options("/report/photos")
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_a_small_picture_that_would_keep_pages_waiting_is_asked_for_again(
    resident: Resident, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = add(resident, written())
    assert answer.json is not None
    address = f"/report/photo/{answer.json['name']}"
    monkeypatch.setattr(photos, "SMALL_PATIENCE", 0.01)
    with photos._one_small_at_a_time:
        refused = client.get(address)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert client.get(address).status_code == 200


def test_the_same_photo_again_uses_nothing_up(resident: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    assert add(resident, written()).status_code == 200
    today = resident.client.application.extensions["townline_photos_today"]
    monkeypatch.setattr(uploads, "MOST_A_DAY", today.size + 1)
    assert [add(resident, written()).status_code for _each in range(2)] == [200, 200]


def test_a_photo_that_would_keep_a_thread_waiting_is_asked_for_again(resident: Resident) -> None:
    taken = [photos._waiting.acquire(blocking=False) for _each in range(photos.MOST_WAITING)]
    with photos._one_at_a_time:
        answer = add(resident, written())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.json is not None
        assert "once more in a minute" in answer.json["say"]
        resident.client.application.config["TOWNLINE_LIMITS"] = {"photos": "1 per 10 minutes"}
        away = {"REMOTE_ADDR": "192.0.2.7"}
        waits = [add(resident, written(), environ=away).status_code for _each in range(3)]
        assert waits == [503, 503, 503], "what waits is not counted"
        resident.send(description="A deep hole", q__size="large", photos=(written(), "a.jpg"))
        assert "once more in a minute" in resident.mistakes[0], "without the script it is said on the page"
    for _each in taken:
        photos._waiting.release()
    assert add(resident, written()).status_code == 200


def test_a_days_photos_are_counted_in_the_folder_and_a_restart_forgets_none(
    resident: Resident, office: Office, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert add(resident, written()).status_code == 200
    stored = office.photos.stored_since(datetime.now(UTC) - timedelta(minutes=5))
    assert stored > 0
    assert office.photos.stored_since(datetime.now(UTC) + timedelta(minutes=5)) == 0
    monkeypatch.setattr(uploads, "MOST_A_DAY", stored)
    del app.extensions["townline_photos_today"]  # as after a restart
    refused = add(resident, written(colour="red")).json
    assert refused is not None
    assert "came in today" in refused["say"]


def test_without_our_token_no_photo_is_stored(
    resident: Resident, office: Office, client: StrictClient
) -> None:
    old = Seal(office.secret).issue("report/", now=datetime.now(UTC) - timedelta(hours=25))
    other = Seal(office.secret).issue("replies/", now=datetime.now(UTC))
    for token in ("", "forged", old, other):
        answer = add(resident, written(), token=[token])
        assert answer.status_code == 422
        assert answer.json is not None
        assert ("open for more than a day" if token == old else "not recognised") in answer.json["say"]
        assert ("token" in answer.json) is (token == old)
    resident.send(description="A deep hole", token=old, photos=(written(), "a.jpg"))
    assert resident.step == "details"
    assert "add your photos again" in resident.mistakes[0]
    assert "A deep hole" in resident.page
    assert not office.photos.path.exists()
    resident.send(q__size="large", photos=(written(), "a.jpg"))
    assert resident.step == "contact"


def test_a_form_that_lay_open_for_days_takes_photos_at_the_second_try(
    resident: Resident, office: Office
) -> None:
    seal, now = Seal(office.secret), datetime.now(UTC)
    old = seal.issue("report/", now=now - timedelta(days=3), nonce="the same one")
    refused = add(resident, written(), token=[old]).json
    assert refused is not None
    fresh = seal.read("report/", refused["token"])
    assert fresh is not None
    assert (fresh.nonce, fresh.is_old(now)) == ("the same one", False)
    assert add(resident, written(), token=[refused["token"]]).status_code == 200


def test_a_form_that_opens_at_its_photos_has_a_token(client: StrictClient) -> None:
    resident = Resident(client, "/report/other?lat=43.59597&lng=-72.33374")
    resident.send() if resident.step == "where" else None
    assert resident.step == "details"
    assert resident.fields()["token"]


def test_refusals_are_sentences(
    resident: Resident, app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(answer: TestResponse) -> tuple[int, str]:
        assert answer.json is not None
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.status_code, answer.json["say"]

    assert said(add(resident, BytesIO(b"<svg/>")))[1].startswith("“hole.jpg” is not a photo")
    first = add(resident, written())
    assert first.json is not None
    again = add(resident, written(), photo=[first.json["name"]])
    assert said(again) == (422, "This photo was added already.")
    assert said(add(resident, written(), service=["nothing"]))[0] == 422
    monkeypatch.setattr(uploads, "MOST_A_DAY", 1)
    assert "came in today" in said(add(resident, written(colour="red")))[1]
    app.config["TOWNLINE_LIMITS"] = {"photos": "1 per 10 minutes"}
    away = {"REMOTE_ADDR": "192.0.2.7"}
    client.post("/report/photos", environ_overrides=away)
    assert said(client.post("/report/photos", environ_overrides=away))[0] == 429


def test_forty_at_once_keep_three_and_say_so(resident: Resident) -> None:
    photos = [(written((60 + n, 60)), f"{n}.jpg") for n in range(40)]
    resident.send(description="A hole", photos=photos)
    assert len(resident.photos) == 3
    assert "At most 3 photos" in resident.mistakes[0]


def test_the_same_photo_twice_is_one_photo(resident: Resident) -> None:
    resident.send(description="", photos=[(written(), "a.jpg"), (written(), "b.jpg")])
    assert len(resident.photos) == 1


def test_a_photos_own_place_is_offered_and_used_and_whose_job_it_is_told_again(resident: Resident) -> None:
    resident.send(description="A hole", q__size="large", photos=(taken_at(*MILL), "a.jpg"))
    assert (resident.step, resident.answer.status_code) == ("details", 200)
    assert "Your photo was taken about here: " in resident.page
    (use,) = [
        b.get("value") for b in resident.tree.iter("button") if b.get("name") == "use" and b.get("value")
    ]
    resident.send(use=use)
    assert resident.step == "whose"
    assert "county" in resident.page
    assert (resident.fields()["lat"], resident.fields()["lon"]) == ("43.609020", "-72.333410")
    resident.send(told=resident.told())
    assert "taken about here" not in resident.page


def test_an_offer_that_is_passed_over_is_not_made_twice(resident: Resident) -> None:
    resident.send(description="A hole", q__size="large", photos=(taken_at(*MILL), "a.jpg"))
    before = resident.fields()["lat"]
    assert resident.send().step == "contact"
    assert resident.fields()["lat"] == before
    resident.send(back="details")
    assert "taken about here" not in resident.page


@pytest.mark.parametrize("place", [NEARBY, BEACH, (0.0, 0.0)])
def test_what_is_the_same_place_or_far_away_is_not_offered(
    resident: Resident, place: tuple[float, float]
) -> None:
    resident.send(description="A hole", q__size="large", photos=(taken_at(*place), "a.jpg"))
    assert resident.step == "contact"


def test_a_scaled_photo_brings_its_place_apart(resident: Resident) -> None:
    whole = taken_at(*MILL, size=(3000, 2000)).getvalue()
    answer = add(resident, written(), files={"original": (BytesIO(whole[: 256 * 1024]), "blob")})
    assert answer.json is not None
    added = {"photo": [answer.json["name"]], "taken": [answer.json["taken"]]}
    resident.send(description="A hole", q__size="large", **added)
    assert (resident.step, resident.answer.status_code) == ("details", 200)
    assert "taken about here" in resident.page
    resident.send(use=answer.json["taken"])
    assert resident.step == "whose"


def test_a_forged_place_moves_nothing(resident: Resident) -> None:
    before = resident.fields()["lat"]
    mark = Seal(b"x" * 32).name_taken(StoredPhoto("a" * 64, 1, 1, 1), MILL)
    resident.send(description="A hole", taken=[mark], use=mark)
    assert (resident.step, resident.fields()["lat"]) == ("details", before)


def test_the_place_of_a_removed_photo_is_offered_no_more(resident: Resident) -> None:
    resident.send(description="", photos=(taken_at(*MILL), "a.jpg"))
    assert "taken about here" in resident.page
    resident.send(remove=resident.fields()["photo"])
    assert "taken about here" not in resident.page


def test_photos_deleted_while_the_form_lay_open_are_said_and_nothing_else_is_lost(
    resident: Resident, office: Office
) -> None:
    colours = ("teal", "red", "navy")
    names = [(add(resident, written(colour=one)).json or {})["name"] for one in colours]
    resident.send(description="A deep hole", q__size="large", photo=names).send(name="Ana")
    assert resident.step == "check"
    files = sorted(office.photos.path.glob("*/*.jpg"))
    first = Seal(office.secret).photo(names[0])
    assert first is not None
    for file in files:
        if file.stem != first.sha256:
            file.unlink()
    resident.send()
    assert (resident.answer.status_code, resident.step) == (422, "details")
    assert resident.mistakes[0].startswith("2 photos that you added were not sent within two days")
    assert resident.photos == names[:1]
    assert (resident.fields()["description"], resident.fields()["name"]) == ("A deep hole", "Ana")
    # Who adds one again is not stopped by it, and who goes back to it earlier hears of it there.
    next(office.photos.path.glob("*/*.jpg")).unlink()
    resident.send(photos=(written(colour="red"), "a.jpg"))
    assert resident.mistakes[0].startswith("A photo that you added was not sent")
    assert len(resident.photos) == 1
    resident.send()
    assert resident.step == "check"
    assert resident.send().answer.status_code == 303
    assert all(office.photos.has(photo.sha256) for photo in kept(resident).photos)
    assert len(kept(resident).photos) == 1


def test_a_phone_number_in_the_text_is_pointed_out_before_it_is_sent(client: StrictClient) -> None:
    resident = Resident(client).at_check(description="A hole, call me at 603-555-0100", q__size="large")
    assert resident.step == "check"
    assert "Your text seems to hold a phone number" in resident.page
    resident.send(to="details").send(description="A hole by pole 4411, mail me@example.org")
    assert "seems to hold an e-mail address" in resident.page
    resident.send(to="details").send(description="A hole by pole 4411")
    assert "seems to hold" not in resident.page


def test_the_script_is_small_and_stands_at_the_details_only(resident: Resident, client: StrictClient) -> None:
    (address,) = {
        e.get("src") or "" for e in resident.tree.iter("script") if "photos" in (e.get("src") or "")
    }
    sent = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert len(sent.data) <= 1536
    assert b"createImageBitmap" in gzip.decompress(sent.data)
    assert "photos." not in client.get("/report").get_data(as_text=True)


def test_photos_leave_while_the_form_is_filled_in(browser: Browser, served: Served) -> None:
    def file(name: str, photo: BytesIO) -> FilePayload:
        return {"name": name, "mimeType": "image/jpeg", "buffer": photo.getvalue()}

    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{served.town}/report/pothole")
    page.fill("#place", "Old Turnpike")
    page.click(".buttons .button")
    page.wait_for_selector("#photos")
    sizes: list[int] = []
    page.on(
        "request",
        lambda one: sizes.append(len(one.post_data_buffer or b"")) if one.method == "POST" else None,
    )
    page.set_input_files(
        "#photos",
        [file("large.jpg", taken_at(*MILL, size=(4000, 3000))), file("trick.jpg", BytesIO(b"no photo")),
         file("small.jpg", written())],
    )  # fmt: skip
    soon(
        lambda: (
            page.locator("#photo-list .failed").count() == 1
            and page.locator("#photo-list img:not([hidden])").count() == 2
        ),
        "two are kept, one refused",
    )
    assert "“trick.jpg” is not a photo" in page.inner_text("#photo-list .failed")
    assert len(sizes) == 3
    page.click("#photo-list .failed button >> nth=0")
    assert page.inner_text("#photo-news") == "The photo was removed."
    context.set_offline(True)
    page.set_input_files("#photos", file("third.jpg", written(colour="red")))
    page.wait_for_selector("#photo-list .failed")
    assert "could not be sent" in page.inner_text("#photo-news")
    context.set_offline(False)
    old = Seal(SECRET.encode()).issue("report/", now=datetime.now(UTC) - timedelta(days=2))
    page.evaluate("old => { document.querySelector('[name=token]').value = old; }", old)
    page.click("#photo-list .failed button >> nth=1")
    expect(page.locator("#photo-list .failed")).to_contain_text("open for more than a day")
    page.click("#photo-list .failed button >> nth=1")
    soon(lambda: page.locator("#photo-list img:not([hidden])").count() == 3, "the third is kept")
    page.fill("#description", "A hole")
    page.check("#q-size")
    page.click(".buttons .button")
    # The large one was taken elsewhere, although it was scaled down: that is asked before the next step.
    expect(page.locator(".notice")).to_contain_text("taken about here")
    assert page.locator("#photo-list button[name=remove]").count() == 3
    page.click(".buttons .button")
    page.wait_for_selector("#email")
    assert page.locator("input[name=photo]").count() == 3
    context.close()


MOVED = """
window.moved = 0;
new PerformanceObserver(list => list.getEntries().forEach(one => { window.moved += one.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_photo_arrives_or_fails_and_no_press_is_lost(
    browser: Browser, served: Served, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.add_init_script(MOVED)
    page.goto(f"{served.town}/report/pothole")
    page.fill("#place", "Old Turnpike")
    page.click(".buttons .button")
    page.fill("#description", "A hole")
    page.check("#q-size")
    held: list[Route] = []
    page.route("**/report/photos", lambda route: held.append(route))
    rows, on = page.locator("#photo-list li"), page.locator(".buttons .button")

    def pick(colour: str) -> Route:
        file = written((640, 480), colour).getvalue()
        page.set_input_files("#photos", {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": file})
        for _ in range(100):
            if held:
                break
            page.wait_for_timeout(50)
        page.wait_for_timeout(100)
        page.evaluate("moved = 0")
        return held.pop()

    def is_still(before: object) -> None:
        assert (page.evaluate("moved"), on.bounding_box()) == (0, before)

    lost, before = pick("red"), on.bounding_box()
    lost.abort()
    page.wait_for_selector("#photo-list .failed")
    is_still(before)
    rows.locator("button >> nth=0").click()

    # The finger comes down while the photo is on its way, and goes up when it is there.
    arrives, before = pick("teal"), on.bounding_box()
    on.hover()
    page.mouse.down()
    arrives.continue_()
    page.wait_for_selector("#photo-list img:not([hidden])", state="attached")
    is_still(before)
    page.mouse.up()
    page.wait_for_selector("#email")

    # Back in the history the row is there again; a press before the photo has arrived waits for it.
    page.go_back()
    expect(rows).to_have_count(1)
    arrives = pick("blue")
    on.click()
    assert page.locator("#photo-news").inner_text() == "Sending the photo"
    arrives.continue_()
    page.wait_for_selector("#email")
    assert page.locator("input[name=photo]").count() == 2
    context.close()


def test_a_photo_picked_before_the_script_has_arrived_gets_its_row(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 700, "height": 900})
    page = context.new_page()
    held: list[Route] = []
    page.route("**/photos.js", lambda route: held.append(route))
    page.goto(f"{served.town}/report/pothole", wait_until="commit")
    page.fill("#place", "Old Turnpike")
    page.click(".buttons .button", no_wait_after=True)
    file = written().getvalue()
    page.set_input_files("#photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file})
    assert page.locator("#photo-list img").count() == 0
    busy = [Route.continue_, lambda route: route.fulfill(status=503, json={"say": "Many photos"})]
    page.route("**/report/photos", lambda route: (busy.pop() if busy else Route.continue_)(route))
    page.clock.install()
    held[0].continue_()
    state = page.locator("#photo-list .state")
    expect(state).to_have_text("Waiting")
    page.click(".buttons .button:last-child", no_wait_after=True)
    page.clock.run_for(4000)
    expect(state).to_have_text("Waiting")
    assert page.locator("body").get_attribute("data-step") == "details", "no photo is lost by pressing on"
    assert not page.locator("#photo-list .failed").count(), "where others are being read, nothing has failed"
    page.clock.run_for(2000)
    expect(page.locator("#photo-list img:not([hidden])")).to_have_count(1)
    context.close()


def test_in_a_sandbox_too_the_rows_are_there_again_after_back(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 700, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    form = f"{served.town}/report/pothole?embed=1"
    served.host = (
        f'<iframe title="Form" sandbox="allow-scripts" width="600" height="1400" src="{form}"></iframe>'
    )
    page.goto(f"{served.website}/host")
    page.wait_for_selector("iframe")
    frame = page.frames[1]
    frame.fill("#place", "Old Turnpike")
    frame.click(".buttons .button")
    file = written().getvalue()
    frame.set_input_files("#photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file})
    kept = frame.locator("#photo-list img:not([hidden])")
    expect(kept).to_have_count(1)
    frame.fill("#description", "A hole")
    frame.check("#q-size")
    for _time in range(2):
        frame.click(".buttons .button")
        frame.wait_for_selector("#email")
        assert frame.locator("input[name=photo]").count() == 1
        frame.evaluate("history.back()")
        expect(kept).to_have_count(1)
    context.close()
