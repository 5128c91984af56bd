"""The writer never waits, keeps the order, and knows when the terminal is gone."""

from __future__ import annotations

import os
import select
import termios
import threading
import time
from collections.abc import Iterator

import pytest

from cminbox.tui.terminal import writer as writer_module
from cminbox.tui.terminal.give_back import give_back
from cminbox.tui.terminal.sequences import CUT_OFF, LEAVE
from cminbox.tui.terminal.writer import TerminalWriter

MORE_THAN_A_TERMINAL_TAKES = 100_000


class Terminal:
    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        modes = termios.tcgetattr(self.slave)
        modes[1] &= ~termios.OPOST
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)

    def read(self, seconds: float = 0.2) -> bytes:
        data = b""
        while select.select([self.master], [], [], seconds)[0]:
            data += os.read(self.master, 65536)
        return data


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    for descriptor in (made.master, made.slave):
        try:
            os.close(descriptor)
        except OSError:
            continue


@pytest.fixture(params=["opened anew", "shared"])
def writer(request: pytest.FixtureRequest, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> TerminalWriter:
    if request.param == "shared":  # as after su, where the terminal cannot be opened again
        monkeypatch.setattr(writer_module, "open_again", lambda _: None)
    return TerminalWriter(terminal.slave)


def test_order_is_kept_across_a_stall(writer: TerminalWriter, terminal: Terminal) -> None:
    drained = threading.Event()
    writer.on_drained = drained.set
    pieces = [bytes([65 + number % 26]) * 3_000 for number in range(40)]
    begin = time.process_time()
    for piece in pieces:
        writer.write(piece)
    assert time.process_time() - begin < 0.5 and writer.is_waiting
    received = b""
    while len(received) < sum(map(len, pieces)):
        part = terminal.read(1.0)
        assert part, "the writer stopped"
        received += part
    assert received == b"".join(pieces)
    assert drained.wait(5) and writer.drain(5) and not writer.is_waiting
    writer.close()


def test_a_closed_terminal_is_told_once(writer: TerminalWriter, terminal: Terminal) -> None:
    told: list[int] = []
    gone = threading.Event()
    writer.on_gone = lambda: (told.append(1), gone.set())[1]
    os.close(terminal.master)
    writer.write(b"x")
    assert gone.wait(5)
    writer.write(b"y")
    assert writer.is_gone and told == [1] and not writer.is_waiting
    writer.close()


def test_a_terminal_that_closes_while_it_stalls(writer: TerminalWriter, terminal: Terminal) -> None:
    gone = threading.Event()
    writer.on_gone = gone.set
    writer.write(b"x" * MORE_THAN_A_TERMINAL_TAKES)
    os.close(terminal.master)
    assert gone.wait(5) and writer.drain(1)
    writer.close()


def test_cutting_makes_room_for_giving_the_terminal_back(writer: TerminalWriter, terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.slave)
    writer.write(b"x" * MORE_THAN_A_TERMINAL_TAKES)
    assert not writer.drain(0.1)
    assert writer.cut()
    writer.close()
    give_back(terminal.slave, before, 0.3, after_cut=True)
    assert terminal.read().endswith((CUT_OFF + LEAVE).encode())


def test_giving_back_to_a_closed_terminal_raises_nothing(terminal: Terminal) -> None:
    os.close(terminal.master)
    give_back(terminal.slave, None, 0.1)


def test_nothing_is_written_after_the_end(writer: TerminalWriter, terminal: Terminal) -> None:
    writer.write(b"before")
    assert writer.drain(5)
    writer.close()
    writer.write(b"after")
    assert terminal.read() == b"before"
