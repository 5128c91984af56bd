"""Templates are filled once and cannot do harm; the state of a snippet follows the last word in the log."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.snippet import (
    PLACEHOLDERS,
    Approval,
    Placeholder,
    Snippet,
    SnippetError,
    SnippetState,
    digest,
    fill,
    parse_template,
    state_of,
    stray_braces,
    unknown_placeholders,
)

TODAY = date(2026, 11, 21)
VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}
SNIPPET = Snippet("late", "Late", {"en": "Hello {author}", "de": "Hallo {author}"}, review=date(2027, 3, 1))


def approval(
    text: str, *, lang: str = "en", until: date | None = None, reason: str | None = None, who: str = "mina"
) -> Approval:
    return Approval(who, datetime(2026, 11, 20, 9, tzinfo=UTC), until, digest(text), lang, reason)


def test_placeholders_are_filled_and_doubled_braces_are_braces() -> None:
    assert (
        fill("Hi {author}, {{author}} {{{brand}}} {signature}", VALUES) == "Hi <author>, {author} {<brand>} <signature>"
    )


@pytest.mark.parametrize(
    "template",
    ["{author.__class__}", "{author!r}", "{0:>2000000000}", "{c.brand.token}", "{}", "${x}", "{ author }", "{Author}"],
)
def test_hostile_template_is_refused_and_not_run(template: str) -> None:
    start = time.process_time()
    with pytest.raises(SnippetError, match="unknown placeholder") as caught:
        fill(template, VALUES, where="snippets/a.toml:7")
    assert time.process_time() - start < 0.5
    assert str(caught.value).startswith("snippets/a.toml:7: ")
    assert "\n" not in str(caught.value)


def test_templates_of_other_languages_are_plain_text() -> None:
    assert fill("{{7*7}} %(x)s $author <%= x %> {% y %", VALUES) == "{7*7} %(x)s $author <%= x %> {% y %"


def test_missing_value_is_named() -> None:
    with pytest.raises(SnippetError, match=r"\{rule\}"):
        fill("See {rule}", {"author": "A"})


def test_error_of_an_unknown_name_holds_no_control_character() -> None:
    with pytest.raises(SnippetError) as caught:
        fill("{\x1b]52;c;x\x07}", VALUES)
    assert str(caught.value).isprintable()


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text() | st.sampled_from(["{author}", "{{", "{x}"])))
def test_what_a_value_holds_is_never_looked_at_again(values: dict[str, str]) -> None:
    template = "".join(f"[{{{name}}}]" for name in sorted(values))
    assert fill(template, values) == "".join(f"[{values[name]}]" for name in sorted(values))


@given(st.lists(st.sampled_from(["{", "}", "{{", "}}", "author", "{author}", "x", " ", "\n"]) | st.text(max_size=4)))
def test_parsing_and_filling_agree_for_any_template(parts: list[str]) -> None:
    template = "".join(parts)
    parsed = parse_template(template)
    for part in parsed:
        if isinstance(part, Placeholder):
            assert template[part.start : part.end] == "{" + part.name + "}"
    if unknown_placeholders(template):
        with pytest.raises(SnippetError):
            fill(template, VALUES)
    else:
        expected = "".join(part if isinstance(part, str) else VALUES[part.name] for part in parsed)
        assert fill(template, VALUES) == expected


@given(st.text())
def test_any_text_can_be_written_as_a_template(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), {}) == text


def test_stray_braces_are_found_where_they_stand() -> None:
    assert stray_braces("a { b {{c}} {author} }") == (2, 21)


def test_a_megabyte_of_braces_is_parsed_in_time() -> None:
    start = time.process_time()
    for unit in ("{", "}", "{a", "{{a}", "{}"):
        parse_template(unit * (1_000_000 // len(unit)))
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("log", "state"),
    [
        ([], SnippetState.DRAFT),
        ([approval("Hello {author}")], SnippetState.APPROVED),
        ([approval("Hello {author}", lang="de")], SnippetState.DRAFT),
        ([approval("Hello you")], SnippetState.CHANGED),
        ([approval("Hello {author}", until=TODAY)], SnippetState.APPROVED),
        ([approval("Hello {author}", until=TODAY - timedelta(days=1))], SnippetState.EXPIRED),
        ([approval("Hello {author}"), approval("", reason="")], SnippetState.REVOKED),
        ([approval("", reason="wrong"), approval("Hello {author}")], SnippetState.APPROVED),
        ([approval("Hello {author}"), approval("Hello again")], SnippetState.CHANGED),
        ([approval("Hello you", until=TODAY - timedelta(days=1))], SnippetState.CHANGED),
    ],
)
def test_state_follows_the_last_word(log: list[Approval], state: SnippetState) -> None:
    assert state_of(SNIPPET, "en", log, TODAY) is state


def test_without_a_date_of_its_own_an_approval_holds_until_the_review() -> None:
    log = [approval("Hello {author}")]
    assert state_of(SNIPPET, "en", log, date(2027, 3, 1)) is SnippetState.APPROVED
    assert state_of(SNIPPET, "en", log, date(2027, 3, 2)) is SnippetState.EXPIRED
    longer = [approval("Hello {author}", until=date(2028, 1, 1))]
    assert state_of(SNIPPET, "en", longer, date(2027, 3, 2)) is SnippetState.APPROVED


def test_state_in_a_language_that_is_not_there() -> None:
    with pytest.raises(SnippetError, match="has no text in 'fr'"):
        state_of(SNIPPET, "fr", [], TODAY)


@given(st.lists(st.tuples(st.sampled_from(["en", "de"]), st.sampled_from(["Hello {author}", "x"]), st.booleans())))
def test_nothing_is_approved_whose_last_word_is_not_an_approval_of_this_text(
    words: list[tuple[str, str, bool]],
) -> None:
    log = [approval(text, lang=lang, reason="no" if revoked else None) for lang, text, revoked in words]
    last = next((word for word in reversed(words) if word[0] == "en"), None)
    approved = state_of(SNIPPET, "en", log, TODAY) is SnippetState.APPROVED
    assert approved == (last is not None and not last[2] and last[1] == "Hello {author}")


def test_digest_is_over_the_utf8_of_the_text_unfilled() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, example
    assert digest("{author}ß") != digest("{author}ss")


def test_texts_cannot_be_changed_from_outside() -> None:
    texts = {"en": "one"}
    snippet = Snippet("a", "A", texts)
    texts["en"] = "two"
    assert snippet.texts["en"] == "one"
    with pytest.raises(TypeError):
        snippet.texts["en"] = "three"  # type: ignore[index]  # the point of the test
    assert hash(snippet)


def test_language_and_scope() -> None:
    snippet = Snippet("a", "A", {"en": "x", "pt-BR": "y"}, channels=("blog", "mastodon"), brands=("acme",))
    assert snippet.language_for("de", "pt") == "pt-BR"
    assert snippet.language_for("en-GB") == "en"
    assert snippet.language_for("fr", None) == "en"
    assert snippet.is_for("news", "mastodon", "acme")
    assert snippet.is_for("blog", "isso", "acme")
    assert not snippet.is_for("news", "isso", "acme")
    assert not snippet.is_for("blog", "isso", "other")
