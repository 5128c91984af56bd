"""``cminbox init``: a configuration to start from, with every setting that is in effect, and a word on each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cminbox.cli.environment import Environment
from cminbox.domain.config import Places
from cminbox.domain.errors import CminboxError, RefusedError
from cminbox.permissions import create_private
from cminbox.places import login_name

TEMPLATE = """\
# cminbox reads this file at every start; `cminbox doctor` checks it and says what is wrong in which line.
# It is yours alone (0600): a token may stand in it, though a command or a file of its own is better.
# Everything that starts with # is off. What stands there is the default, unless a line says otherwise.
# Any setting can also come from the environment: CMINBOX_UI__THEME=… is `theme` under [ui].

[operator]
name = {name}                   # who acts, in the log and towards colleagues
# display_name = "Mina"         # what {{operator}} in a snippet becomes; default: the name
# signature = "^Mina"           # what {{signature}} in a snippet becomes; default: nothing
# languages = ["de", "en"]      # what you write in, the best first: such snippets come first
# timezone = "Europe/Berlin"    # default: the system's

# A brand for which you speak. Channels name it, and {{brand}} in a snippet becomes it.
# [brands.acme]

# Where the comments and everything that is known of them lie; a path without / at its start is in
# {data}
# [store]
# url = "sqlite:///inbox.db"

# A table like this for each place that people write at. `cminbox channels test blog` tries it.
# [[channels]]
# name = "blog"                 # what the feed shows
# kind = "isso"                 # which connector: {kinds}
# brand = "acme"
# url = "https://comments.example.org"
# account = "Acme"              # the name that your answers carry there
# poll = "30s"                  # how often to look; s, m, h, d
# since = "7d"                  # what is older when the channel is added comes in as done
# recheck = "3d"                # so long a done comment is still looked at for edits
#
# Where a channel wants a secret (for Isso: the admin password, for what needs it), one of these:
# token_command = "pass show cminbox/blog"    # its first line; split as a shell would, run without one
# token_file = "blog.token"                   # beside this file, 0600
# token_env = "CMINBOX_BLOG_TOKEN"            # the environment; the courier takes it out again
#
# Isso has settings of its own, for servers that do not tell of all their pages:
# uris = ["/blog/first-post/"]
# email = "team@acme.example"
# website = "https://acme.example"

# Keys: a preset, and single keys by the command's name (`cminbox keys` lists all of them).
# [keys]
# preset = "gmail"
# done = "e"

# [ui]
# theme = "cminbox-dark"        # one of those shipped, or themes/NAME.toml beside this file
# undo = "10s"                  # so long an answer from the screen is held: z takes it back
# lease = "15m"                 # so long an item stays yours without a key
# mouse = true                  # default: on, but off over SSH, where it would take the selection away
# colour = "auto"               # auto, 16, 256, truecolor
"""


def init(environment: Environment) -> int:
    """Writes config.toml where there is none. RefusedError (exit 4) where there is one."""
    places = environment.places
    try:
        create_private(places.config, text(places).encode("utf-8"))
    except FileExistsError:
        raise RefusedError(f"{places.config} is there already: nothing was written") from None
    except OSError as error:
        raise CminboxError(f"{places.config} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{_shown(places.config)} is written: add a channel to it, then: cminbox doctor\n")
    return 0


def text(places: Places) -> str:
    """The configuration that ``init`` writes."""
    from cminbox.channels.registry import facts

    kinds = ", ".join(sorted(facts()))
    return TEMPLATE.format(name=json.dumps(login_name(), ensure_ascii=False), data=_shown(places.data), kinds=kinds)


def _shown(path: Path) -> str:
    from cminbox.text.sanitize import line

    return line(str(path), 1000)
