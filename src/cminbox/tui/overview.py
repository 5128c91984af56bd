"""The numbers of the bars, in one reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cminbox.domain.channel import ChannelState
from cminbox.domain.lease import ProcessLease
from cminbox.domain.outgoing import ActState
from cminbox.domain.view import VIEWS, view
from cminbox.store.protocol import Reader


@dataclass(frozen=True, slots=True)
class Overview:
    """What the bars say, in one reading."""

    tallies: Mapping[str, int | None]
    channels: tuple[ChannelState, ...]
    outbox: Mapping[ActState, int]
    courier: ProcessLease | None


def read_overview(reader: Reader, operator: str) -> Overview:
    """The numbers of the bars; each is kept, none is counted."""
    tallies = {known.name: reader.tally(view(known.name, operator).selection) for known in VIEWS}
    lease = reader.process_lease("sync")
    courier = lease if lease is not None and lease.held(reader.now()) else None
    return Overview(tallies, tuple(reader.channel_states()), reader.outbox_tally(), courier)
