"""The link in every message to a party: looking changes nothing, pressing the button begins the visit."""

from actions.access.party_links import follow, party_link, secretary_address, send_new_link
from actions.access.sessions import end_session
from actions.cast import known_id
from web.declaring import ANYBODY, PARTIES_AND_ADVISER, Act, Asked, Done, Page


def _about(asked: Asked, _given: object) -> dict[str, object]:
    link = party_link(asked.session, asked.now, asked.place["link"])
    return {"link": link, "said": asked.place["link"], "secretary": secretary_address(asked.session, link)}


def _enter(asked: Asked, _given: object) -> Done:
    secret, link = follow(asked.session, asked.now, asked.place["link"])
    return Done(sentence="", to="/party", cookie=secret, facts={"case": link.case})


def _out(asked: Asked, _given: object) -> Done:
    """As from a shared computer: the link itself still works, for whoever can read the message."""
    assert asked.caller.session is not None
    end_session(asked.session, asked.now, known_id(asked.caller.session))
    sentence = "Your visit has ended. To come back, open the link in your newest message."
    return Done(sentence=sentence, to=f"/protocols/{asked.protocol.slug}", cookie="")


def _renew(asked: Asked, _given: object) -> Done:
    send_new_link(asked.session, asked.now, asked.place["link"])
    return Done(sentence="", to="/link-sent")


PAGES = (
    Page(
        path="/link-sent",
        title="A new link is on its way",
        who=ANYBODY,
        read=lambda _: {},
        template="public/link_sent.html",
    ),
)
ACTS = (
    Act(path="/p/{link}", title="Your page", who=ANYBODY, do=_enter, button="Open my page", before=_about,
        template="public/party_link.html"),
    Act(path="/p/{link}/new", title="Ask for a new link", who=ANYBODY, do=_renew, button="Send me a new link",
        before=_about, template="public/party_link_new.html"),
    Act(path="/party/sign-out", title="End my visit", who=PARTIES_AND_ADVISER, do=_out, button="End my visit",
        words="Your visit ends on this device. The link in your newest message opens your page again."),
)  # fmt: skip
