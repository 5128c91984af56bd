"""Texts to throw at the door: any characters, those that do harm more often, and long runs of one piece."""

from __future__ import annotations

from hypothesis import strategies as st

HOT = [
    *"\x00\x07\x08\x09\x0a\x0b\x0c\x0d\x1b\x1c\x1e\x1f\x7f\x80\x85\x9b\x9d\x9f\xa0\xad",
    *"\u034f\u0301\u0307\u0308\u0323\u0338\u20dd\u20e3\u061c\u115f\u1160\u11a8\u1100\u17b4\u180b\u180e",
    *"\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u2800\u3000\u3164\ufe0e\ufe0f\ufeff",
    *"\uffa0\ufff9\ufffc\ufffe\ud800\udfff\ue000\U000e0001\U000e0067\U000e007f\U000e0101\U0010ffff",
    *"aÄßčЖ0#. …中あ한\u0915\u093f\u094d\u0bc0\u0627\u06cc\u05d0\u0e01\u0e31\u1000\u1820",
    *"👍👩❤🏽🏴🇩🇪☰㉈\U0001fa77\U0001fae9",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "👩\u200d👩\u200d👧",
    "1\ufe0f\u20e3",
    "\x1b]52;c;Y3VybA==\x07",
    "\r\n",
    "\n\n\n",
    " " * 9,
]

runs = st.builds(lambda piece, times: piece * times, st.sampled_from(HOT), st.integers(1, 12))
anything = st.text(st.characters(exclude_categories=()), max_size=20)
texts = st.lists(st.one_of(st.sampled_from(HOT), runs, anything), max_size=25).map("".join)

ORDINARY = {
    "sl": "Živjo, zanima me, če je čaj še na zalogi? Žal mi je — ŠČŽ šččž đ",
    "ru": "Здравствуйте! Почему ёлка ещё не приехала? Съешь же ещё этих мягких булок №5",
    "de": "Schöne Grüße aus Köln: „Größe 42“ wär’ toll – 5 €, Straße, ÄÖÜẞ\u00a0…",
    "de, soft hyphen": "Donau\u00addampf\u00adschiff\u00adfahrt",
    "fr": "Où est passée ma commande\u202f? «\u00a0Déjà vu\u00a0» œuvre ç",
    "ar": "مرحبا، أين طلبي؟ شكرًا جزيلًا. الرقم ١٢٣",
    "ar, letter mark": "السعر \u061c12 درهم",
    "fa": "می\u200cخواهم این کتاب\u200cها را بخرم",
    "he": "שלום, איפה ההזמנה שלי? תודה!\u200f שָׁלוֹם",
    "hi": "नमस्ते, मेरा ऑर्डर कहाँ है? क्\u200dष हिन्दी",
    "bn": "র\u200d্য আমি বাংলায় গান গাই",
    "si": "ශ්\u200dරී ලංකා",
    "ta": "வணக்கம், எங்கே என் பொருள்? நி கௌ",
    "th": "สวัสดีครับ\u200bสินค้าอยู่ที่ไหน",
    "km": "សួស្តី\u200bកម្ពុជា",
    "my": "မင်္ဂလာပါ",
    "ko": "안녕하세요, 주문이 아직 안 왔어요 ㅠㅠ",
    "ja": "注文した商品がまだ届きません。ｶﾀｶﾅ　葛\U000e0100城",
    "zh": "您好，我的订单在哪里？",
    "mn": "ᠮᠣᠩᠭᠣᠯ\u202fᠤᠨ\u180eᠠ",
    "vi": "Xin chào, đơn hàng của tôi đâu rồi? Tiếng Việt",
    "vi, decomposed": "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "emoji": "👍 👍🏽 ❤️ ☎︎ 👨‍👩‍👧‍👦 🏳️‍🌈 🤷🏻‍♀️ 🧑🏿‍💻 😀😂🙃 🐻‍❄️ ❤️‍🔥 ©️ ‼️",
    "flags": "🇩🇪🇸🇮🇷🇺 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴‍☠️",
    "keycaps": "1️⃣ #️⃣ *️⃣ 3⃣",
    "code": "if (a < b && c > d) {\n\treturn `x` ^ 0xff; }  // [b]x[/b] \\u202e",
    "mathematics": "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ≤ 𝕏² ∩\ufe00 ½ ™ Ω",
    "art": "  /\\_/\\\n ( o.o )\n  > ^ <\n⠀⠀⣿⣿⠀⠀",
    "breaks": "first\n\nsecond\n\n\nthird\n",
}
"""Texts that people write; the door lets each through as it stands."""
