"""Fills a store with synthetic comments, fast, for benches: ``python bench/fill.py PATH N``.

Texts are put together from sentences written for this file, in ten languages, with lengths as in real comment
sections: most of them short, a few very long. The same seed gives the same store.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cminbox.domain.event import NewEvent
from cminbox.domain.item import Author, Item, Kind, Outcome, Post, Priority, Status
from cminbox.domain.text import Raw, Safe
from cminbox.store.protocol import Origin, Tx
from cminbox.store.sqlite import open_store

CHANNELS = (("blog", "comment"), ("shop", "review"), ("video", "comment"), ("forum", "reply"), ("social", "mention"))
SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "My parcel was due on Tuesday and the tracking has not moved since.",
        "Honestly the best coffee grinder I have owned, quiet and quick.",
        "Does the large one fit under a normal kitchen cupboard?",
        "Third time I write, nobody answers.",
        "Thanks, that solved it!",
        "The update broke the timer on mine, is there a way back to the old version?",
    ),
    "de": (
        "Die Lieferung kam pünktlich, aber der Deckel hat einen Sprung.",
        "Gibt es das auch in Größe 48?",
        "Danke für die schnelle Hilfe, so wünscht man sich das.",
        "Seit drei Wochen warte ich auf meine Erstattung.",
        "Schöner Beitrag, nur die Angabe zum Verbrauch stimmt nicht ganz.",
    ),
    "sl": (
        "Kdaj bo izdelek spet na zalogi?",
        "Odlična storitev, pohvale ekipi!",
        "Račun je prišel z napačnim naslovom.",
    ),
    "fr": (
        "Très déçu, la pièce manque dans le carton.",
        "Merci beaucoup, c'est réglé.",
        "Livrez-vous aussi en Suisse ?",
    ),
    "es": ("¿Alguien sabe si es compatible con la versión anterior?", "Llegó roto y nadie contesta.", "Me encanta."),
    "ru": (
        "Заказ пришёл вовремя, спасибо!",
        "Подскажите, есть ли гарантия на аккумулятор?",
        "Опять не работает оплата.",
    ),
    "ar": ("هل يمكن تغيير عنوان الشحن بعد الطلب؟", "خدمة ممتازة، شكراً لكم."),
    "hi": ("क्या यह नीले रंग में भी मिलेगा?", "बहुत अच्छा अनुभव रहा, धन्यवाद।"),
    "ja": ("届いた商品の色が写真と違います。", "対応が早くて助かりました。"),
    "th": ("ส่งของช้ามาก รอมาสองอาทิตย์แล้ว", "สินค้าดีมากค่ะ"),
}
NAMES = ("Ana", "Bilal", "Chen", "Dmitri", "Eva", "Farida", "Goran", "Hana", "Igor", "Jürgen", "Kavya", "Luc", "Maja")
EMOJI = ("", "", "", "", "", " 👍", " 😡", " ❤️", " 👩‍🔧", " 🇸🇮")
START = datetime(2023, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=1400)


def text_of(rng: random.Random, sentences: tuple[str, ...]) -> str:
    """One to four sentences; one comment in two hundred is very long."""
    count = 60 if rng.random() < 0.005 else min(1 + int(rng.expovariate(0.9)), 8)
    return " ".join(rng.choices(sentences, k=count)) + rng.choice(EMOJI)


def comments(number: int, seed: int = 1) -> Iterator[Item]:
    """Comments in the order of their time: a tenth still new or open, the rest done, a third of them in threads."""
    rng = random.Random(seed)
    languages = list(SENTENCES.items())
    recent = {channel: ["0"] for channel, _ in CHANNELS}
    posts = [Post(f"post-{n}", Safe(f"Story number {n}"), Safe(f"https://example.org/{n}")) for n in range(2000)]
    step = SPAN / max(number, 1)
    for n in range(1, number + 1):
        channel, kind = rng.choice(CHANNELS)
        lang, sentences = rng.choice(languages)
        who = rng.randrange(max(number // 12, 1))
        parent = rng.choice(recent[channel]) if n > 100 and rng.random() < 0.3 else None
        remote = str(n)
        recent[channel] = [*recent[channel][-200:], remote]
        fresh = rng.random() < 0.1
        at = START + step * n
        yield Item(
            channel=channel, brand="acme", kind=Kind(kind), remote_id=remote, parent_remote_id=parent,
            post=rng.choice(posts), author=Author(f"u{who}", None, Safe(f"{NAMES[who % len(NAMES)]} {who}")),
            text=Safe(text_of(rng, sentences)), lang=lang, rating=rng.randint(1, 5) if kind == "review" else None,
            created_at=at, received_at=at, seen=not fresh,
            status=rng.choice((Status.NEW, Status.NEW, Status.OPEN)) if fresh else Status.DONE,
            outcome=None if fresh else Outcome.ANSWERED,
            assignee=rng.choice((None, None, "mina", "jo")) if fresh else None,
            priority=rng.choice((Priority.HIGH, Priority.NORMAL, Priority.NORMAL, Priority.LOW)),
            due_at=at + timedelta(hours=rng.randint(1, 90)) if fresh and rng.random() < 0.5 else None,
        )  # fmt: skip


async def fill(path: Path, number: int, *, batch: int = 20_000, seed: int = 1, state: Path | None = None) -> float:
    """Puts ``number`` comments into a store; how many a second."""
    store = await open_store(path, state=state or path.parent)
    source = comments(number, seed)
    began = time.perf_counter()

    def write(tx: Tx) -> int:
        count = 0
        for item in source:
            tx.add_item(item, Origin(Raw(item.text), {}))
            count += 1
            if count == batch:
                break
        if count:
            tx.append(NewEvent("ingested", "fill", None, {"items": count}))
        return count

    try:
        while await store.write(write):
            pass
    finally:
        await store.close()
    return number / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--batch", type=int, default=20_000)
    wanted = parser.parse_args()
    rate = asyncio.run(fill(wanted.path, wanted.number, batch=wanted.batch))
    print(f"{wanted.number} items, {rate:.0f} a second", file=sys.stderr)


if __name__ == "__main__":
    main()
