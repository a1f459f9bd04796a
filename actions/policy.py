"""The protocol's own policies, read from its row."""

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from models.obligation import ObligationKind
from models.protocol import Protocol, Role
from models.protocol_file import Operating, Policies
from models.protocol_file.complaints import KindPolicy
from rules.anchors import counted
from rules.complaint import ComplaintKind
from rules.deadlines import deadline
from rules.decisions import DecisionPolicy, DecisionRule
from rules.instants import elapsed, local_day, zone_named
from rules.ladders import Ladder
from rules.periods import Period, parse_period
from rules.procedures import Urgency
from rules.working_days import Holidays, working_day_on_or_after


def policies_of(protocol: Protocol) -> Policies:
    return _policies(_written(protocol.policies))


def operating_of(protocol: Protocol) -> Operating:
    return _operating(_written(protocol.operating))


def _written(stated: dict[str, Any]) -> str:
    """A row's own value is replaced, never changed: what is asked four times for every complaint is written once."""
    number = id(stated)
    if number not in _WRITTEN or _WRITTEN[number][0] is not stated:
        if len(_WRITTEN) >= 64:
            _WRITTEN.clear()
        _WRITTEN[number] = (stated, json.dumps(stated))
    return _WRITTEN[number][1]


_WRITTEN: dict[int, tuple[dict[str, Any], str]] = {}  # with the value, so that no other has its number meanwhile


@lru_cache(maxsize=64)
def _policies(text: str) -> Policies:
    return Policies.model_validate_json(text)


@lru_cache(maxsize=64)
def _operating(text: str) -> Operating:
    return Operating.model_validate_json(text)


def ladder_of(protocol: Protocol, kind: ObligationKind) -> Ladder:
    return operating_of(protocol).ladder(kind)


def zone_of(protocol: Protocol) -> ZoneInfo:
    return zone_named(protocol.zone)


def today_of(protocol: Protocol, now: datetime) -> date:
    return local_day(now, zone_of(protocol))


def decision_policy_of(protocol: Protocol) -> DecisionPolicy:
    stated = policies_of(protocol).changes
    return DecisionPolicy(
        rule=DecisionRule(stated.decision_rule), quorum=stated.quorum or 0, decider=stated.decider or ""
    )


def advice_is_asked(protocol: Protocol) -> bool:
    """Unless the protocol says that none is taken; where it says nothing, doing without is a recorded choice."""
    return policies_of(protocol).changes.advice != "none"


def minor_versions_are_signed(protocol: Protocol) -> bool:
    return policies_of(protocol).changes.minor_version == "sign"


def in_force_while_signing(protocol: Protocol) -> bool:
    return policies_of(protocol).signing.effective != "last signature"


def who_confirms(protocol: Protocol) -> Role | None:
    """Who at a party says that the procedures are in place; None where the protocol asks nobody."""
    return {
        "lead member confirms": Role.LEAD_MEMBER,
        "designated person": Role.DESIGNATED_PERSON,
    }.get(policies_of(protocol).membership.implementation)


def window_of(protocol: Protocol, name: str) -> Period:
    return operating_of(protocol).window(name)


def complaint_clocks(protocol: Protocol, kind: ComplaintKind) -> KindPolicy:
    return operating_of(protocol).of_complaints(kind)


def due_after(protocol: Protocol, window: str, now: datetime, holidays: Holidays | None = None) -> date:
    """The window of that name, counted from today, ending on a working day. Raises BeyondPublishedHolidays."""
    day = counted(window_of(protocol, window), today_of(protocol, now), nation=protocol.nation, holidays=holidays)
    return working_day_on_or_after(day, protocol.nation, holidays)


def allowance_of(protocol: Protocol, name: str) -> Period:
    """Hours or minutes by which Concordat asks again where neither law nor procedure gives a figure."""
    return parse_period(getattr(operating_of(protocol).allowances, name))


def allowance_after(protocol: Protocol, urgency: Urgency | None, now: datetime) -> datetime | date:
    """When to look again at a step that has no date of its own: soon where it is urgent, else by the step window."""
    if urgency is None:
        return due_after(protocol, "step", now)
    name = {Urgency.IMMEDIATELY: "immediately", Urgency.UNDUE_DELAY: "undue_delay"}[urgency]
    return elapsed(now, 0, allowance_of(protocol, name).count)


def partners_have_a_clock(protocol: Protocol) -> bool:
    return policies_of(protocol).breaches.partner_notification not in ("none", "unspecified")


def partners_at_once(protocol: Protocol) -> bool:
    """Its clock between partners is a word, without a figure."""
    return policies_of(protocol).breaches.partner_notification == Urgency.IMMEDIATELY


def partners_due(protocol: Protocol, now: datetime, holidays: Holidays | None = None) -> datetime | date:
    """By when partners are told under the protocol's own clock, where it sets one; where that is “immediately”, when
    Concordat asks again. Raises BeyondPublishedHolidays."""
    stated = policies_of(protocol).breaches.partner_notification
    if partners_at_once(protocol):
        return allowance_after(protocol, Urgency.IMMEDIATELY, now)
    period = parse_period(stated)
    return deadline(period, now, nation=protocol.nation, zone=zone_of(protocol), holidays=holidays).due
