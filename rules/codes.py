"""What a reporter is given: a reference to quote, which opens nothing, and a follow-up code, which is a secret.

Both come from random bytes that the caller draws, separately for each: out of the same bytes, the reference
would tell part of the code.
"""

import re

# neither vowels (no words by accident) nor what is mistaken for another when read aloud or by hand: 0 O, 1 I L,
# 2 Z, 5 S, 8 B, U V. Twenty-one signs in six places are 86 million references a year; the caller retries a clash.
ALPHABET = "34679CDFGHJKMNPQRTWXY"
LENGTH = 6
CODE_DIGITS = 16  # 53 bits
_ENTROPY = 16  # bytes; the remainder then favours no value by more than one part in 10^22
_BETWEEN = re.compile(r"[\s\u00ad\u200b\u2060\ufeff\u2010-\u2015\u2212-]")
_REFERENCE = re.compile(rf"BR([0-9]{{4}})([{ALPHABET}]{{{LENGTH}}})")
_CODE = re.compile(rf"[0-9]{{{CODE_DIGITS}}}")


def reference_from(entropy: bytes, year: int) -> str:
    """“BR-2026-7K3Q9M”. Raises ValueError for fewer than 16 random bytes."""
    number, signs = _number(entropy), ""
    for _ in range(LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return f"BR-{year:04d}-{signs}"


def read_reference(text: str) -> str | None:
    """The reference as it was given out, whatever the case, spaces and hyphens; None if it is not one."""
    found = _REFERENCE.fullmatch(_BETWEEN.sub("", text).upper())
    return f"BR-{found[1]}-{found[2]}" if found else None


def code_from(entropy: bytes) -> str:
    """Sixteen decimal digits, each code as likely as any other. Raises ValueError for fewer than 16 random bytes."""
    return f"{_number(entropy) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def written(code: str) -> str:
    """“1234 5678 9012 3456”, as it is shown the one time."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """The sixteen digits, whatever spaces and hyphens were written between them; None if it is not a code."""
    digits = _BETWEEN.sub("", text)
    return digits if _CODE.fullmatch(digits) else None


def _number(entropy: bytes) -> int:
    if len(entropy) < _ENTROPY:
        raise ValueError(f"{len(entropy)} random bytes are too few: {_ENTROPY} are needed")
    return int.from_bytes(entropy)
