"""`mentoring replay what-if` on a real log: what it prints, writes and refuses."""

from pathlib import Path

import pytest

from services.cli.what_if.rules import TRIED
from shared.events.envelope import decode
from tests.cli.conftest import Mentoring, on_log
from tests.shared.replay.recorded import golden, publish

GOLDEN = golden()
PAIRED = [decode(entry.body) for entry in GOLDEN if entry.word == "paired"]


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, GOLDEN))
    return log_url


def test_without_changed_rules_every_recorded_pair_is_made_again(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    answer = mentoring(*what_if(tmp_path, "{}"), "--json", "--nats", url)

    assert answer.code == 0
    found = answer.json
    assert found["rules"] == []
    assert found["again"] == {"same": len(PAIRED), "of": len(PAIRED), "more": 0}
    assert found["pairs"] == {"both": len(PAIRED), "only_recorded": 0, "only_revised": 0}
    assert found["assumed"] == {}
    assert all(each["recorded"] == each["revised"] for each in found["metrics"])
    told = [(each["cycle"], each["mentee"], each["mentor"]) for each in found["listed"]["both"]]
    assert told == [(e.key, e.data.mentee, e.data.mentor) for e in PAIRED]  # type: ignore[attr-defined]


def test_other_rules_are_told_with_what_differs(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    rules = "acceptance: none\nweights:\n  skills: 8\n"
    answer = mentoring(*what_if(tmp_path, rules), "--json", "--nats", url)

    found = answer.json
    assert [(each["field"], each["recorded"], each["revised"]) for each in found["rules"]] == [
        ("acceptance", "both", "none"),
        ("weights.skills", 4.0, 8.0),
    ]
    figures = {each["name"]: (each["recorded"], each["revised"]) for each in found["metrics"]}
    assert figures["proposals"][1] == 0
    recorded, revised = figures["requests that got a mentor"]
    assert recorded == len({e.data.request for e in PAIRED})  # type: ignore[attr-defined]
    assert revised > recorded  # nobody is asked, so nobody declines
    both, only = found["pairs"]["both"], found["pairs"]["only_recorded"]
    assert both + only == len(PAIRED)


def test_people_read_the_figures_and_what_cannot_be_known(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    answer = mentoring(*what_if(tmp_path, '{"policy": "first_come"}', "r.json"), "--nats", url)

    assert answer.code == 0
    assert f"{len(PAIRED)} of {len(PAIRED)} recorded pairs come out" in answer.out
    for words in (
        "what this cannot know",
        "assumed to answer as people of the record did on the whole",
        "questions are put to people whom the record never asked",
        "never met",
        "pairs of the record only",
    ):
        assert words in " ".join(answer.out.split())


def test_the_page_needs_nothing_else(mentoring: Mentoring, url: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    answer = mentoring(*what_if(tmp_path, "capacity: 1"), "--html", str(page), "--nats", url)

    assert f"the page is in {page}" in " ".join(answer.err.split())
    html = page.read_text("utf-8")
    assert html.count("<svg") == 6
    assert "What this cannot know" in html
    assert "prefers-color-scheme: dark" in html
    for outside in ("http:", "https:", "<script", "<link", "<img", "url("):
        assert outside not in html


def test_a_comparison_ends_at_the_sequence_asked_for(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    pairing = next(entry for entry in GOLDEN if entry.word == "paired")

    answer = mentoring(
        *what_if(tmp_path, "{}"), "--seq", str(pairing.cause), "--json", "--nats", url
    )

    assert answer.json["position"] == pairing.cause
    assert answer.json["pairs"]["both"] == 1


@pytest.mark.parametrize(
    "rules,words",
    [
        ("floor: 2", "/floor: must be at most 1"),
        ("weights: {skills: -1}", "/weights/skills: must be at least 0"),
        ("weights: {charm: 1}", "/weights"),
        ("policy: best", "/policy: must be one of"),
        ("capacity: many", "/capacity: must be a whole number"),
        ("planned_meetings: 3", "/planned_meetings: does not change whom matching pairs"),
        ("flor: 0.2", "/flor: is no rule; a what-if may change rounds, policy"),
        ("- floor", "must be an object of rules"),
        ("{floor: [", "is neither YAML nor JSON"),
        ("floor: 2026-13-45", "is neither YAML nor JSON: month must be in 1..12"),
        ("[" * 5000, "is neither YAML nor JSON"),
        ("accept_within: soon", "/accept_within: must be an ISO 8601 duration"),
    ],
)
def test_a_rules_file_is_refused_with_field_and_rule_before_the_log_is_read(
    mentoring: Mentoring, tmp_path: Path, rules: str, words: str
) -> None:
    answer = mentoring(*what_if(tmp_path, rules), "--nats", "nats://127.0.0.1:1")

    assert (answer.code, answer.out) == (2, "")
    assert words in " ".join(answer.err.split())
    assert "rules.yaml" in answer.err


def test_rules_that_are_none_together_with_the_recorded_ones_are_refused(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    nothing = ", ".join(f"{part}: 0" for part in ("skills", "gap", "industry", "transition"))
    more = ", ".join(f"{part}: 0" for part in ("seniority", "languages", "time", "waiting"))
    rules = f"weights: {{{nothing}, {more}, ratings: 0}}"

    answer = mentoring(*what_if(tmp_path, rules), "--nats", url)

    assert answer.code == 2
    assert "/weights: must not sum to nothing" in answer.err


def test_a_file_or_a_program_that_is_not_there_is_told(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    missing = mentoring("replay", "what-if", "-p", "demo", "--rules", "no.yaml", "--nats", url)
    (tmp_path / "rules.yaml").write_text("{}")
    unknown = mentoring("replay", "what-if", "-p", "nobody", "--rules", "rules.yaml", "--nats", url)

    assert (missing.code, unknown.code) == (2, 2)
    assert "no.yaml: No such file" in missing.err
    assert "the log knows no rules of nobody" in unknown.err


def test_the_help_names_only_rules_that_there_are() -> None:
    from shared.events.outside import Opened

    assert set(TRIED) <= set(Opened.model_fields)


def what_if(folder: Path, rules: str, name: str = "rules.yaml") -> tuple[str, ...]:
    path = folder / name
    path.write_text(rules)
    return ("replay", "what-if", "--program", "demo", "--rules", str(path))
