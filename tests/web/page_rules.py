"""What must hold of every page, read from its HTML: the names of the rules that it breaks."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
SILENT = frozenset({"script", "style", "title", "svg"})
OWN_WORDS = frozenset({"pre", "code", "textarea", "option"})  # files, addresses and people's own words
INPUTS = frozenset({"input", "select", "textarea", "button"})
OURS = "127.0.0.1:8400"
# What a program would print and a person does not say.
UNSPOKEN = {
    "an instant": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"),
    "a day as programs write it": re.compile(r"(?<![\w/:-])\d{4}-\d\d-\d\d(?![\w:-])"),
    "a value": re.compile(r"\bNone\b(?! [a-z]|:)|\b(?:True|False)\b(?! [a-z])"),
    "a name with underscores": re.compile(r"(?<![@/.\w-])[a-z]+(?:_[a-z]+)+\b(?![@/.])"),
    "a member's name": re.compile(r"\b[A-Z][a-z]+[A-Za-z]*\.[A-Z]{2,}\b"),
    "an object": re.compile(r"<[\w.]+ object at|\bdatetime\.|\{\{|\}\}"),
    "a number without end": re.compile(r"\d\.\d{5,}"),
}
COMMAND = re.compile(r"\bconcordat [a-z]+\b|(?<![\w-])--[a-z][a-z-]+")


class PageRead(HTMLParser):
    """The parts of a page that rules are about. `said` is what is seen, `spoken` without people's own words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.links: list[str] = []
        self.forms: list[tuple[str, str]] = []  # method, action
        self.ids: list[str] = []
        self.focusable: set[str] = set()
        self.summary: list[str] = []  # where the links of the error summary lead
        self.inline: list[str] = []
        self.images_without_words = 0
        self.lang, self.title, self.said, self.spoken = "", "", "", ""
        self._open: list[tuple[str, str]] = []  # tag, class
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, found.get("class", "")))
        self._note_inline(tag, found)
        if "id" in found:
            self.ids.append(found["id"])
            if (tag in INPUTS and found.get("type") != "hidden") or "tabindex" in found or tag == "a":
                self.focusable.add(found["id"])
        match tag:
            case "html":
                self.lang = found.get("lang", "")
            case "h1":
                self.headings.append("")
            case "a" if "href" in found:
                self.links.append(found["href"])
                if any("govuk-error-summary" in names for _, names in self._open):
                    self.summary.append(found["href"])
            case "form":
                self.forms.append((found.get("method", "get").lower(), found.get("action", "")))
            case "img" if "alt" not in found:
                self.images_without_words += 1
            case "br" | "p" | "li" | "td" | "th" | "dd" | "dt" | "div" | "option" | "label":
                self.said, self.spoken = self.said + "\n", self.spoken + "\n"

    def _note_inline(self, tag: str, found: dict[str, str]) -> None:
        drawn = any(name == "svg" for name, _ in self._open)
        if "style" in found and not drawn:
            self.inline.append(f"style on <{tag}>")
        self.inline.extend(f"{name} on <{tag}>" for name in found if name.startswith("on"))
        if (tag == "style" and not drawn) or (tag == "script" and not found.get("src")):
            self.inline.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if "title" in tags and "svg" not in tags:
            self.title += data
        if "h1" in tags and self.headings:
            self.headings[-1] += data
        if tags & SILENT:
            return
        self.said += data
        if not tags & OWN_WORDS and not any("concordat-said" in names for _, names in self._open):
            self.spoken += data


def faults(html: str, *, for_people: bool) -> Iterator[str]:
    """`for_people`: of parties, reporters and the public, who know no commands."""
    page = PageRead(html)
    if len(page.headings) != 1 or not page.headings[0].strip():
        yield f"{len(page.headings)} h1"
    if page.lang != "en":
        yield "no lang"
    if not page.title.strip() or page.title.strip().startswith("–"):
        yield "no title"
    if page.images_without_words:
        yield "an image without alt"
    yield from (f"inline: {each}" for each in page.inline)
    yield from (f"id twice: {each}" for each in sorted({each for each in page.ids if page.ids.count(each) > 1}))
    yield from (f"a form leaves: {action}" for _, action in page.forms if not is_ours(action))
    yield from (f"no such part: #{part}" for part in parts_linked(page) if part not in page.ids)
    for what, shape in UNSPOKEN.items():
        if match := shape.search(page.spoken):
            yield f"{what}: “{page.spoken[max(0, match.start() - 30) : match.end() + 30].strip()}”"
    if for_people and (match := COMMAND.search(page.said)):
        yield f"a command: “{page.said[max(0, match.start() - 40) : match.end() + 40].strip()}”"


def is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("", "http", "https") and parts.netloc in ("", OURS)


def parts_linked(page: PageRead) -> set[str]:
    return {each[1:] for each in page.links if each.startswith("#") and len(each) > 1}


def own_links(page: PageRead, at: str) -> set[str]:
    """Paths, as from the page at `at`; without what stands behind a # or comes of another place."""
    found = set()
    for each in page.links:
        parts = urlsplit(each)
        if parts.scheme in ("mailto", "tel", "webcal") or not is_ours(each) or each.startswith("#"):
            continue
        path = parts.path or at
        found.add((path if path.startswith("/") else at.rpartition("/")[0] + "/" + path) + _query(parts.query))
    return found


def _query(query: str) -> str:
    return f"?{query}" if query else ""
