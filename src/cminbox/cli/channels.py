"""``cminbox channels test``: the one thing about channels that needs the network."""

from __future__ import annotations

from datetime import UTC, datetime

from cminbox.cli.environment import Environment
from cminbox.cli.logfile import open_log
from cminbox.commands.base import Result
from cminbox.commands.channels import configured
from cminbox.domain.channel import ChannelState
from cminbox.domain.config import Config
from cminbox.text.sanitize import line


async def test(environment: Environment, name: str) -> Result:
    """Reads one page and tells what may be done there. Raises UnreachableError (exit 5) where that fails."""
    from cminbox.courier.secrets import FETCHED
    from cminbox.courier.trial import try_channel
    from cminbox.http.redact import quiet_libraries
    from cminbox.settings.inline import read_inline

    open_log(environment.places.log, FETCHED)
    quiet_libraries()
    channel = configured(environment.config, name)
    state, now = _known(environment.config, name)
    trial = await try_channel(channel, state, now, inline=read_inline)
    can = sorted(trial.can)
    told = {"name": name, "kind": channel.kind, "account": trial.account, "can": can, "entries": trial.entries}
    said = f"{name}: reached, {trial.entries} comments on the first page; there one may {', '.join(can) or 'only read'}"
    return Result(one=told, text=lambda _: line(said))


def _known(config: Config, name: str) -> tuple[ChannelState, datetime]:
    """The notes on the channel, and the store's clock. A test makes no store, and brings none up to date."""
    from cminbox.store.sqlite import open_reader, path_of

    if not path_of(config.store_url).exists():
        return ChannelState(name=name), datetime.now(UTC)
    with open_reader(config.store_url) as reader:
        return reader.channel_state(name), reader.now()
