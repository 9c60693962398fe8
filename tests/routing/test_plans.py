# ruff: noqa: E501 (a mistake is easier to see on one line)
"""Can a report be planned in words or as cron, and is every mistake in it named with its line?"""

from datetime import time
from pathlib import Path

import pytest
import yaml

from routing.plans import MANAGERS, SECTIONS, ReportPlan
from routing.reader import load, read

OLD = "{title: Monthly, send: {on: business day 3, at: 07:00}, to: [clerk, council@littleton.example]}"


def with_plan(town: Path, plan: str) -> Path:
    text = town.read_text()
    assert OLD in text
    town.write_text(text.replace(OLD, plan))
    return town


def plan_of(town: Path, plan: str) -> ReportPlan:
    return load(with_plan(town, plan))[0].reports["monthly"]


def test_the_short_form_stays_what_it_was(town: Path):
    plan = load(town)[0].reports["monthly"]
    assert (plan.every, plan.audience, plan.catch_up) == ("month", "council", 3)
    assert (plan.send.on, plan.send.at, plan.send.cron) == ("business day 3", time(7), None)
    assert (plan.approve, plan.publish, plan.sections) == (None, False, SECTIONS)
    assert (plan.attach.pdf, plan.attach.csv, plan.attach.xlsx) == (True, "embedded", False)
    assert plan.recipients() == ("clerk", "council@littleton.example")


def test_a_plan_can_say_everything(town: Path):
    plan = plan_of(
        town,
        "{title: Q, every: quarter, send: 0 7 L * *, approve: {by: clerk, within: 2 working days, then: skip}, to: clerk, sections: [summary, methods], attach: {csv: none, xlsx: true}, publish: true}",
    )
    assert plan.send.cron == "0 7 L * *"
    assert plan.approve is not None
    assert (plan.approve.within.count, plan.approve.within.unit, plan.approve.then) == (
        2,
        "working day",
        "skip",
    )
    assert plan.sections == ("summary", "methods")
    assert (plan.attach.csv, plan.attach.xlsx) == ("none", True)
    assert plan.recipients() == ("clerk",)


@pytest.mark.parametrize("words", ["48h", "48 hours", "48hours"])
def test_hours_may_be_written_short(town: Path, words: str):
    plan = plan_of(
        town, f'{{title: Q, send: 0 7 L * *, approve: {{by: clerk, within: "{words}"}}, to: clerk}}'
    )
    assert plan.approve is not None
    assert (plan.approve.within.count, plan.approve.within.unit) == (48, "hour")


def test_nobody_may_approve_in_words(town: Path):
    assert plan_of(town, "{title: Q, send: 0 7 L * *, approve: none, to: clerk}").approve is None


def test_each_department_may_have_its_own_recipients(town: Path):
    plan = plan_of(
        town,
        "{title: Q, send: 0 7 L * *, audience: department, to: {works: [head of department, a@littleton.example]}}",
    )
    assert plan.recipients("works") == ("head of department", "a@littleton.example")
    assert plan.recipients("hall") == ()


def test_without_a_pdf_the_figures_are_attached(town: Path):
    assert (
        plan_of(town, "{title: Q, send: 0 7 L * *, to: clerk, attach: {pdf: false}}").attach.csv == "attached"
    )


SEND = 'send: {on: day 5, at: "07:00"}'
MISTAKES = {
    "a day that is none": ('{title: Q, send: {on: buisness day 5, at: "07:00"}, to: clerk}', "not a day to send on"),
    "a day beyond the month": ('{title: Q, send: {on: day 32, at: "07:00"}, to: clerk}', "not a day to send on"),
    "a day that no week has": ('{title: Q, every: week, send: {on: day 12, at: "07:00"}, to: clerk}', "a week has no day 12"),
    "no time of day": ("{title: Q, send: {on: day 5}, to: clerk}", 'the time of day is missing: write at: "07:00"'),
    "no day": ('{title: Q, send: {at: "07:00"}, to: clerk}', "it is not said when"),
    "words and cron": ("{title: Q, send: {on: day 5, cron: 0 7 L * *}, to: clerk}", "keep one of them"),
    "a cron line that is none": ("{title: Q, send: 0 7 L *, to: clerk}", "write five parts"),
    "a cron line that never comes true": ("{title: Q, send: 0 7 30 2 *, to: clerk}", "is not a cron line"),
    "a cron line too rare for a month": ("{title: Q, send: 0 7 1 1 *, to: clerk}", "does not come true in every month"),
    "a cron line too rare for a week": ("{title: Q, every: week, send: 0 7 L * *, to: clerk}", "in every week"),
    "a rhythm that is none": (f"{{title: Q, every: fortnight, {SEND}, to: clerk}}", '"fortnight" is not one of week'),
    "an audience that is none": (f"{{title: Q, audience: counsil, {SEND}, to: clerk}}", 'mean "council"'),
    "an approver who is not there": (f"{{title: Q, {SEND}, approve: {{by: clerck}}, to: clerk}}", 'mean "clerk"'),
    "a wait that is none": (f"{{title: Q, {SEND}, approve: {{by: clerk, within: two days}}, to: clerk}}", '"48h"'),
    "an end of the wait that is none": (f"{{title: Q, {SEND}, approve: {{by: clerk, then: wait}}, to: clerk}}", "not one of send, skip"),
    "a recipient who is not there": (f"{{title: Q, {SEND}, to: clerck}}", 'mean "clerk"'),
    "nobody": (f"{{title: Q, {SEND}, to: []}}", "the list is empty"),
    "a head without departments": (f"{{title: Q, {SEND}, to: head of department}}", "only in a report for departments"),
    "parts where there are none": (f"{{title: Q, {SEND}, to: {{works: clerk}}}}", "has no parts"),
    "a department that is not there": (f"{{title: Q, {SEND}, audience: department, to: {{work: clerk}}}}", 'mean "works"'),
    "a person in a part who is not there": (f"{{title: Q, {SEND}, audience: department, to: {{works: [clerck]}}}}", 'mean "clerk"'),
    "wards without a layer": (f"{{title: Q, {SEND}, audience: ward, to: clerk}}", "the town has no layer of wards"),
    "a section that is none": (f"{{title: Q, {SEND}, to: clerk, sections: [sumary]}}", 'mean "summary"'),
    "a section twice": (f"{{title: Q, {SEND}, to: clerk, sections: [where, where]}}", '"where" stands there twice'),
    "the manager's section for the council": (f"{{title: Q, {SEND}, to: clerk, sections: [summary, workload]}}", '"workload" is for the manager alone'),
    "a search in a month": (f"{{title: Q, {SEND}, to: clerk, audience: manager, lead_lag: true}}", "a manager's yearly report"),
    "an embedded table without a PDF": (f"{{title: Q, {SEND}, to: clerk, attach: {{pdf: false, csv: embedded}}}}", "cannot be embedded"),
    "an unknown key": (f"{{title: Q, {SEND}, to: clerk, attach: {{word: true}}}}", 'unknown key "word"'),
    "a first day that is none": (f"{{title: Q, {SEND}, to: clerk, since: 2026-Q4}}", "since"),
    "a first day in another age": (f"{{title: Q, {SEND}, to: clerk, since: 9999-12-01}}", "2200-01-01"),
    "too much catching up": (f"{{title: Q, {SEND}, to: clerk, catch_up: 99}}", "less than or equal to 24"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_a_sentence_with_its_line(town: Path, mistake: str):
    plan, says = MISTAKES[mistake]
    problems = read(with_plan(town, plan)).problems
    found = [problem for problem in problems if says in f"{problem.message} ({problem.hint})"]
    assert found, problems
    line = town.read_text()[: town.read_text().index(plan)].count("\n") + 1
    assert [problem.line for problem in found] == [line]
    assert all(problem.level == "error" for problem in problems), problems


def test_wards_must_stand_in_their_layer(town: Path):
    text = town.read_text().replace("town:\n", "town:\n  wards: zones\n", 1)
    town.write_text(text)
    plan = f"{{title: Q, {SEND}, audience: ward, to: {{Nroth: clerk}}}}"
    [problem] = read(with_plan(town, plan)).errors
    assert 'no ward "Nroth"' in problem.message
    assert load(with_plan_again(town, plan, plan.replace("Nroth", "North")))[0].town.wards == "zones"


def with_plan_again(town: Path, old: str, new: str) -> Path:
    town.write_text(town.read_text().replace(old, new))
    return town


def test_a_month_that_is_none_is_named(town: Path):
    town.write_text(town.read_text().replace("town:\n", "town:\n  fiscal_year: jully\n", 1))
    [problem] = [one for one in read(town).errors if "jully" in one.message]
    assert 'mean "july"' in problem.hint


def test_a_fiscal_year_whose_beginning_nobody_says_is_a_warning(town: Path):
    plan = f"{{title: Q, every: fiscal_year, {SEND}, to: clerk}}"
    [warning] = [one for one in read(with_plan(town, plan)).warnings if one.code == "no-fiscal-year"]
    assert "begins in january" in warning.message
    town.write_text(town.read_text().replace("town:\n", "town:\n  fiscal_year: july\n", 1))
    assert not [one for one in read(town).warnings if one.code == "no-fiscal-year"]


def test_a_managers_report_has_everything_unless_it_says_otherwise(town: Path):
    whole = '{title: Q, every: year, send: {on: day 5, at: "07:00"}, to: clerk, audience: manager, lead_lag: true}'
    plan = plan_of(town, whole)
    assert (plan.sections, plan.lead_lag) == (MANAGERS, True)


def test_a_managers_report_may_be_short(town: Path):
    plan = plan_of(
        town, '{title: Q, send: {on: day 5, at: "07:00"}, to: clerk, audience: manager, sections: [cost]}'
    )
    assert plan.sections == ("cost",)


def test_the_plan_in_the_guide_can_be_copied():
    guide = (Path(__file__).parents[2] / "docs" / "council-report.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(guide.split("```yaml\n")[1].split("```")[0])["reports"]["council-monthly"]
    shown["send"]["on"] = shown["send"].pop(True)  # what YAML 1.1 takes for a switch, the reader does not
    plan = ReportPlan.model_validate(shown | {"id": "council-monthly"})
    assert plan.approve is not None
    assert plan.publish


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("every: month", "every: quarter", "each quarter beside each month"),
        ("every: month", "every: month, audience: ward", "wards beside the whole town"),
        ("every: month", "every: month", ""),
        ("every: month", "every: quarter, publish: false", ""),
        ("every: month", "every: quarter, publish: false, audience: manager", ""),
    ],
)
def test_what_is_published_in_two_ways_that_can_be_subtracted_is_a_warning(
    town: Path, first: str, second: str, said: str
) -> None:
    def plan(more: str) -> str:
        publish = "" if "publish" in more else ", publish: true"
        return f"{{title: Q, {more}{publish}, {SEND}, to: clerk}}"

    found = read(with_plan(town, f"{plan(first)}\n  other: {plan(second)}"))
    told = [one.message for one in found.warnings if one.code == "published-twice"]
    assert len(told) == bool(said)
    assert not told or (said in told[0] and '"monthly"' in told[0])
