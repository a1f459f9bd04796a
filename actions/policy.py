"""The protocol's own policies, read from its row."""

import json
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.obligation import ObligationKind
from models.protocol import Protocol
from models.protocol_file import Operating, Policies
from rules.anchors import counted
from rules.decisions import DecisionPolicy, DecisionRule
from rules.instants import local_day, zone_named
from rules.ladders import Ladder
from rules.working_days import working_day_on_or_after


def policies_of(protocol: Protocol) -> Policies:
    return _policies(json.dumps(protocol.policies))


def operating_of(protocol: Protocol) -> Operating:
    return _operating(json.dumps(protocol.operating))


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


def decision_policy_of(protocol: Protocol) -> DecisionPolicy:
    stated = policies_of(protocol).changes
    return DecisionPolicy(
        rule=DecisionRule(stated.decision_rule), quorum=stated.quorum or 0, decider=stated.decider or ""
    )


def due_after(protocol: Protocol, window: str, now: datetime) -> date:
    """The window of that name, counted from today, ending on a working day."""
    period = operating_of(protocol).window(window)
    day = counted(period, local_day(now, zone_of(protocol)), nation=protocol.nation)
    return working_day_on_or_after(day, protocol.nation)
