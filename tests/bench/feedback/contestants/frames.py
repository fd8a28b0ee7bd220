"""The same metrics with pandas: events as frames, grouped, joined and counted. Nothing is hidden, and all is of the last release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.feedback.contestants.events import frames
from tests.bench.feedback.contestants.figures import (
    Compared,
    Figure,
    Metrics,
    Numbers,
    differing,
)

_BREAKDOWNS = ("cohort", "zone", "hours")
_STEPS = ("requested", "paired", "met", "reviewed", "concluded")
_PERCENTS = {"p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90, "max": 100}
_HOURS = {
    0: "under 2 hours",
    2: "2 to 5 hours",
    5: "5 to 10 hours",
    10: "10 to 20 hours",
    20: "20 hours and more",
}
_UNSTATED = "not stated"
_RELEASES, _TOLD = 6, 20


def report(path: Path) -> Log:
    """What is measured: from the file to all metrics, of everybody and group by group, as of the last release."""
    log = Log(frames(path))
    log.metrics = metrics(log)
    return log


def compared(made: Log, wanted: Sequence[Figure]) -> Compared:
    """Compare with what another report shows: the releases that most of it is of, each computed anew."""
    releases = Counter(figure.release for figure in wanted).most_common(_RELEASES)
    numbers, wrong = 0, []
    for release, _ in releases:
        found = metrics(Log(made.every, pd.Timestamp(release)))
        for figure in wanted:
            if figure.release == release:
                numbers += len(figure.numbers)
                wrong += differing(figure, found[figure.metric].get(figure.group, {}))
    return Compared(numbers, len(releases), wrong[:_TOLD])


def figures(_made: Log) -> Iterator[Figure]:
    """It is compared with others."""
    yield from ()


def metrics(log: Log) -> Metrics:
    """All of them."""
    return {name: dict(_by_group(log, make)) for name, make in METRICS.items()}


class Log:
    """Frames up to a release, joined to what metrics ask for.

    Args:
        events: by word, of the whole log.
        cut: the release; None: the last one before the last event.
    """

    def __init__(self, events: dict[str, pd.DataFrame], cut: pd.Timestamp | None = None) -> None:
        self.every = events
        self.metrics: Metrics = {}
        self.zone = str(events["opened"]["zone"].iloc[0])
        self.capacity = int(events["opened"]["capacity"].iloc[0])
        self.cut = (cut or self._last_release()).tz_convert("UTC")
        self.events = {word: frame[frame["stored"] <= self.cut] for word, frame in events.items()}

    def _last_release(self) -> pd.Timestamp:
        last = max(frame["stored"].max() for frame in self.every.values() if len(frame))
        day = last.tz_convert(self.zone).normalize()
        return pd.Timestamp((day - pd.Timedelta(days=day.day_of_week)).date(), tz=self.zone)

    def first(self, word: str) -> pd.DataFrame:
        """The first event of each key."""
        return self.events[word].drop_duplicates("key").set_index("key")

    @cached_property
    def asked(self) -> pd.DataFrame:
        """The first request of each cycle; nothing rejected."""
        frame = self.events["requested"]
        frame = frame[~frame["seq"].isin(self.events["rejected"]["cause"])]
        return frame.drop_duplicates("key").set_index("key")

    @cached_property
    def requests(self) -> pd.DataFrame:
        """By request: mentee, instant, groups, and what became of it."""
        frame = self.asked.drop_duplicates("request").set_index("request")[
            ["seq", "time", "mentee"]
        ]
        frame = self._grouped(frame)
        mine = self.cycles.groupby("request", sort=False)
        frame["paired_at"] = mine["paired_at"].min()
        frame["depth"] = mine["depth"].max()
        frame["ended_at"] = mine["concluded_at"].max()
        frame["decided"] = frame["paired_at"].notna() | mine["concluded"].all()
        end = frame["ended_at"].where(frame["decided"], self.cut)
        frame["days"] = _days(frame["paired_at"].fillna(end) - frame["time"])
        seats = self.asked.drop_duplicates(["request", "seat"])
        frame["seats"] = seats.groupby("request").size()
        filled = self.asked[self.asked.index.isin(self.first("paired").index)].drop_duplicates(
            ["request", "seat"]
        )
        frame["filled"] = filled.groupby("request").size()
        return frame.fillna({"filled": 0})

    def _grouped(self, frame: pd.DataFrame) -> pd.DataFrame:
        """With cohort, zone and hours: what the mentee had stated last before the request."""
        stated = self.events["available"][["seq", "key", "zone", "minutes"]].rename(
            columns={"key": "mentee"}
        )
        joined = pd.merge_asof(
            frame.reset_index().sort_values("seq"), stated, on="seq", by="mentee"
        )
        joined = joined.set_index("request").reindex(frame.index)
        frame["cohort"] = frame["time"].dt.tz_convert(self.zone).dt.strftime("%Y-%m")
        frame["zone"] = (
            joined["zone"]
            .map({name: _band(name) for name in joined["zone"].dropna().unique()})
            .fillna(_UNSTATED)
        )
        edges = [*(each * 60 for each in _HOURS), np.inf]
        frame["hours"] = (
            pd.cut(joined["minutes"], edges, right=False, labels=list(_HOURS.values()))
            .astype(object)
            .fillna(_UNSTATED)
        )
        return frame

    @cached_property
    def cycles(self) -> pd.DataFrame:
        """By cycle: request, persons, when it was paired and concluded, how far it came."""
        frame = self.asked[["request", "mentee"]].copy()
        paired, concluded = self.first("paired"), self.first("concluded")
        frame["mentor"] = paired["mentor"].reindex(frame.index)
        frame["paired_at"] = paired["time"].reindex(frame.index)
        frame["concluded_at"] = concluded["time"].reindex(frame.index)
        frame["concluded"] = frame["concluded_at"].notna()
        frame[["outcome", "agreed", "reached"]] = concluded[
            ["outcome", "agreed", "reached"]
        ].reindex(frame.index)
        met = self.last_verdicts[self.last_verdicts["says"] == "met"]
        frame["first_met"] = met.groupby("key")["starts_at"].min().reindex(frame.index)
        rated = self.events["reviewed"]
        rated = rated[(rated["mentee_count"] > 0) | (rated["mentor_count"] > 0)]
        steps = [
            frame["paired_at"].notna(),
            frame["first_met"].notna(),
            frame.index.isin(rated["key"]),
            frame["concluded"],
        ]
        frame["depth"] = np.cumprod(np.stack([np.asarray(step) for step in steps]), axis=0).sum(
            axis=0
        )
        return frame

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Cycles that were paired, with the groups of their requests."""
        frame = self.cycles[self.cycles["paired_at"].notna()]
        return frame.join(self.requests[list(_BREAKDOWNS)], on="request")

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Met and missed, in the log's order."""
        met = self.events["met"].assign(says="met", absent=0)
        missed = self.events["missed"].assign(planned=True).rename(columns={"reason": "says"})
        return pd.concat([met, missed], ignore_index=True).sort_values("seq")

    @cached_property
    def last_verdicts(self) -> pd.DataFrame:
        """The last verdict of each meeting."""
        return self.verdicts.drop_duplicates(["key", "meeting"], keep="last")

    @cached_property
    def places(self) -> pd.DataFrame:
        """The last `scheduled` of each meeting."""
        return self.events["scheduled"].drop_duplicates(["key", "meeting"], keep="last")

    @cached_property
    def meetings(self) -> pd.DataFrame:
        """By cycle the counts of its meetings."""
        last, places = self.last_verdicts, self.places
        numbers = self.verdicts.drop_duplicates(["key", "number"], keep="last")
        owed = self.events["scheduled"].drop_duplicates(["key", "number"], keep="last")
        owed = owed[(owed["status"] == "CONFIRMED") | (owed["cause"] == "cancelled")]
        ends = owed["key"].map(self.cycles["concluded_at"])
        owed = owed[(owed["starts_at"] <= self.cut) & ~(owed["starts_at"] > ends)]
        without = owed.merge(numbers[["key", "number"]], how="left", indicator=True)
        cancelled = places[(places["status"] == "CANCELLED") & (places["cause"] == "cancelled")]
        counts = {
            "met": numbers[numbers["says"] == "met"],
            "judged_numbers": numbers,
            "owed": without[without["_merge"] == "left_only"],
            "expected": last[last["says"].isin(["met", "absent"])],
            "no_evidence": last[last["says"] == "no_evidence"],
            "too_short": last[last["says"] == "too_short"],
            "cancelled": cancelled,
            "provisional": last[last["final_at"] > self.cut],
        }
        frame = pd.DataFrame({name: each.groupby("key").size() for name, each in counts.items()})
        frame["absent"] = last[last["says"] == "absent"].groupby("key")["absent"].sum()
        return frame.reindex(self.pairs.index).fillna(0).join(self.pairs[list(_BREAKDOWNS)])

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """By cycle the sums and counts of ratings, and of reviews."""
        grouped = self.events["reviewed"].groupby("key")
        frame = grouped[
            ["mentee_sum", "mentee_count", "mentor_sum", "mentor_count", "missing"]
        ].sum()
        frame["revealed"] = 2 * grouped.size()
        frame = frame.join(self.pairs[list(_BREAKDOWNS)], how="inner")
        for side in ("mentee", "mentor"):
            frame[side] = frame[f"{side}_sum"] / frame[f"{side}_count"]
        return frame

    @cached_property
    def outside(self) -> pd.DataFrame:
        """Confirmed meetings that were held: minutes outside hours of either side, and in all."""
        held = self.events["met"][["key", "meeting"]].drop_duplicates()
        frame = self.places[self.places["status"] == "CONFIRMED"].merge(held, on=["key", "meeting"])
        frame["length"] = (frame["ends_at"] - frame["starts_at"]).dt.total_seconds() // 60
        return frame.join(self.pairs[["mentee", "mentor", *_BREAKDOWNS]], on="key", how="inner")

    @cached_property
    def mentors(self) -> pd.DataFrame:
        """Who has room: capacity, open pairs, offers held."""
        offered = self.events["offered"].drop_duplicates("key", keep="last").set_index("key")
        offered = offered[~offered.index.isin(self.events["left"]["key"])]
        frame = pd.DataFrame({"capacity": offered["capacity"].clip(upper=self.capacity)})
        frame["open"] = self.pairs[~self.pairs["concluded"]].groupby("mentor").size()
        frame["offers"] = self._held_offers().groupby("mentor").size()
        return frame.fillna(0)

    def _held_offers(self) -> pd.DataFrame:
        last = self.events["proposed"].drop_duplicates("key", keep="last")
        let_go = pd.concat(
            [self.events[word][["key", "proposal"]] for word in ("declined", "lapsed")]
        )
        done = last.merge(
            let_go.drop_duplicates(), on=["key", "proposal"], how="left", indicator=True
        )
        ended = set(self.events["paired"]["key"]) | set(self.events["concluded"]["key"])
        return done[(done["_merge"] == "left_only") & ~done["key"].isin(ended)]


@dataclass(frozen=True, slots=True)
class Metric:
    """A frame of the log, what is computed of it, and whether group by group."""

    frame: str
    compute: object
    grouped: bool = True


def _by_group(log: Log, metric: Metric) -> Iterator[tuple[str, Numbers]]:
    frame = getattr(log, metric.frame)
    yield "all", metric.compute(frame, log)  # type: ignore[operator]
    for breakdown in _BREAKDOWNS if metric.grouped else ():
        for label, group in frame.groupby(breakdown):
            yield f"{breakdown} {label}", metric.compute(group, log)  # type: ignore[operator]


def _funnel(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {name: float((frame["depth"] >= depth).sum()) for depth, name in enumerate(_STEPS)}


def _match_rate(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {
        "rate": _rate(frame["paired_at"].notna().sum(), frame["decided"].sum()),
        "open": float((~frame["decided"]).sum()),
        "seats": _rate(frame["filled"].sum(), frame["seats"].sum()),
    }


def _time_to_pair(frame: pd.DataFrame, _log: Log) -> Numbers:
    return _waits(frame["days"], frame["paired_at"].notna())


def _first_meeting(frame: pd.DataFrame, log: Log) -> Numbers:
    until = frame["first_met"].fillna(frame["concluded_at"]).fillna(log.cut)
    return _waits(_days(until - frame["paired_at"]), frame["first_met"].notna())


def _waits(days: pd.Series, happened: pd.Series) -> Numbers:
    return {
        "median_of_all": _median_of_all(days, happened),
        **_spread(days[happened], _PERCENTS),
        "waiting": float((~happened).sum()),
    }


def _median_of_all(days: pd.Series, happened: pd.Series) -> float | None:
    """Kaplan and Meier's."""
    events = happened.groupby(days).agg(["sum", "size"]).sort_index()
    at_risk = len(days) - events["size"].cumsum().shift(fill_value=0)
    waiting = (1 - events["sum"] / at_risk).cumprod()
    below = waiting[waiting <= 0.5 + 1e-12]
    return float(below.index[0]) if len(below) else None


def _wait(frame: pd.DataFrame, _log: Log) -> Numbers:
    return _spread(frame["days"], {name: _PERCENTS[name] for name in ("p50", "p90", "max")})


def _held(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {
        "rate": _rate(frame["met"].sum(), (frame["judged_numbers"] + frame["owed"]).sum()),
        "unplanned": 0.0,
    }


def _no_show(frame: pd.DataFrame, _log: Log) -> Numbers:
    names = ("no_evidence", "too_short", "cancelled", "provisional")
    counts = {name: float(frame[name].sum()) for name in names}
    return {"rate": _rate(frame["absent"].sum(), 2 * frame["expected"].sum()), **counts}


def _outside(side: str) -> object:
    def compute(frame: pd.DataFrame, _log: Log) -> Numbers:
        sums = frame.groupby(side)[[f"out_{side}", "length"]].sum()
        return _mean_and_spread(sums[f"out_{side}"] / sums["length"])

    return compute


def _satisfaction(side: str) -> object:
    def compute(frame: pd.DataFrame, _log: Log) -> Numbers:
        return _mean_and_spread(frame[side].dropna())

    return compute


def _two_sided(frame: pd.DataFrame, _log: Log) -> Numbers:
    both = frame[["mentee", "mentor"]].dropna()
    return {"rate": _rate((both.min(axis=1) >= 0.75).sum(), len(both))}


def _responses(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {"rate": _rate((frame["revealed"] - frame["missing"]).sum(), frame["revealed"].sum())}


def _goals(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {"rate": _rate(frame["reached"].sum(), frame["agreed"].sum())}


def _early(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {
        "rate": _rate(
            frame["outcome"].isin(["ended_early", "left"]).sum(), frame["concluded"].sum()
        )
    }


def _outcomes(frame: pd.DataFrame, _log: Log) -> Numbers:
    return {"concluded": float(frame["concluded"].sum())}


def _load(frame: pd.DataFrame, _log: Log) -> Numbers:
    sums = {"open": float(frame["open"].sum()), "offers": float(frame["offers"].sum())}
    return {
        **_mean_and_spread(frame["open"] / frame["capacity"]),
        "idle": float((frame["open"] == 0).mean()),
        **sums,
    }


METRICS: Mapping[str, Metric] = {
    "funnel": Metric("requests", _funnel, grouped=False),
    "outcomes": Metric("pairs", _outcomes),
    "match_rate": Metric("requests", _match_rate),
    "time_to_pair": Metric("requests", _time_to_pair),
    "time_to_first_meeting": Metric("pairs", _first_meeting),
    "wait": Metric("requests", _wait),
    "held": Metric("meetings", _held),
    "no_show": Metric("meetings", _no_show),
    "outside_of_mentees": Metric("outside", _outside("mentee")),
    "outside_of_mentors": Metric("outside", _outside("mentor")),
    "satisfaction_of_mentees": Metric("reviews", _satisfaction("mentee")),
    "satisfaction_of_mentors": Metric("reviews", _satisfaction("mentor")),
    "two_sided": Metric("reviews", _two_sided),
    "responses": Metric("reviews", _responses),
    "goals": Metric("pairs", _goals),
    "early_closure": Metric("pairs", _early),
    "load": Metric("mentors", _load, grouped=False),
}


def _mean_and_spread(values: pd.Series) -> Numbers:
    return {"mean": float(values.mean()) if len(values) else None, **_spread(values, _PERCENTS)}


def _spread(values: pd.Series, percents: Mapping[str, int]) -> Numbers:
    """Quantiles by nearest rank."""
    ordered = np.sort(values.to_numpy())
    if not len(ordered):
        return dict.fromkeys(percents)
    return {
        name: float(ordered[max(0, -(-percent * len(ordered) // 100) - 1)])
        for name, percent in percents.items()
    }


def _rate(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds().clip(lower=0) / 86_400


def _band(zone: str) -> str:
    """Three hours of UTC offset in standard time."""
    offsets = [pd.Timestamp(2026, month, 1, tz=zone).utcoffset() for month in (1, 7)]
    hours = min(each.total_seconds() for each in offsets) // 3600
    low = int((hours + 12) // 3 * 3 - 12)
    return f"UTC{_signed(low)} to UTC{_signed(low + 2)}"


def _signed(hours: int) -> str:
    return f"{'−' if hours < 0 else '+'}{abs(hours)}"
