from __future__ import annotations

import gzip
import json
import time
from collections import Counter

import pytest

from cminbox.text.language import guess
from cminbox.text.sanitize import safe
from tests.shared import shared_dir


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann kommt die Größe 42 wieder? Ich warte schon lange auf euch.", "de"),
        ("When will this be back? I have been waiting for a week.", "en"),
        ("Kdaj bo spet na zalogi? Že dva tedna čakam, hvala lepa.", "sl"),
        ("Kad će ponovno biti dostupno? Već dva tjedna čekam, što je ovo.", "hr"),
        ("Когда будет в наличии? Я уже две недели жду ответа.", "ru"),
        ("Коли буде в наявності? Я вже два тижні чекаю на відповідь.", "uk"),
        ("Кога ще бъде отново налично? Чакам вече две седмици.", "bg"),
        ("Када ће поново бити доступно? Већ две недеље чекам, шта је ово.", "sr"),
        ("Quand est-ce que ce sera de nouveau disponible ? J'attends depuis une semaine.", "fr"),
        ("Quando sarà di nuovo disponibile? Aspetto da una settimana, grazie per la risposta.", "it"),
        ("¿Cuándo vuelve a estar disponible? Llevo una semana esperando, gracias.", "es"),
        ("Quando volta a estar disponível? Não tenho resposta há uma semana, obrigado.", "pt"),
        ("Wanneer is het weer op voorraad? Ik wacht al een week op een antwoord van jullie.", "nl"),
        ("متى سيتوفر مرة أخرى؟ أنتظر منذ أسبوع", "ar"),
        ("מתי זה יחזור למלאי? אני מחכה כבר שבוע", "he"),
        ("यह फिर कब मिलेगा? मैं एक हफ्ते से इंतज़ार कर रहा हूँ", "hi"),
        ("จะมีของอีกเมื่อไหร่ รอมาหนึ่งสัปดาห์แล้ว", "th"),
        ("언제 다시 입고되나요? 일주일째 기다리고 있어요", "ko"),
        ("いつ再入荷しますか。一週間待っています", "ja"),
        ("什么时候补货？我已经等了一个星期", "zh"),
        ("", None),
        ("👍👍👍", None),
        ("ok", None),
        ("12345 !!", None),
        ("https://www.example.org/the/and/is/of @the_and_is #the #and", None),
        ("Kiedy będzie znów dostępne? Czekam już tydzień, dziękuję.", None),
        ("چه زمانی دوباره موجود می‌شود؟ یک هفته منتظر پاسخ گپ", None),
    ],
)
def test_guesses(text: str, language: str | None) -> None:
    assert guess(safe(text)) == language


def test_a_guess_costs_little() -> None:
    for unit in ("a", "der die das ", "a@", "中", "ж", "@a "):
        text = safe(unit * (100_000 // len(unit)))
        before = time.process_time()
        guess(text)
        assert time.process_time() - before < 0.1  # measured: 2 ms


@pytest.mark.shared
def test_on_real_comments() -> None:
    """Rarely wrong, as far as the sets' own labels go (the Korean and Portuguese sets hold much English, Spanish)."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for path in sorted(shared_dir("data", "comments").glob("*/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as rows:
            for number, row in enumerate(rows):
                if number % 7:
                    continue
                comment = json.loads(row)
                said = guess(safe(comment["text"] or ""))
                total[comment["lang"]] += 1
                (right if said == comment["lang"] else wrong)[comment["lang"]] += said is not None
    for language, least in {"de": 0.78, "en": 0.78, "ru": 0.6, "sl": 0.7}.items():
        assert right[language] / total[language] > least, language
        assert wrong[language] / total[language] < 0.05, language
