"""Nine procedures that public bodies publish, written in our files: what each says is there, and runs on its clocks."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.procedure_file import as_content, from_content, read_procedure
from rules.breach_facts import UNKNOWN
from rules.procedure_limits import due_of
from rules.procedure_steps import StepEnded, StepState, StepView, states
from rules.procedure_words import words
from rules.procedure_worst_case import worst_case
from rules.procedures import Clock, Moment, Procedure, Standing, Urgency
from rules.working_days import Nation

FIXTURES = Path(__file__).parent / "fixtures"
ALL = sorted(path.stem for path in FIXTURES.glob("*.yaml"))
FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)  # 16:20 BST; the clocks go back on Sunday


def procedure(name: str) -> Procedure:
    return read_procedure(FIXTURES / f"{name}.yaml")


def hours(read: Procedure, step: str) -> tuple[int, Moment, Clock]:
    limit = read.steps[step].limit
    assert limit is not None
    assert limit.period is not None
    return limit.period.count // 60, limit.moment, limit.clock


def urgency(read: Procedure, step: str) -> tuple[Urgency | None, Moment]:
    limit = read.steps[step].limit
    assert limit is not None
    return limit.urgency, limit.moment


def opened(read: Procedure, known: dict | None = None, *done: str) -> list[str]:
    ended = {step: StepEnded(at=FRIDAY) for step in done}
    views = states(read, known or {}, ended)
    return [step for step, view in views.items() if view.state is StepState.OPEN]


def due(read: Procedure, step: str, nation: Nation = Nation.ENGLAND_AND_WALES, **moments: datetime):
    return due_of(read.steps[step].limit, moments, nation)


def condition(read: Procedure, step: str) -> str:
    found = read.steps[step].when
    assert found is not None
    return words(found)


def test_there_are_nine_of_them():
    assert len(ALL) == 9


@pytest.mark.parametrize("name", ALL)
def test_each_comes_back_from_its_content_and_names_its_source(name):
    read = procedure(name)
    assert from_content(as_content(read)) == read
    assert read.sources
    assert read.id == name


class TestProbation:
    read = property(lambda self: procedure("hmpps-probation"))

    def test_it_covers_losses_suspected_losses_and_near_misses(self):
        assert self.read.covers == ("loss", "suspected loss", "near miss")

    def test_both_steps_are_any_members_of_staff_and_wait_for_nothing(self):
        assert [(step.by, step.after) for step in self.read.steps.values()] == [("staff", ()), ("staff", ())]
        assert self.read.roles["staff"].name == "any member of staff"
        assert opened(self.read) == ["report", "tell-manager"]

    def test_one_goes_to_infosec_by_the_reporting_line_the_other_to_the_manager_or_another(self):
        read = self.read
        assert "reporting line" in read.steps["report"].do
        assert read.steps["report"].inform == ("infosec",)
        assert read.steps["tell-manager"].inform == ("responsible-manager",)
        assert read.roles["responsible-manager"].fallback == ("another-manager",)

    def test_both_have_one_hour_from_knowing_or_suspecting(self):
        assert hours(self.read, "report") == (1, Moment.SUSPECTED, Clock.ELAPSED)
        assert hours(self.read, "tell-manager") == (1, Moment.SUSPECTED, Clock.UNSPECIFIED)
        assert "Immediately" in (self.read.steps["report"].note or "")

    def test_the_hour_runs_through_the_night_of_the_clock_change(self):
        suspected = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 BST, half an hour before the clocks go back
        found = due(self.read, "report", suspected=suspected)
        assert found.instant == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert "the clocks go back" in found.because

    def test_whoever_only_detected_it_suspected_it_by_then(self):
        assert due(self.read, "report", detected=FRIDAY).instant == datetime(2026, 10, 23, 16, 20, tzinfo=UTC)
        assert due(self.read, "report") is None


class TestWycombe:
    read = property(lambda self: procedure("wycombe-dc"))

    def test_staff_report_at_once_from_awareness(self):
        assert self.read.steps["report"].by == "staff"
        assert urgency(self.read, "report") == (Urgency.IMMEDIATELY, Moment.AWARE)
        assert due(self.read, "report", aware=FRIDAY) is None, "no hour is invented"

    def test_the_dpo_has_eight_hours_of_no_said_kind_from_the_notification(self):
        step = self.read.steps["review"]
        assert (step.by, step.after, step.inform) == ("dpo", ("report",), ("siro", "chief-executive"))
        assert hours(self.read, "review") == (8, Moment.NOTIFIED, Clock.UNSPECIFIED)
        found = due(self.read, "review", notified=FRIDAY)
        assert found.instant == datetime(2026, 10, 23, 23, 20, tzinfo=UTC)
        assert "does not say which hours" in found.because

    def test_what_is_severe_goes_to_the_dpo_and_the_rest_to_the_board(self):
        read = self.read
        assert condition(read, "recommend") == "the severity is at least high"
        assert condition(read, "pass-on") == "the severity is not at least high"
        assert {read.steps[step].by for step in ("recommend", "pass-on")} == {"siro"}
        assert (read.steps["recommend"].inform, read.steps["pass-on"].inform) == (("dpo",), ("board",))
        assert opened(read, {"severity": "very high"}, "report", "review") == ["recommend"]
        assert opened(read, {"severity": "medium"}, "report", "review") == ["pass-on"]
        assert opened(read, {}, "report", "review") == [], "nobody knows yet which"

    @pytest.mark.parametrize("step", ["recommend", "pass-on"])
    def test_both_have_48_hours_from_the_notification(self, step):
        assert hours(self.read, step) == (48, Moment.NOTIFIED, Clock.UNSPECIFIED)
        assert due(self.read, step, notified=FRIDAY).instant == datetime(2026, 10, 25, 15, 20, tzinfo=UTC)
        assert due(self.read, step, aware=FRIDAY) is None, "awareness is not its clock"

    def test_its_48_hours_may_pass_72_from_awareness(self):
        notify = {case.step: case for case in worst_case(self.read)}["notify"]
        assert (notify.hours, notify.over_72) == (None, True)
        assert notify.note.endswith("takes at most 24 hours")


class TestHealthToolkit:
    read = property(lambda self: procedure("nhs-dspt-std6"))

    def test_it_is_for_health_bodies_and_covers_near_misses(self):
        assert self.read.standing is Standing.MODEL
        assert self.read.kinds == ("nhs-trust", "integrated-care-board", "gp")
        assert self.read.covers == ("breach", "near miss")

    def test_the_organisation_acts_at_once_when_it_happens(self):
        assert urgency(self.read, "act") == (Urgency.IMMEDIATELY, Moment.OCCURRED)

    def test_senior_management_hears_inside_twelve_hours_of_detection(self):
        assert hours(self.read, "senior-management") == (12, Moment.DETECTED, Clock.ELAPSED)
        assert self.read.steps["senior-management"].inform == ("senior-management",)
        found = due(self.read, "senior-management", detected=datetime(2026, 10, 24, 18, tzinfo=UTC))
        assert found.instant == datetime(2026, 10, 25, 6, tzinfo=UTC)

    def test_the_commissioner_hears_inside_72_hours_of_awareness_where_there_is_a_risk(self):
        assert hours(self.read, "notify") == (72, Moment.AWARE, Clock.ELAPSED)
        assert self.read.steps["notify"].duty == "regulator"
        assert condition(self.read, "notify") == "the risk is at least likely"
        assert due(self.read, "notify", aware=FRIDAY).instant == datetime(2026, 10, 26, 15, 20, tzinfo=UTC)

    def test_people_are_told_without_undue_delay_where_the_risk_is_high(self):
        assert urgency(self.read, "tell-people")[0] is Urgency.UNDUE_DELAY
        assert condition(self.read, "tell-people") == "the risk is high"

    def test_every_breach_is_recorded_and_nis_ones_are_forwarded(self):
        assert "Every breach" in (self.read.steps["record"].note or "")
        assert self.read.steps["forward"].inform == ("dhsc",)
        known = {"risk": "unlikely", "NIS criteria met": True}
        assert opened(self.read, known) == ["act", "senior-management", "record", "forward"]


class TestTwoForces:
    read = property(lambda self: procedure("kent-essex-police"))

    def test_two_parties_share_it_and_each_asks_its_own_dpo_or_the_delegate(self):
        assert self.read.parties == ("kent-police", "essex-police")
        assert "of the force concerned" in self.read.roles["dpo"].name
        assert self.read.roles["dpo"].fallback == ("delegate",)
        assert self.read.steps["refer"].by == "dpo"

    def test_all_staff_report_without_a_limit_whether_deliberate_or_not(self):
        assert self.read.steps["report"].limit is None
        assert "deliberate or accidental" in self.read.steps["report"].do
        assert self.read.roles["staff"].name == "all staff"

    def test_a_likely_risk_goes_to_the_commissioner_inside_72_hours(self):
        assert hours(self.read, "refer") == (72, Moment.AWARE, Clock.ELAPSED)
        assert self.read.steps["refer"].duty == "regulator"
        assert opened(self.read, {"risk": "likely"}, "report") == ["refer"]
        assert opened(self.read, {"risk": "unlikely"}, "report") == []


class TestEastDevon:
    read = property(lambda self: procedure("east-devon-dc"))

    def test_staff_tell_the_manager_then_either_sends_the_form_to_the_dpo_or_else_the_siro(self):
        read = self.read
        assert (read.steps["tell-manager"].by, read.steps["tell-manager"].inform) == ("staff", ("line-manager",))
        assert (read.steps["form"].by, read.steps["form"].inform) == ("line-manager", ("dpo",))
        assert read.roles["line-manager"].fallback == ("staff",)
        assert read.roles["dpo"].fallback == ("siro",)

    def test_every_breach_is_investigated_without_a_condition(self):
        assert self.read.steps["investigate"].when is None
        assert len(self.read.covers) == 7

    def test_significant_harm_to_one_or_a_large_number_is_enough_to_notify(self):
        assert condition(self.read, "notify") == "significant harm is likely, or a large number of people is concerned"
        done = ("tell-manager", "form", "investigate")
        assert opened(self.read, {"significant harm likely": True}, *done) == ["notify"]
        assert opened(self.read, {"large number": True, "significant harm likely": False}, *done) == ["notify"]
        assert opened(self.read, {"large number": False, "significant harm likely": False}, *done) == []

    def test_it_names_no_limits(self):
        assert all(step.limit is None for step in self.read.steps.values())
        assert {case.note for case in worst_case(self.read)} == {"no figure"}


class TestMoray:
    read = property(lambda self: procedure("moray"))

    def test_staff_tell_the_manager_at_once_when_known_or_suspected(self):
        assert self.read.steps["tell-manager"].by == "employee"
        assert urgency(self.read, "tell-manager") == (Urgency.IMMEDIATELY, Moment.SUSPECTED)

    def test_the_manager_sends_the_form_at_once_or_the_employee_with_a_copy_to_a_manager(self):
        step = self.read.steps["form"]
        assert (step.by, step.inform) == ("line-manager", ("information-governance", "a-manager"))
        assert urgency(self.read, "form")[0] is Urgency.IMMEDIATELY
        assert self.read.roles["line-manager"].fallback == ("employee",)
        assert self.read.roles["a-manager"].name == "the employee's own manager or another one"
        assert "has a copy where the employee sends it" in (step.note or "")

    def test_only_the_dpo_reports_what_is_severe(self):
        assert self.read.roles["dpo"].only
        assert self.read.steps["investigate"].by == "dpo"
        assert self.read.steps["investigate"].duty == "regulator"
        assert condition(self.read, "investigate") == "the severity is at least high"

    def test_its_72_hours_start_with_anybodys_suspicion(self):
        assert hours(self.read, "investigate") == (72, Moment.SUSPECTED, Clock.ELAPSED)
        later = datetime(2026, 10, 24, 9, tzinfo=UTC)
        found = due(self.read, "investigate", Nation.SCOTLAND, suspected=FRIDAY, detected=later, aware=later)
        assert found.instant == datetime(2026, 10, 26, 15, 20, tzinfo=UTC)
        assert "when anybody first knew or suspected it" in found.because

    def test_awareness_before_a_suspicion_that_somebody_stated_later_starts_them_too(self):
        found = due(self.read, "investigate", suspected=datetime(2026, 10, 24, 9, tzinfo=UTC), aware=FRIDAY)
        assert found.instant == datetime(2026, 10, 26, 15, 20, tzinfo=UTC)


class TestNorthAyrshire:
    read = property(lambda self: procedure("north-ayrshire"))

    def test_the_dpo_is_informed_at_once_even_if_unsure(self):
        assert urgency(self.read, "inform-dpo")[0] is Urgency.IMMEDIATELY
        assert "even if unsure" in self.read.steps["inform-dpo"].do

    def test_beside_it_the_reporter_mails_where_harm_is_near_or_many_are_concerned(self):
        step = self.read.steps["mail"]
        assert (step.by, step.after, step.inform) == ("reporter", (), ("dpo",))
        assert condition(self.read, "mail") == (
            "there is an immediate risk of harm, or a large number of people is concerned"
        )
        assert opened(self.read, {"immediate risk of harm": True}) == ["inform-dpo", "mail"]

    def test_the_dpo_reports_inside_72_hours_of_the_organisations_awareness(self):
        assert hours(self.read, "notify") == (72, Moment.AWARE, Clock.ELAPSED)
        assert (self.read.steps["notify"].by, self.read.steps["notify"].duty) == ("dpo", "regulator")

    def test_a_provisional_report_is_followed_by_the_final_one(self):
        at = datetime(2026, 10, 24, 9, tzinfo=UTC)
        ended = {"inform-dpo": StepEnded(at=at), "notify": StepEnded(at=at, provisional=True)}
        view = states(self.read, {"large number": UNKNOWN}, ended)["notify"]
        assert view == StepView(state=StepState.OPEN, round=2, limit=None), "the page says no time for the final one"
        ended["notify"] = StepEnded(at=at, round=2)
        assert states(self.read, {}, ended)["notify"].state is StepState.DONE


class TestLincolnshire:
    read = property(lambda self: procedure("lincolnshire-cc"))

    def test_incidents_suspicions_near_misses_and_weaknesses_are_recorded(self):
        assert self.read.covers == ("incident", "suspected breach", "near miss", "weakness")
        assert condition(self.read, "record") == "it is an incident or a suspected breach or a near miss or a weakness"

    def test_the_service_desk_is_told_beside_the_remedy_where_ict_is_involved(self):
        assert urgency(self.read, "remedy")[0] is urgency(self.read, "service-desk")[0] is Urgency.IMMEDIATELY
        known = {"kind": "incident", "ICT involved": True}
        assert opened(self.read, known, "record") == ["remedy", "service-desk"]
        assert opened(self.read, known | {"ICT involved": False}, "record") == ["remedy"]

    def test_the_officers_coordinate_advised_by_the_dpo(self):
        step = self.read.steps["coordinate"]
        assert (step.by, step.advised_by, step.duty) == ("officers", ("dpo",), "regulator")

    def test_the_sharing_partners_are_among_those_informed(self):
        assert self.read.steps["inform"].inform == ("iao", "caldicott", "siro", "sharing partners")
        assert self.read.steps["inform"].note == "As needed."
        assert self.read.roles["caldicott"].contact == "caldicott guardian"

    def test_how_deep_to_investigate_stands_as_a_note(self):
        assert self.read.steps["investigate"].note == "As deep as its impact asks for."

    def test_a_step_after_one_that_is_not_needed_does_not_wait_for_it(self):
        known = {"kind": "weakness", "ICT involved": False}
        assert opened(self.read, known, "record", "remedy") == ["coordinate"]


class TestSefton:
    read = property(lambda self: procedure("sefton-scp"))

    def test_it_is_a_procedure_between_agencies(self):
        assert self.read.multi_agency

    def test_whoever_is_responsible_for_the_activity_informs_the_controllers_at_once(self):
        assert "area of activity" in self.read.roles["responsible"].name
        assert self.read.steps["inform-controllers"].inform == ("controllers",)
        assert urgency(self.read, "inform-controllers")[0] is Urgency.IMMEDIATELY

    def test_it_goes_on_from_investigating_to_reporting_without_delay_to_rectifying(self):
        assert "cause, effect and extent" in self.read.steps["investigate"].do
        assert urgency(self.read, "investigate")[0] is Urgency.IMMEDIATELY
        assert urgency(self.read, "report-results")[0] is Urgency.DELAY
        assert "other-organisation" in self.read.steps["report-results"].inform
        done: list[str] = []
        for step in ("inform-controllers", "investigate", "report-results", "rectify"):
            assert opened(self.read, {}, *done) == [step]
            done.append(step)


def test_days_end_with_the_day_in_the_partys_nation():
    council = read_procedure(FIXTURES.parents[2] / "protocols/bedfordshire/procedures/council.yaml")
    aware = datetime(2026, 12, 24, 10, tzinfo=UTC)
    assert due(council, "record", aware=aware).day == date(2027, 1, 5)
    assert due(council, "record", Nation.SCOTLAND, aware=aware).day == date(2027, 1, 6)
