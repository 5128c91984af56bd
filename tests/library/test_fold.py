"""What is written alike is found alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.library.fold import fold, has_vowel, is_unspaced, other_layouts, spans, spellings, words

ANY_TEXT = st.text() | st.text(alphabet="äöüßøłđéèÉİıςфёйїЖ가힣ぱガ한글กำا\u064bـקץम\u094dﬁＦĳ\u0345\u200d'-_ ")


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_folding_does_not_care_for_case(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@given(ANY_TEXT)
def test_words_stand_where_they_say(text: str) -> None:
    for raw, start, end in spans(text):
        assert text[start:end] == raw
    for word in words(text):
        assert word.form
        assert fold(text[word.start : word.end]) == word.form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Größe", "grosse"),
        ("ŁÓDŹ", "lodz"),
        ("ёлка", "елка"),
        ("й", "и"),
        ("smørrebrød", "smorrebrod"),
        ("Đorđe", "dorde"),
        ("İstanbul", "istanbul"),
        ("ﬁnal", "final"),
        ("Ｆｕｌｌ", "full"),
        ("u\u0308ber", "über"),
        ("أهلاً", "اهلا"),
        ("שָׁלוֹם", "שלומ"),
        ("λόγος", "λογοσ"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_letters_that_readers_tell_apart_stay_apart() -> None:
    assert fold("が") != fold("か")
    assert fold("की") != fold("का")


def test_spellings() -> None:
    assert spellings("Gefährlich") == ("gefahrlich", "gefaehrlich")
    assert "otklonen" in spellings("отклонён")
    assert spellings("Refund") == ("refund",)
    assert spellings("ـ") == ()


def test_scripts_without_spaces_give_pairs() -> None:
    assert [word.form for word in words("审批 ok 帖子需")] == ["审批", "批", "ok", "帖子", "子需", "需"]
    assert is_unspaced("帖子") and not is_unspaced("이메일")


def test_marks_belong_to_their_word() -> None:
    assert [word.form for word in words("नमस्ते दुनिया")] == ["नमस्ते", "दुनिया"]


def test_vowels_and_layouts() -> None:
    assert not has_vowel("rfnd") and not has_vowel("infrmtn") and has_vowel("refund")
    assert "блокировка" in other_layouts(",kjrbhjdrf")
    assert "hello" in other_layouts("руддщ")
    assert "zahlung" in other_layouts("yahlung")
