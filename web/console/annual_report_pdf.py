"""The report as a tagged PDF (PDF/UA-1): nothing is fetched, and where the machine cannot set pages, a sentence."""

import base64
from typing import Any
from urllib.parse import unquote_to_bytes

from rules.errors import Refused
from web.console.annual_report_pictures import ReportView
from web.rendering import HERE, rendered

STYLE = HERE / "static" / "print.css"
SVG = "data:image/svg+xml;base64,"


class NoTypesetting(Refused):
    def __init__(self) -> None:
        super().__init__(
            "This machine cannot make PDF files: it lacks Pango, a library that sets text. Whoever looks after it can "
            "install it (in Debian the package is called libpango-1.0-0 with libpangoft2-1.0-0). Until then open the "
            "report as a page and print it from the browser."
        )


class NothingIsFetched(ValueError):
    """A paper is made of what is handed to it alone."""


def pdf_of(view: ReportView) -> bytes:
    """Raises NoTypesetting."""
    try:
        import weasyprint  # its import loads Pango, and takes a moment
    except OSError:
        raise NoTypesetting from None
    images = {title: SVG + base64.b64encode(svg.encode()).decode() for title, svg in view.drawn.items() if svg}
    page = rendered("console/annual_report_paper.html", {"view": view, "images": images})
    fetcher = _fetcher()
    style = weasyprint.CSS(string=STYLE.read_text(encoding="utf-8"), url_fetcher=fetcher)
    document = weasyprint.HTML(string=page, url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", presentational_hints=False)
    return made


def _fetcher() -> Any:
    """WeasyPrint asks it for every address: drawings that the page itself holds are all there is."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyWhatIsWithin(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - as WeasyPrint calls it
            if not url.startswith(SVG):
                raise NothingIsFetched(url[:60])
            content = base64.b64decode(unquote_to_bytes(url.removeprefix(SVG)))
            return URLFetcherResponse(url, content, {"Content-Type": "image/svg+xml"})

    return OnlyWhatIsWithin()
