"""Words for made movies: some that are common in titles, and as many more as a catalogue needs."""

from __future__ import annotations

from functools import lru_cache

# The word that 5 % of all movies have in their title, and none anywhere else.
COMMON_WORD = "night"

# From the most frequent on; these stand before all made words.
TITLE_WORDS = (
    "love", "man", "life", "house", "girl", "world", "dead", "story", "last", "day", "dark", "blood", "heart", "king",
    "black", "time", "city", "home", "death", "little", "boy", "dream", "secret", "lost", "war", "woman", "red",
    "summer", "wild", "street", "devil", "matrix", "child", "blue", "road", "game", "star", "return", "island",
    "fire", "moon", "river", "shadow", "money", "murder", "white", "golden", "winter", "ghost", "angel", "sea",
    "garden", "stranger", "mother", "father", "brother", "sister", "journey", "silent", "storm", "dragon", "train",
    "lady", "captain", "school", "monster", "hotel", "wolf", "forest", "bridge", "mirror", "silver", "widow",
    "hunter", "promise", "paradise", "doctor", "circus", "planet", "machine", "window", "desert", "harbor", "letter",
    "orchard", "painter", "pilot", "prophet", "quarter", "raven", "sailor", "tiger", "tower", "valley", "village",
    "violin", "voyage", "witness", "zero",
)  # fmt: skip

LINKS = ("of the", "and the", "in the", "of", "and", "for a", "without")

# What stands between the words of a sentence.
FILLERS = (
    "the", "a", "of", "to", "and", "in", "his", "her", "is", "with", "that", "for", "by", "who", "on", "when", "from",
    "their", "as", "an", "at", "into", "but", "must", "has", "after", "they", "find", "while", "about",
)  # fmt: skip

GIVEN_NAMES = (
    "Ada", "Aiko", "Alan", "Amélie", "Anders", "Anna", "Arjun", "Ben", "Björn", "Bruno", "Carla", "Carmen", "Chen",
    "Clara", "Dana", "David", "Diego", "Elena", "Emil", "Emma", "Erik", "Esther", "Eva", "Fatima", "Felix", "Frank",
    "George", "Giulia", "Greta", "Hana", "Hassan", "Helen", "Hugo", "Ines", "Ivan", "Jack", "Jan", "Jean", "John",
    "Jorge", "José", "Julia", "Karim", "Kate", "Kenji", "Lars", "Laura", "Leo", "Lina", "Louis", "Lucy", "Maria",
    "Mark", "Marta", "Mei", "Michael", "Mila", "Nadia", "Nina", "Noah", "Olga", "Omar", "Oscar", "Paul", "Pedro",
    "Priya", "René", "Rosa", "Ruth", "Sam", "Sara", "Sofía", "Tara", "Tomás", "Uma", "Vera", "Victor", "Yuki", "Zoë",
)  # fmt: skip

_SYLLABLES = tuple(consonant + vowel for consonant in "bdfghjklmnprtvwz" for vowel in "aeiou")
_ENDINGS = ("", "n", "r", "l", "m", "k")
_MADE_WORDS = len(_SYLLABLES) ** 3 * len(_ENDINGS)
_STRIDE = 1_000_003  # prime, so that all numbers below _MADE_WORDS have a word of their own


@lru_cache(maxsize=65_536)
def made_word(number: int) -> str:
    """The word of a number below three millions; words of neighbouring numbers are not alike."""
    rest, ending = divmod(number * _STRIDE % _MADE_WORDS, len(_ENDINGS))
    rest, third = divmod(rest, len(_SYLLABLES))
    first, second = divmod(rest, len(_SYLLABLES))
    return _SYLLABLES[first] + _SYLLABLES[second] + _SYLLABLES[third] + _ENDINGS[ending]
