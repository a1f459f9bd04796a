"""A complaint that is determined is on the secretary's list until it is closed or looked at again: once whoever
complained has been told, nobody owes anything in it, and it would wait unseen."""

from datetime import datetime

from sqlmodel import Session, func, select

from actions.complaints.moving import protocol_of
from actions.complaints.standing import result_of
from actions.matters import close_matter, keyed_from, open_matter, open_matters
from models.complaint import Complaint
from models.history import History
from models.protocol import MatterKind, Party
from rules.complaint import Step

DETERMINED = ":determined:"  # in the key, between the complaint and how often it was


def times_determined(session: Session, complaint: Complaint) -> int:
    of_it = select(func.count()).where(History.case == complaint.case, History.what == Step.DETERMINE.value)
    return session.exec(of_it).one()


def put_on_the_list(session: Session, now: datetime, complaint: Complaint) -> None:
    about, result = session.get_one(Party, complaint.party_id).name, result_of(session, complaint)
    open_matter(
        session, now, protocol_of(session, complaint), MatterKind.COMPLAINT,
        f"{complaint.case}{DETERMINED}{times_determined(session, complaint)}",
        f"Complaint {complaint.id}, about {about}, was determined ({result}) and is not closed.",
        "Record what follows from it, tell whoever complained what came of it, and close it: "
        f"`concordat complaint show {complaint.id}`.",
        source=complaint.case,
    )  # fmt: skip


def take_off_the_list(session: Session, now: datetime, complaint: Complaint, outcome: str) -> None:
    protocol = protocol_of(session, complaint)
    for matter in open_matters(session, protocol, keyed_from(protocol, f"{complaint.case}{DETERMINED}")):
        close_matter(session, now, matter, outcome)
