"""The public pages."""

from web.declaring import ANYBODY, Asked, Page


def _read(asked: Asked) -> dict[str, object]:
    return {"protocol": asked.protocol}


PAGES = (Page(path="/", title="The protocol", who=ANYBODY, read=_read, template="public/home.html", in_menu="/"),)
