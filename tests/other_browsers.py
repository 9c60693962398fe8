"""Which browsers beside Chromium do the tests drive? Debian's own Firefox and WebKitGTK, in their own tongue.

Playwright drives only builds of its own. Firefox is spoken to by Marionette (JSON behind its length), WebKit
by WebDriver (JSON over HTTP): the same commands in two envelopes, so one small client does for both.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from shutil import which
from typing import Any, Protocol

import urllib3

from tests.browser import soon
from tests.journeys.town import free_port

FIREFOX = which("firefox-esr") or which("firefox")
WEBKIT = which("WebKitWebDriver")
KEY = "element-6066-11e4-a52e-4f735466cecf"
QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "services.settings.server": "data:,none",
    "toolkit.telemetry.enabled": False,
    "extensions.getAddons.cache.enabled": False,
}


class Browser(Protocol):
    """What both can do. Elements are named by CSS selectors in the document that is looked at."""

    name: str

    def send(self, command: str, **values: Any) -> Any: ...
    def close(self) -> None: ...


class Looking:
    """One window: pages, frames, clicks."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._frame = ""

    def go(self, url: str) -> None:
        self.browser.send("Navigate", url=url)

    def run(self, script: str, *values: Any) -> Any:
        """Run a function's body in the document that is looked at, and return what it returns."""
        until = time.monotonic() + 10
        while True:
            try:
                return self.browser.send("ExecuteScript", script=script, args=list(values))
            except RuntimeError:  # between two documents there is none to ask
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
                self._look_again()

    def _look_again(self) -> None:
        """WebKit draws a frame's next document in another process, and loses sight of the frame."""
        if self._frame:
            self.browser.send("SwitchToFrame", element=None)
            self.browser.send("SwitchToFrame", element=self.find(self._frame))

    def until(self, condition: str, *values: Any) -> None:
        """Wait until an expression is true, also over the change from one document to the next."""
        soon(lambda: bool(self.run(f"return {condition}", *values)), condition)

    def find(self, selector: str, seconds: float = 15) -> str:
        """Return the element's id once it is there."""

        def look() -> str | None:
            found = self.browser.send("FindElements", using="css selector", value=selector)
            return str(next(iter(found[0].values()))) if found else None

        return soon(look, f"{self.browser.name} shows {selector}", seconds)

    def click(self, selector: str) -> None:
        self.browser.send("ElementClick", id=self.find(selector))

    def press(self, selector: str) -> None:
        """Press a button, also one below the edge of the screen: there WebKit's driver clicks at nothing."""
        self.find(selector)
        self.run("const one = document.querySelector(arguments[0]); setTimeout(() => one.click())", selector)

    def type(self, selector: str, words: str) -> None:
        self.click(selector)
        self.browser.send("ElementSendKeys", id=self.find(selector), text=words)

    def enter(self, selector: str) -> None:
        """Look at the document of a frame from here on."""
        self.browser.send("SwitchToFrame", element=self.find(selector))
        self._frame = selector

    def leave(self) -> None:
        """Look at the outermost document again."""
        self.browser.send("SwitchToFrame", element=None)
        self._frame = ""


class Firefox:
    """A Firefox of its own, with a profile that is thrown away."""

    name = "Firefox"

    def __init__(self, folder: Path, **preferences: Any) -> None:
        assert FIREFOX
        port = free_port()
        kept = (
            QUIET
            | {"marionette.port": port}
            | {name.replace("__", "."): v for name, v in preferences.items()}
        )
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in kept.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self._process = subprocess.Popen(
            [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": str(folder), "MOZ_HEADLESS_WIDTH": "390", "MOZ_HEADLESS_HEIGHT": "844"},
        )
        self._socket = soon(lambda: _connected(port), "Firefox listens", 60)
        self._count = 0
        self._heard()  # its greeting
        self.send("NewSession")

    def send(self, command: str, **values: Any) -> Any:
        self._count += 1
        said = json.dumps([0, self._count, f"WebDriver:{command}", values]).encode()
        self._socket.sendall(str(len(said)).encode() + b":" + said)
        _kind, _number, error, result = self._heard()
        if error:
            raise RuntimeError(f"Firefox: {command}: {error.get('message')}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def _heard(self) -> Any:
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            assert byte, "Firefox hung up"
            length += byte
        said = b""
        while len(said) < int(length):
            said += self._socket.recv(int(length) - len(said))
        return json.loads(said)

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class WebKit:
    """WebKitGTK's own small browser, without a window."""

    name = "WebKit"
    PATHS = {
        "Navigate": ("POST", "/url"),
        "ExecuteScript": ("POST", "/execute/sync"),
        "FindElements": ("POST", "/elements"),
        "ElementClick": ("POST", "/element/{id}/click"),
        "ElementSendKeys": ("POST", "/element/{id}/value"),
        "SwitchToFrame": ("POST", "/frame"),
    }

    def __init__(self, folder: Path) -> None:
        assert WEBKIT
        port = free_port()
        # It wants a screen, if only a virtual one.
        self._process = subprocess.Popen(
            ["xvfb-run", "--auto-servernum", WEBKIT, f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"HOME": str(folder), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
        )
        soon(lambda: _connected(port), "WebKitWebDriver listens", 30).close()
        self._http = urllib3.PoolManager(retries=False, timeout=60)
        self._base = f"http://127.0.0.1:{port}/session"
        opened = self._ask("POST", "", {"capabilities": {"alwaysMatch": {"browserName": "MiniBrowser"}}})
        self._base += "/" + opened["sessionId"]

    def send(self, command: str, **values: Any) -> Any:
        method, path = self.PATHS[command]
        path = path.format(id=values.pop("id", ""))
        if command == "SwitchToFrame":
            values = {"id": values["element"] and {KEY: values["element"]}}
        return self._ask(method, path, values)

    def _ask(self, method: str, path: str, values: dict[str, Any]) -> Any:
        answer = self._http.request(method, self._base + path, json=values)
        said = answer.json()["value"]
        if answer.status >= 400:
            raise RuntimeError(f"WebKit: {path}: {said.get('message')}")
        return said

    def close(self) -> None:
        try:
            self._http.request("DELETE", self._base)
        finally:
            os.killpg(self._process.pid, 15)
            self._process.wait(10)


def _connected(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=60)
    except OSError:
        time.sleep(0.1)
        return None
