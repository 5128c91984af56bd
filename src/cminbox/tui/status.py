"""What the bars say."""

from __future__ import annotations

from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.outgoing import ActState
from cminbox.text.sanitize import line
from cminbox.tui.overview import Overview
from cminbox.tui.runs import Line, Run, own

TOLD = ("new", "waiting", "mine")
"""Views whose number stands in the top line, beside that of the view that shows."""
WELL = (Health.OK, Health.NEVER)


def top(view: str, count: int, arrived: int, overview: Overview) -> tuple[Line, Line]:
    """View and numbers; at the right what has come in."""
    start: Line = [Run(own(view), "bar-accent"), Run(own(f" {_short(count)}"), "bar")]
    for name in TOLD:
        told = overview.tallies.get(name)
        if told and name != view:
            start.append(Run(own(f" · {name} {_short(told)}"), "bar-muted"))
    end: Line = []
    if arrived:
        end = [
            Run(own(f"+{arrived if arrived < 500 else '500+'} new"), "bar-accent"),
            Run(own(" · Space"), "bar-muted"),
        ]
    return start, end


def _short(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def bottom(
    position: int, count: int, operator: str, overview: Overview, configured: tuple[str, ...], *, alone: bool = False
) -> tuple[Line, Line]:
    """Position, operator, channels and how they do, outbox; at the right how to get help. ``alone``: no courier."""
    start: Line = [
        Run(own(f"{_short(position)}/{_short(count)}"), "bar"),
        Run(own(f" · {line(operator)}"), "bar-muted"),
    ]
    start += _channels(overview.channels, configured)
    start += _outbox(overview)
    if alone:
        start.append(Run(own(" · no courier: nothing is read or sent"), "bar-alarm"))
    return start, [Run(own("? keys"), "bar-muted")]


def _channels(states: tuple[ChannelState, ...], configured: tuple[str, ...]) -> Line:
    by_name = {state.name: state for state in states}
    well = [name for name in configured if name not in by_name or by_name[name].health in WELL]
    ill = [by_name[name] for name in configured if name in by_name and by_name[name].health not in WELL]
    runs: Line = []
    if well:
        runs.append(Run(own(" · "), "bar-muted"))
        runs.append(Run(own(" ".join(well) if len(well) <= 5 else f"{len(well)} channels"), "bar-muted"))
    for state in ill:
        runs.append(Run(own(f" · {line(state.name)}: {state.health.value}"), "bar-alarm"))
    return runs


def _outbox(overview: Overview) -> Line:
    going = sum(overview.outbox.get(state, 0) for state in (ActState.QUEUED, ActState.SENDING))
    manual = overview.outbox.get(ActState.MANUAL, 0)
    stuck = sum(overview.outbox.get(state, 0) for state in (ActState.FAILED, ActState.UNCERTAIN))
    runs: Line = []
    if going or manual:
        runs.append(Run(own(f" · out {going + manual}"), "bar"))
    if stuck:
        runs.append(Run(own(f" · {stuck} need you (O)"), "bar-alarm"))
    return runs


def emptiness(view: str, overview: Overview, configured: tuple[str, ...]) -> list[str]:
    """What an empty view says: nothing there, still looking, or broken; and what to do."""
    states = {state.name: state for state in overview.channels}
    ill = [states[n] for n in configured if n in states and states[n].health not in WELL]
    if ill:
        first = ill[0]
        since = f" since {first.last_ok_at:%d %b %H:%M} UTC" if first.last_ok_at else ""
        return [f"{line(first.name)}: {line(first.error or first.health.value)};{since} nothing was read.",
                str(line(first.todo or "cminbox doctor says more"))]  # fmt: skip
    looking = [n for n in configured if n not in states or states[n].health is Health.NEVER]
    if looking and view in ("inbox", "new", "all"):
        return [f"{', '.join(looking)}: looking …"]
    if not configured and view in ("inbox", "all"):
        return ["Nothing here yet, and no channel is configured.",
                "cminbox init writes a config.toml; cminbox demo shows what it is like."]  # fmt: skip
    if view == "inbox":
        return ["Nothing waits."]
    return [f"Nothing in {view}. v i: inbox"]
