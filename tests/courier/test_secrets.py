"""Where a secret comes from, and where it never shows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cminbox.courier import secrets as module
from cminbox.courier.secrets import SecretError, Secrets
from cminbox.domain.config import SecretSource
from tests.courier.support import channel_config

TOKEN = "SECRET-TOKEN-123"


def secrets_of(**source: object) -> Secrets:
    return Secrets([channel_config(token=SecretSource(**source))])  # type: ignore[arg-type]


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_none_at_all() -> None:
    assert await Secrets([channel_config()]).of("blog") is None


async def test_of_a_command_the_first_line() -> None:
    assert await secrets_of(command=python(f"print('{TOKEN}'); print('more')")).of("blog") == TOKEN


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("/no/such/program",), "No such file"),
        (python("raise SystemExit(3)"), "status 3"),
        (python("pass"), "printed nothing"),
        (python("print('a\\x1bb')"), "control character"),
        (python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"), "not text"),
    ],
)
async def test_a_command_that_gives_none(command: tuple[str, ...], why: str) -> None:
    with pytest.raises(SecretError, match=why):
        await secrets_of(command=command).of("blog")


async def test_what_a_command_says_on_stderr_is_not_repeated(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SecretError) as refused:
        await secrets_of(command=python(f"import sys; sys.stderr.write('{TOKEN}'); sys.exit(1)")).of("blog")
    assert TOKEN not in str(refused.value)
    assert TOKEN not in "".join(capfd.readouterr())


async def test_a_command_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    child = tmp_path / "pid"
    code = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen(['sleep', '1000'])\nopen({str(child)!r}, 'w').write(str(child.pid))\n"
        "child.wait()"
    )
    begun = time.monotonic()
    with pytest.raises(SecretError, match="longer than"):
        await secrets_of(command=python(code)).of("blog")
    assert time.monotonic() - begun < 10
    pid = int(child.read_text())
    # a child of a child is waited for by init: gone, or gone but for its name
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: ASYNC221
    assert found.stdout.strip() in ("", "Z")


async def test_a_command_has_no_terminal_and_no_other_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_TOKEN", TOKEN)
    asked = "sys.stdin.read() or 'nothing', os.environ.get('OTHER_TOKEN'), os.getsid(0) == os.getpid()"
    code = f"import os, sys; print({asked})"
    both = Secrets(
        [
            channel_config("blog", token=SecretSource(command=python(code))),
            channel_config("shop", token=SecretSource(env="OTHER_TOKEN")),
        ]
    )
    assert await both.of("blog") == "nothing None True"
    assert "OTHER_TOKEN" not in os.environ
    assert await both.of("shop") == TOKEN
    both.forget("shop")
    assert await both.of("shop") == TOKEN


async def test_a_variable_that_is_not_set() -> None:
    with pytest.raises(SecretError, match="NO_SUCH_TOKEN is not set"):
        await secrets_of(env="NO_SUCH_TOKEN").of("blog")


async def test_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    file = tmp_path / "token file"
    file.write_text(f"{TOKEN}\nmore\n")
    file.chmod(0o600)
    assert await secrets_of(file=file).of("blog") == TOKEN
    file.chmod(0o640)
    with pytest.raises(SecretError, match=f"chmod 600 '{file}'") as refused:
        await secrets_of(file=file).of("blog")
    assert refused.value.exit_code == 2
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(SecretError, match="can be read by others"):
        await secrets_of(file=link).of("blog")
    with pytest.raises(SecretError, match="No such file"):
        await secrets_of(file=tmp_path / "nothing").of("blog")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    with pytest.raises(SecretError, match="not a file"):
        await secrets_of(file=fifo).of("blog")


async def test_one_in_the_config_file_is_read_by_whoever_knows_how() -> None:
    source = SecretSource(inline_in=(Path("/x/config.toml"), "blog"))
    secrets = Secrets([channel_config(token=source)], lambda path, name: f"{path.name}:{name}")
    assert await secrets.of("blog") == "config.toml:blog"
