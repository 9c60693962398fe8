"""What may a page on paper fetch? The bundled fonts and ``data:`` addresses, nothing else."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import Any

FONTS = "townline-font:"
FACES = {"400": "Regular", "600": "Semibold", "700": "Bold"}


def font_css() -> str:
    """Return the rules that bring the bundled face; only the renderer can follow their addresses."""
    return "".join(
        f'@font-face{{font-family:"Source Sans Pro";font-weight:{weight};src:url("{FONTS}{name}")}}'
        for weight, name in FACES.items()
    )


def own_fetcher() -> Any:
    """Return WeasyPrint's fetcher, cut down to what is ours."""
    urls = import_module("weasyprint.urls")

    class OwnThingsOnly(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Hands out bundled fonts and ``data:`` addresses; everything else is refused unread."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(FONTS) and url.removeprefix(FONTS) in FACES.values():
                font = (
                    files("font_source_sans_pro") / "files" / f"SourceSansPro-{url.removeprefix(FONTS)}.otf"
                )
                return urls.URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/otf"})
            if url.startswith("data:"):
                return super().fetch(url, headers)
            raise ValueError(f"{url[:200]} is not ours, so it was not fetched")

    return OwnThingsOnly(allowed_protocols=("data",), allow_redirects=False)
