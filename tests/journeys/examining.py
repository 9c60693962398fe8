"""Is a page fit for everybody? Everything that a machine can say about it, in one look.

The window is 320 by 256 pixels: a screen of 1280 by 1024 at 400 %, which is how far people with weak
eyes enlarge a page. What is looked at is written down for docs/accessibility.md.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from playwright.sync_api import Frame, Page, Response

from settings import ROOT
from tests.axe import COLOURS, LEVELS, scan

ZOOMED = (320, 256)
"""Pixels across and down."""
HERE = Path(__file__).parent
INSIDE = (HERE / "examining.js").read_text(encoding="utf-8")
FORCED = (HERE / "forced.js").read_text(encoding="utf-8")
CHECKER = ROOT / "tests" / "conformance"
MOST_STOPS = 120
REFUSED = (404, 409, 410, 422)
"""What a page of ours may answer with when it says no."""
RING = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ringed = one.matches(".choice input") ? [one, one.closest(".choice")] : [one];
  const rings = ringed.map(part => getComputedStyle(part)).filter(style => style.outlineStyle !== "none");
  const box = one.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 0), innerHeight - 1);
  const front = document.elementFromPoint(x, y);
  return {
    html: one.outerHTML.slice(0, 110), id: Array.prototype.indexOf.call(document.querySelectorAll("*"), one),
    ring: Math.max(0, ...rings.map(style => parseFloat(style.outlineWidth))),
    isSeen: box.bottom > 0 && box.top < innerHeight,
    isFree: !front || one.contains(front) || front.contains(one) || one.tagName === "IFRAME",
  };
}"""
STOPS = """() => {
  const radios = new Set();
  const stops =
    "a[href], button, summary, select, textarea, iframe, input:not([type=hidden]), [tabindex='0']";
  return [...document.querySelectorAll(stops)]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }))
    .filter(one => one.type !== "radio" || (!radios.has(one.name) && radios.add(one.name))).length;
}"""


@dataclass
class Examiner:
    """Looks at one page after the other, and remembers what it saw and what was wrong."""

    page: Page
    seen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)
    stops: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    _last: Response | None = None

    def __post_init__(self) -> None:
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self._last = response

    def look(self, name: str, view: Page | Frame | None = None) -> None:
        """Look at the page (or the frame) that is open, and call it ``name``."""
        self.seen.append(name)
        if view is None and self._last is not None and (self._last.ok or self._last.status in REFUSED):
            self.sources[name] = self._last.text()
        view = view or self.page
        view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        self._axe(name, view)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce", forced_colors="active")
        self._note_faults(name, view.evaluate(FORCED))
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce", forced_colors="none")
        self._note_faults(name, view.evaluate(INSIDE))

    def _note_faults(self, name: str, faults: list[str]) -> None:
        self.faults += [f"{name}: {fault}" for fault in faults]

    def _axe(self, name: str, view: Page | Frame) -> None:
        for scheme, rules in (("light", LEVELS), ("dark", COLOURS)):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = scan(view, rules)
            self.rules |= set(found["passes"])
            self._note_faults(f"{name}, {scheme}", found["faults"])

    def see_ring(self, name: str, stop: str) -> None:
        """Look whether the ring is painted: where parts stand before it, its style alone says nothing.

        The stop has to have been reached by keys before, and not to have the focus.
        """
        one = self.page.locator(stop)
        one.evaluate("one => { one.scrollIntoView({ block: 'start' }); document.activeElement?.blur() }")
        box = one.bounding_box()
        assert box is not None
        edge = {"x": box["x"], "y": box["y"] + 20, "width": 6, "height": 40}
        without = self.page.screenshot(clip=edge)  # type: ignore[arg-type]
        one.evaluate("one => one.focus({ focusVisible: true, preventScroll: true })")
        if self.page.screenshot(clip=edge) == without:  # type: ignore[arg-type]
            self.faults.append(f"{name}: the ring of {stop} is not painted")

    def walk(self, name: str) -> None:
        """Press Tab through the whole page: every stop is reached, ringed, in sight, and none holds fast."""
        page = self.page
        page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0) }")
        wanted, reached = page.evaluate(STOPS), set()
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            at = page.evaluate(RING)
            if at is None:
                continue  # the end of the page; the next stop is its first one again
            if at["id"] in reached:
                break
            reached.add(at["id"])
            if at["ring"] < 2:
                self.faults.append(f"{name}: the focus cannot be seen on {at['html']}")
            if not (at["isSeen"] and at["isFree"]):
                self.faults.append(f"{name}: the focus is hidden on {at['html']}")
        if len(reached) < wanted:
            self.faults.append(f"{name}: Tab reaches {len(reached)} of {wanted} stops")
        self.stops += len(reached)


def unlike_the_standard(pages: dict[str, str], folder: Path) -> list[str] | None:
    """Return what the conformance checker says against pages (name -> HTML); ``None`` when it is not here."""
    checker, node = CHECKER / "node_modules" / "html-validate" / "bin" / "html-validate.mjs", which("node")
    if node is None or not checker.exists():
        return None
    folder.mkdir(exist_ok=True)
    for name, source in pages.items():
        (folder / (name.replace(" ", "-").replace("/", "-") + ".html")).write_text(source, encoding="utf-8")
    # Into a file: what it writes to a pipe is cut short when it ends.
    report = folder.with_suffix(".json")
    command = [node, str(checker), "--config", str(CHECKER / "rules.json"), "--formatter", f"json={report}"]
    said = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False, timeout=120)
    assert report.exists(), said.stderr
    return [
        f"{Path(page['filePath']).stem}, line {fault['line']}: {fault['message']} ({fault['ruleId']})"
        for page in json.loads(report.read_text(encoding="utf-8"))
        for fault in page["messages"]
    ]
