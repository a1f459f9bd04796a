"""What the API's document says beside what the fields say themselves: kinds of case, errors, filters, answers."""

import mimetypes
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from web.declaring import Page, api_path

DESCRIPTION = """\
What the console's pages show and do, for programs. Every GET shows what the page of the same address shows; every POST
does what its form does, by the same rules.

* **Signing in**: `Authorization: Bearer …`, with a token made in the console under “Access”. A token does at most what
  its owner may do.
* **Sent twice, done once**: every POST takes an `Idempotency-Key`. The same key with the same body is answered as the
  first time, and nothing is done again; with another body it is refused (409). A request that failed leaves its key
  free. Keys are remembered for seven days.
* **Times**: days are ISO dates (`2027-03-31`), by the protocol's calendar; instants are ISO with their zone
  (`2027-03-31T08:00:00+00:00`). One without a zone is refused.
* **Files** are sent as `{"name": …, "text": …}`.
* **Long lists** come in pieces: `after` and `before` take the number of a row, and the answer's `links` hold the
  addresses of the next piece and the one before.
* **Errors**: `{"detail": "a sentence"}`, and with 422 also `fields`: for each field what to do about it.
"""

# The first word of an address, and whose it is. Anything else belongs to the last.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Reviews": ("A protocol's review from its opening to its adoption, and the proposals in it.",
                ("reviews", "proposals", "calendar")),
    "Versions": ("What was adopted, who has signed and who has confirmed.",
                 ("versions", "confirmations", "signatures", "protocols", "documents")),
    "Breaches": ("Reports of breaches, and what each party has to do by when.",
                 ("breaches", "reports", "reporter-questions", "severity")),
    "Complaints": ("Complaints, their findings, and what follows from them.", ("complaints", "findings")),
    "Gaps": ("Where the protocol itself is wanting, and the threads that lead there.", ("gaps", "threads")),
    "Legislation": ("The law that the protocol rests on.", ("legislation",)),
    "Procedures": ("What a party does step by step.", ("procedures",)),
    "Parties": ("Parties, their contacts and what becomes of them.",
                ("parties", "add-party", "contacts", "successions")),
    "Owed": ("Who owes what by when.", ("obligations", "forecast", "matters")),
    "Messages": ("The outbox: what was said to whom, and what became of it.", ("outbox", "messages")),
    "Running it": ("Users, history, automatic runs, and the year in numbers.", ()),
}  # fmt: skip
LAST_KIND = list(KINDS)[-1]
TAGS: list[dict[str, Any]] = [{"name": kind, "description": said} for kind, (said, _) in KINDS.items()]


class Problem(BaseModel):
    """Why something was not shown or not done, in a sentence that says what to do."""

    detail: str = Field(examples=["An answer is missing or wrong."])
    fields: dict[str, str] | None = Field(
        default=None, description="Only with 422: by field.", examples=[{"because": "Say why"}]
    )


class DoneSaid(BaseModel):
    """What was done. Beside the sentence stand the facts of the act, such as the number of what was made."""

    model_config = ConfigDict(extra="allow")
    done: str = Field(examples=["Everyone concerned is told."])
    page: str | None = Field(default=None, description="Where a page shows how it goes on.")


class View(BaseModel):
    """What the page of the same address knows."""

    model_config = ConfigDict(extra="allow")


ANSWERS: tuple[type[BaseModel], ...] = (Problem, DoneSaid, View)
JSON, SCHEMAS = "application/json", "#/components/schemas/"
ERRORS = {
    401: "No token, or one that is over.",
    403: "The token's owner may not do this.",
    404: "There is no such thing.",
    409: "A rule says no: the sentence says which and what to do. Or the key was used for something else.",
    413: "More than 2 MB came.",
    422: "Something is missing or wrong: `fields` says what.",
    429: "This was tried too often.",
    503: "The database cannot be reached: nothing was kept, send it again.",
}


def kind_of_case(path: str) -> str:
    """Of `/api/breaches/{breach}/close`, “Breaches”."""
    first = path.removeprefix("/api/").partition("/")[0].partition(".")[0]
    return next((kind for kind, (_, words) in KINDS.items() if first in words), LAST_KIND)


def answers_of(page: Page) -> dict[int | str, dict[str, Any]]:
    """A page whose address ends like a file's answers that file."""
    media = media_type_of(page.path)
    if media is not None:
        return {200: {"description": page.title, "content": {media: {"schema": {"type": "string"}}}}}
    if page.view is not None:
        return {200: {"description": page.title, "model": page.view}}
    return {200: answered(View, page.title)}


def answered(model: type[BaseModel], said: str) -> dict[str, Any]:
    """FastAPI would make a validator for each model of each answer, which is most of what starting costs."""
    return {"description": said, "content": {JSON: {"schema": {"$ref": SCHEMAS + model.__name__}}}}


def media_type_of(path: str) -> str | None:
    ending = path.rpartition("/")[2].rpartition(".")
    if not ending[1] or "}" in ending[2]:
        return None
    known = {"json": JSON, "csv": "text/csv", "ics": "text/calendar", "mmd": "text/plain", "svg": "image/svg+xml"}
    return known.get(ending[2]) or mimetypes.types_map.get(f".{ending[2]}", "application/octet-stream")


def filters_of(page: Page) -> dict[str, Any]:
    """The question mark's part of the address; whoever leaves it out gets everything, or the first piece."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": said,
             "schema": {"type": "string", "maxLength": 200}}
            for name, said in page.filters.items()
        ]
    }  # fmt: skip


def name_of(path: str) -> str:
    """`/api/reviews/{review:int}/open` is `ReviewsReviewOpen`: a name that a generated client can use."""
    words = (api_path(path) or path).removeprefix("/api").replace("{", "").replace("}", "")
    for sign in "-.":
        words = words.replace(sign, "/")
    return "".join(word.partition(":")[0].capitalize() for word in words.split("/"))
