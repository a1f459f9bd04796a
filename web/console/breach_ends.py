"""How a breach ends, is merged into another, or begins anew; and which parties it concerns."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from actions.breaches.affecting import affect, not_affected
from actions.breaches.breach_lines import breach_lines
from actions.breaches.closing import close, end_early
from actions.breaches.merging import merge
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.reopening import reopen
from actions.cast import active_parties
from actions.policy import today_of
from models.breach import BreachOutcome
from rules.breach import Stage
from rules.sentences import listed
from web.console.breach_acts import Because, breach_act, breach_of, done, page_of_breach, party_act
from web.declaring import DECIDES, Asked, Done, Nothing
from web.fields import choice, pick, words

OUTCOMES = (
    (BreachOutcome.NEAR_MISS.value, "A near miss", "It could have been a breach, and was none"),
    (BreachOutcome.NOT_A_BREACH.value, "Not a breach", "The report turned out to be of something else"),
)


DIFFER = "Facts stay as they are in each; of what a party concluded, the stricter stands. Look again."


class Affects(BaseModel):
    party: str = pick("Which party may it concern?", missing="Choose the party")
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


class Ends(BaseModel):
    outcome: str = choice("What was it instead?", OUTCOMES, missing="Choose what it was")
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


class Merges(BaseModel):
    into: str = pick("Which breach goes on for both?", missing="Choose the breach that goes on for both")
    because: str = words("Why are they the same?", missing="Say why they are the same", rows=3, longest=2000)


def _parties(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Those that do not follow it up now."""
    breach = breach_of(asked)
    protocol = protocol_of(asked.session, breach)
    going_on = {each.party_id for each in follow_ups_of(asked.session, breach, still_open=True)}
    parties = active_parties(asked.session, protocol, today_of(protocol, asked.now))
    return {"party": tuple((each.slug, each.name) for each in parties if each.id not in going_on)}


def _affect(asked: Asked, given: Affects) -> Done:
    number = asked.place["breach"]
    affect(asked.session, asked.now, number, given.party, asked.caller.by, given.because)
    return done(asked, f"Breach {number} may concern {given.party}: its follow-up begins.", concerns=given.party)


def _not_affected(asked: Asked, given: Because) -> Done:
    number, slug = asked.place["breach"], asked.place["party"]
    not_affected(asked.session, asked.now, number, slug, asked.caller.by, given.because)
    return done(asked, "It does not concern this party; the reason is recorded.", page_of_breach(number))


def _others(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    breach = breach_of(asked)
    lines = breach_lines(asked.session, asked.now, protocol_of(asked.session, breach), ended=False)
    others = (each for each in lines if each.number != breach.id)
    return {
        "into": tuple(
            (str(each.number), f"Breach {each.number}: {listed(each.parties) or each.stage}") for each in others
        )
    }


def _merge(asked: Asked, given: Merges) -> Done:
    number, into = asked.place["breach"], int(given.into)
    differing = merge(asked.session, asked.now, number, into, asked.caller.by, given.because)
    differ = f" They differ in: {listed(differing)}. {DIFFER}" if differing else ""
    return done(asked, f"Breach {number} goes on as breach {into}.{differ}", page_of_breach(into), into=into,
                differing=differing)  # fmt: skip


def _close(asked: Asked, _given: object) -> Done:
    close(asked.session, asked.now, asked.place["breach"], asked.caller.by)
    return done(asked, f"Breach {asked.place['breach']} is closed.")


def _end(asked: Asked, given: Ends) -> Done:
    outcome = BreachOutcome(given.outcome)
    end_early(asked.session, asked.now, asked.place["breach"], outcome, asked.caller.by, given.because)
    return done(asked, f"Breach {asked.place['breach']} is recorded as {outcome}.", outcome=outcome.value)


def _reopen(asked: Asked, given: Because) -> Done:
    number, was_open = asked.place["breach"], breach_of(asked).stage is not Stage.CLOSED
    reopen(asked.session, asked.now, number, asked.caller.by, given.because)
    return done(asked, f"Breach {number} is open {'already: nothing has been changed' if was_open else 'again'}.")


ACTS = (
    breach_act("affect", "Add a party that it may concern", _affect, Affects, command="breach affect", button="Add it",
               choices=_parties, words="Its follow-up begins, by its own procedure."),
    party_act("not-affected", "Say that a party is not concerned", "Is {party} not concerned?", _not_affected,
              command="breach not-affected", who=DECIDES, button="It is not concerned",
              words="Its follow-up ends, and its clocks with it."),
    breach_act("merge", "Merge into another breach", _merge, Merges, command="breach merge", who=DECIDES,
               button="Merge", choices=_others, grave=True,
               words="The same was reported twice: one goes on for both. This one is closed."),
    breach_act("close", "Close the breach", _close, Nothing, command="breach close", who=DECIDES, button="Close it",
               words="Every follow-up has ended. It can be reopened."),
    breach_act("end", "End as a near miss, or as no breach", _end, Ends, command="breach end", who=DECIDES,
               button="End it", grave=True, words="Every follow-up ends with it. It can be reopened."),
    breach_act("reopen", "Reopen the breach", _reopen, command="breach reopen", who=DECIDES, button="Reopen it",
               words="Everything that was recorded stays. Each follow-up is assessed again."),
)  # fmt: skip
