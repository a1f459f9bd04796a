"""Who hears a reminder, and in which words: asked alike by the sender and by the forecast."""

from dataclasses import dataclass

from rules.ladders import Recipient

TO_OWNER = "duty_reminder"
TO_DEPUTY = "duty_escalated_to_deputy"
TO_SECRETARY = "duties_escalated_to_secretary"


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, as far as reminding is concerned. A bounced address is not reachable until it is corrected."""

    contact: int
    address: str
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class People:
    owner: Person
    deputy: Person | None
    secretary: Person


def hears(to: Recipient, people: People) -> Person:
    """Where a party has named no deputy, what would go to the deputy goes to the secretary."""
    match to:
        case Recipient.OWNER:
            return people.owner
        case Recipient.DEPUTY:
            return people.deputy or people.secretary
        case Recipient.SECRETARY:
            return people.secretary


def in_the_words_of(person: Person, people: People) -> str:
    """The message's kind. Whoever owes it is reminded, also where the rung was meant for somebody else."""
    if person == people.owner:
        return TO_OWNER
    return TO_SECRETARY if person == people.secretary else TO_DEPUTY
