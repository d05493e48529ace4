"""What buyers write and show when they ask for something after delivery: words, pictures and, now
and then, a video, by the reason they give.
"""

from __future__ import annotations

from random import Random

from sandbox.kinds import Doc

HOST = "https://pictures.sandbox.example"
NOTES: dict[str, tuple[str, ...]] = {
    "damaged": (
        "The box was wet and the glass inside is cracked, see the pictures.",
        "Arrived with a broken handle. I would like my money back please.",
    ),
    "wrong_item": ("I ordered the blue one, this is the green one.",),
    "not_as_described": ("Much smaller than in the listing. I measured it, see the picture.",),
    "missing_parts": ("The screws are missing, so it cannot be put together.",),
    "changed_mind": ("Does not fit me after all, sorry. Still in its packaging.",),
    "not_received": ("Tracking has not moved for a week and nobody has rung here.",),
    "missing_item": ("Only one of the two was in the parcel.",),
}
#: What can be seen.
SHOWN = ("damaged", "wrong_item", "not_as_described", "missing_parts", "missing_item")


def of(reason: str, random: Random) -> Doc:
    """`note`, `images` and `videos` of a record."""
    about = next((name for name in NOTES if reason.endswith(name)), "")
    note = random.choice(NOTES[about]) if about else ""
    count = random.randint(1, 3) if about in SHOWN else 0
    number = random.randrange(10**9)
    return {
        "note": note,
        "images": [_picture(number, place) for place in range(1, count + 1)],
        "videos": [_video(number)] if about in SHOWN and random.random() < 0.3 else [],
    }


def _picture(number: int, place: int) -> Doc:
    return {"url": f"{HOST}/{number}-{place}.jpg", "width": 1080, "height": 1440}


def _video(number: int) -> Doc:
    return {
        "url": f"{HOST}/{number}.mp4",
        "cover": f"{HOST}/{number}-cover.jpg",
        "width": 1080,
        "height": 1920,
        "duration_millis": 12_400,
    }
