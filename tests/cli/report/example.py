"""A report as a program of half a year might have it: written down, so that it does not depend on what computes one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from services.feedback.report.model import (
    Bar,
    BreakdownName,
    Group,
    Metric,
    Past,
    Point,
    Report,
    Unit,
    Value,
)

RELEASED = datetime(2026, 6, 28, 22, tzinfo=UTC)
EARLIER = datetime(2026, 6, 21, 22, tzinfo=UTC)
WHY = "Renewing it would have told of fewer than 5 persons."
HIDDEN = "Not shown yet: it would tell of fewer than 5 persons."
GROUPS: Mapping[BreakdownName, Sequence[tuple[str, int, float]]] = {
    "cohort": (
        ("2026-01", 52, 1.0),
        ("2026-02", 43, 0.9),
        ("2026-03", 39, 1.15),
        ("2026-04", 9, 1.0),
        ("2026-05", 26, 0.7),
    ),
    "zone": (
        ("UTC-8 to UTC-3", 61, 1.05),
        ("UTC+0 to UTC+2", 45, 0.85),
        ("UTC+3 to UTC+9", 54, 1.1),
    ),
    "hours": (
        ("under 5 hours", 32, 0.7),
        ("5 to 10 hours", 81, 1.0),
        ("10 hours and more", 47, 1.1),
    ),
}
Make = Callable[[float], tuple[Value, ...]]


def share(name: str, title: str, count: int, of: int) -> Value:
    return Value(name=name, title=title, unit="share", value=count / of, count=count, of=of)


def figure(name: str, title: str, unit: Unit, value: float | None, of: int) -> Value:
    hidden = value is None
    return Value(
        name=name, title=title, unit=unit, value=value, of=None if hidden else of, hidden=hidden
    )


def bars(counts: Sequence[int], edges: Sequence[float | None], unit: str = "") -> tuple[Bar, ...]:
    between = zip(edges, edges[1:], counts, strict=False)
    return tuple(
        Bar(label=_between(low, high, unit), low=low, high=high, count=count)
        for low, high, count in between
    )


def _between(low: float | None, high: float | None, unit: str) -> str:
    scale, sign = (1, "") if unit else (100, "%")
    begins = f"{(low or 0) * scale:g}{sign}"
    return (
        f"{begins}{unit} and more" if high is None else f"{begins} to {high * scale:g}{sign}{unit}"
    )


def named_bars(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    return tuple(Bar(label=name, low=None, high=None, count=n) for name, n in counts.items())


def curve(half: float) -> tuple[Point, ...]:
    days = [half * step / 4 for step in range(1, 40)]
    return tuple(Point(at=day, waiting=max(0.05, 0.5 ** (day / half))) for day in days)


def metric(
    name: str,
    title: str,
    definition: str,
    make: Make,
    *,
    bars: tuple[Bar, ...] = (),
    curve: tuple[Point, ...] = (),
    by: Sequence[BreakdownName] = ("cohort", "zone", "hours"),
    past: tuple[Past, ...] = (),
    as_of: datetime = RELEASED,
) -> Metric:
    def of(label: str, persons: int, size: float) -> Group:
        whole = label == "all"
        return Group(
            label=label,
            as_of=EARLIER if label == "2026-04" else as_of,
            persons=persons,
            values=make(size),
            bars=bars if whole else (),
            curve=curve if whole else (),
        )

    return Metric(
        name=name,
        title=title,
        definition=definition,
        as_of=as_of,
        why="" if as_of == RELEASED else WHY,
        total=of("all", 160, 1.0),
        groups={key: tuple(of(*group) for group in GROUPS[key]) for key in by},
        past=past,
    )


def months(make: Make) -> tuple[Past, ...]:
    """What it was at the last release of each month before."""
    return tuple(
        Past(as_of=datetime(2026, month, 26, 22, tzinfo=UTC), values=make(month / 6.5))
        for month in range(1, 6)
    )


def _waited(scale: float, done: int, waiting: int) -> Make:
    quantiles = (1.0, 2.1, 3.9, 7.3, 13.8, 44.2)
    shares = ("10 %", "25 %", "half", "75 %", "90 %")
    names = [*(f"{share} took at most" for share in shares), "longest"]
    keys = ("p10", "p25", "p50", "p75", "p90", "max")

    def make(size: float) -> tuple[Value, ...]:
        by = scale * size
        return (
            figure(
                "median_of_all",
                "median, who still waits included",
                "days",
                4.2 * by,
                done + waiting,
            ),
            *(
                figure(key, title, "days", days * by, done)
                for key, title, days in zip(keys, names, quantiles, strict=True)
            ),
            figure("waiting", "still waiting, or in vain", "count", waiting, done + waiting),
        )

    return make


def _spread(mean: float, of: int, steps: Sequence[float]) -> Make:
    names = ("10 % at most", "25 % at most", "half at most", "75 % at most", "90 % at most")
    keys = ("p10", "p25", "p50", "p75", "p90")

    def make(size: float) -> tuple[Value, ...]:
        return (
            figure("mean", "mean", "share", min(1.0, mean * size), of),
            *(
                figure(key, title, "share", max(0.0, min(1.0, mean * size + step)), of)
                for key, title, step in zip(keys, names, steps, strict=True)
            ),
        )

    return make


def _rate(name: str, title: str, count: int, of: int) -> Make:
    def make(size: float) -> tuple[Value, ...]:
        most = max(1, round(of * size))
        return (share(name, title, min(most, round(count * size * (2 + size) / 3)), most),)

    return make


def _held(size: float) -> tuple[Value, ...]:
    due = max(1, round(720 * size))
    return (
        share("rate", "planned meetings held", round(due * (0.8 + 0.1 * size)), due),
        figure("unplanned", "unplanned meetings", "count", round(31 * size), 160),
    )


DAYS = (0, 1, 3, 7, 14, 21, 28, 42, None)
FIFTHS = (0, 0.2, 0.4, 0.6, 0.8, 1)
STEPS = {"requested": 120, "paired": 112, "met": 108, "reviewed": 104, "concluded": 71}
OUTCOMES = {"completed": 41, "goals_reached": 18, "ended_early": 7, "other": 5}
_STEPS_DEFINED = (
    "Requests that came to each of the five events, and through every step before it; a review counts when one "
    "side wrote one; a request has come as far as the furthest of its cycles."
)
_KAPLAN = (
    "First requested to first paired, in days of 86,400 seconds; who still waits, or waited in vain, counts as "
    "waiting until last heard of (Kaplan and Meier, 1958)."
)
_SATISFIED = (
    "(rating − min) ÷ (max − min), mean of a cycle and side, then over cycles; revealed ones only."
)
FUNNEL = metric(
    "funnel",
    "From request to conclusion",
    _STEPS_DEFINED,
    lambda _size: tuple(
        share(name, f"{name}, of all requests", n, 120).model_copy(
            update={"as_of": EARLIER if name == "met" else RELEASED}
        )
        for name, n in STEPS.items()
    ),
    bars=named_bars(STEPS),
)
CONCLUDED = metric(
    "outcomes",
    "How cycles were concluded",
    "Cycles by the outcome of their conclusion; outcomes of fewer than k persons together as other.",
    lambda size: (figure("concluded", "cycles concluded", "count", round(71 * size), 71),),
    bars=named_bars(OUTCOMES),
)
METRICS = (
    metric(
        "match_rate",
        "Match rate",
        "Requests with at least one `paired` ÷ requests decided (paired, unmatched, withdrawn or left before pairing).",
        lambda size: (
            *_rate("rate", "requests paired, of those decided", 112, 117)(size),
            figure("open", "open requests", "count", 3, 120),
            share("seats", "seats filled, of those asked for", 118, 126),
        ),
        past=months(_rate("rate", "requests paired, of those decided", 112, 117)),
    ),
    metric(
        "time_to_pair",
        "Time to pair",
        _KAPLAN,
        _waited(1, 112, 8),
        bars=bars([9, 22, 40, 24, 8, 4, 3, 2], DAYS, " days"),
        curve=curve(4.2),
    ),
    metric(
        "time_to_first_meeting",
        "Time to first meeting",
        "Paired to the earliest start of a meeting that was held, in days; censored likewise.",
        _waited(2, 108, 4),
        bars=bars([1, 8, 30, 44, 14, 6, 3, 2], DAYS, " days"),
        curve=curve(8.4),
    ),
    metric(
        "held",
        "Meetings held of those planned",
        "Planned numbers whose last verdict is met ÷ numbers due; an ended pair owes nothing later.",
        _held,
        past=months(_held),
    ),
    metric(
        "no_show",
        "No-shows",
        "(meeting, person) absent ÷ (meeting, person) of meetings met, or missed because somebody was absent.",
        _rate("rate", "absent, of all who were to be there", 41, 1270),
    ),
    metric(
        "goals",
        "Goal attainment",
        "Goals reached ÷ goals in force at the conclusion plus those dropped after the first meeting.",
        _rate("rate", "goals reached", 97, 160),
        bars=bars([9, 14, 20, 28], (0, 0.25, 0.5, 0.75, 1)),
    ),
    metric(
        "satisfaction_of_mentees",
        "Satisfaction of mentees",
        _SATISFIED,
        _spread(0.78, 98, (-0.3, -0.15, 0.02, 0.1, 0.16)),
        bars=bars([2, 4, 13, 44, 35], FIFTHS),
    ),
    metric(
        "satisfaction_of_mentors",
        "Satisfaction of mentors",
        _SATISFIED,
        _spread(0.74, 98, (-0.34, -0.2, 0.01, 0.12, 0.2)),
        bars=bars([8, 19, 41, 30], (0, 0.4, 0.6, 0.8, 1)),
        as_of=EARLIER,
    ),
    metric(
        "two_sided",
        "Both sides content",
        "Cycles in which the means of both sides are at least 0.75 ÷ cycles with ratings of both.",
        _rate("rate", "cycles with both content", 52, 96),
    ),
    metric(
        "responses",
        "Reviews written",
        "Sides whose ratings were revealed ÷ two for each reveal.",
        _rate("rate", "reviews written, of those that could be", 1011, 1268),
        past=months(_rate("rate", "reviews written, of those that could be", 1011, 1268)),
    ),
    metric(
        "early_closure",
        "Pairs that ended early",
        "Pairs concluded ended_early or left ÷ pairs concluded.",
        _rate("rate", "ended early or left, of pairs concluded", 10, 71),
    ),
    metric(
        "load",
        "Load of mentors",
        "Open pairs ÷ capacity, mentors without a pair included; offers held for an answer apart.",
        lambda size: (
            *_spread(0.61, 40, (-0.61, -0.3, 0.05, 0.39, 0.39))(size),
            share("idle", "mentors without a pair", 6, 40),
            figure("offers", "offers held for an answer", "count", None, 40),
        ),
        bars=bars([6, 9, 12, 13], (0, 0.25, 0.5, 0.75, 1)),
        by=(),
    ),
    metric(
        "wait",
        "Waiting, still waiting included",
        "Ninth decile and largest of all waits for a mentor, of those who still wait too.",
        lambda size: (
            figure("p90", "90 % waited at most", "days", 14.0 * size, 120),
            figure("max", "longest wait", "days", 61.0 * size, 120),
        ),
        by=("zone", "hours"),
    ),
    metric(
        "outside_of_mentees",
        "Meetings of mentees outside 08:00 to 18:00",
        "Share of each mentee's meetings that lie outside 08:00 to 18:00 on the mentee's own clock.",
        _spread(0.12, 108, (-0.12, -0.12, -0.07, 0.06, 0.21)),
        bars=bars([60, 20, 14, 9, 5], (0, 0.1, 0.25, 0.5, 0.75, 1)),
    ),
    Metric(
        name="outside_of_mentors",
        title="Meetings of mentors outside 08:00 to 18:00",
        definition="The same on the mentor's clock.",
        as_of=None,
        why=HIDDEN,
    ),
)
REPORT = Report(
    program="spring",
    zone="Europe/Berlin",
    asked=datetime(2026, 7, 1, 9, tzinfo=UTC),
    released=RELEASED,
    position=48211,
    clock="event",
    k=5,
    log="0b1e4c0e-1111-4111-8111-111111111111",
    funnel=FUNNEL,
    outcomes=CONCLUDED,
    metrics=METRICS,
    notes=(
        "Numbers are of Monday, 29 June 2026, 00:00 in Europe/Berlin, the last release before the instant asked for.",
        "Groups of fewer than 5 persons stand together with others.",
        "Satisfaction of mentors: as of 2026-06-22, not renewed since.",
        "Meetings of mentors outside 08:00 to 18:00: not shown yet: it would tell of fewer than 5 persons.",
    ),
)
EMPTY = Report(
    program="<b>&new</b>",
    zone="Pacific/Kiritimati",
    asked=datetime(2026, 1, 1, tzinfo=UTC),
    released=None,
    position=0,
    clock="stored",
    k=5,
    log="0b1e4c0e-1111-4111-8111-111111111111",
    funnel=FUNNEL.model_copy(update={"as_of": None, "total": None, "groups": {}, "why": HIDDEN}),
    outcomes=CONCLUDED.model_copy(
        update={"as_of": None, "total": None, "groups": {}, "why": HIDDEN}
    ),
    metrics=(),
    notes=("The program's first release is still to come.",),
)
"""Of a program in which nothing happened yet."""
