"""A report says where it failed and nothing of what was worked on."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from cminbox import traces
from cminbox.domain.errors import RefusedError
from cminbox.tui.terminal import crash

SECRET = "token-SECRET"


def failure(error: BaseException, cause: BaseException | None = None) -> BaseException:
    token = SECRET
    try:
        raise error from cause
    except BaseException as caught:
        del token
        return caught


def test_places_but_no_messages_locals_or_source() -> None:
    report = traces.describe(failure(ValueError(SECRET), failure(KeyError(SECRET))))
    assert "SECRET" not in report
    assert "builtins.ValueError" in report and "builtins.KeyError" in report
    assert "test_crash.py:" in report and " failure" in report
    assert "textual: 8.2.8" in report and "platform: " in report


def test_our_own_errors_are_quoted_without_controls() -> None:
    assert "RefusedError: not yours\n" in traces.describe(failure(RefusedError("not\x1b\u202e yours")))


def test_what_a_worker_and_a_group_hold_is_told() -> None:
    inner = failure(OverflowError(SECRET))
    report = traces.describe(failure(ExceptionGroup(SECRET, [failure(WorkerFailed(inner)), ZeroDivisionError(SECRET)])))
    assert "OverflowError" in report and "ZeroDivisionError" in report and "SECRET" not in report


def test_an_error_that_leads_to_itself_ends() -> None:
    error = failure(ValueError())
    error.__context__ = error
    assert traces.describe(error).count("ValueError") == 1


def test_a_deep_recursion_is_cut() -> None:
    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
        raise ValueError(SECRET)

    with pytest.raises(ValueError) as caught:
        deeper(300)
    report = traces.describe(caught.value)
    assert "frames left out" in report and len(report.splitlines()) < 90


def test_reports_are_private_and_few(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "crash"
    reports = [crash.write_report(folder, f"report {number}") for number in range(25)]
    kept = sorted(folder.iterdir())
    assert len(kept) == 20 and kept[-1] == reports[-1]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    report = crash.write_report(tmp_path / "file" / "crash", "report")
    assert report is None
    assert "could not be written" in crash.one_line(report)


def test_home_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(__file__).resolve().parents[1]))
    assert "  ~/terminal/test_crash.py:" in traces.describe(failure(ValueError()))
