"""Text of every kind that reaches a screen, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

PLAIN = "abc XYZ 012.,"
LATIN = "äßéñŠ●◦▌│█…→"
SCRIPTS = "привет שלום مرحبا สวัสดี नमस्ते 한국어 中文かな Ωμέγα"
# Widths that terminals dispute: flags, joiners, selectors, skin tones, spacing marks, new emoji.
DISPUTED = ["❤️", "👨‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "நி", "क्षि", "1️⃣", "\U0001fae9", "a\u200db", "\u200d", "\u0301", "ㅤ"]
# What must never leave: controls, sequences, bidi, invisible, surrogates, tags.
HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x1b[6n",
    "\x1bP+q544e\x1b\\",
    "\x9b31m",
    "\x9d0;x\x9c",
    "\u202egnp.exe",
    "\u2066\u2069",
    "\x00",
    "\x07",
    "\x08",
    "\r",
    "\n",
    "\x7f",
    "\x18",
    "\ud800",
    "\U000e0041",
    "\u200b",
    "\ufeff",
]

shown = st.lists(
    st.one_of(st.sampled_from(PLAIN), st.sampled_from(LATIN), st.sampled_from(SCRIPTS), st.sampled_from(DISPUTED)),
    max_size=14,
).map("".join)
certain = st.lists(
    st.one_of(st.sampled_from(PLAIN), st.sampled_from(LATIN), st.sampled_from("中文한かё")), max_size=14
).map("".join)
hostile = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.sampled_from(PLAIN), st.sampled_from(DISPUTED), st.characters()), max_size=10
).map("".join)
