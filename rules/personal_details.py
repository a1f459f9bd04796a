"""What looks like a personal detail in a text that must not name anybody: a warning, never a proof of either.

A report asks for facts, not for who they are about. It errs on both sides: a surname alone is not seen, and a
number can be a patient's by accident. The time grows with the length of the text only, whatever the text: every
form is bounded, and begins with a sign that most of a text does not hold (so an address is found by its @).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from rules.seeming_names import titled_names
from rules.texts import shown

ENOUGH = 20  # things found of one kind: nobody needs to be shown more of them to take them out
CANDIDATES = 10_000  # of one kind that are checked: no person wrote more


def looks_personal(text: str) -> tuple[str, ...]:
    """Each thing found, once, in words: “what looks like a person's name (“Mrs Patel”)”; at most 20 of a kind."""
    names = _names(text)
    others = [(form.words, found) for form in FORMS[1:] for found in _found(form, text)]
    return tuple(f"what looks like {words} (“{found}”)" for words, found in [*names, *others])


def _names(text: str) -> list[tuple[str, str]]:
    """By the form that titles have most often; then by every title, and without a capital."""
    found = _found(FORMS[0], text)
    for name in dict.fromkeys(shown(each) for each in islice(titled_names(text), CANDIDATES)):
        if len(found) >= ENOUGH:
            break
        if not any(name in known or known in name for known in found):
            found.append(name)
    return [(FORMS[0].words, name) for name in found]


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of detail looks like: `before` is what of it stands ahead of where the pattern begins."""

    words: str
    pattern: re.Pattern[str]
    before: re.Pattern[str] = re.compile(r"\Z")
    check: Callable[[str], bool] = bool


def _found(form: Form, text: str) -> list[str]:
    candidates = islice(form.pattern.finditer(text), CANDIDATES)
    good = (each for each in candidates if form.check(each[0]))
    return list(dict.fromkeys(shown(_ahead(form, text, each.start()) + each[0]) for each in islice(good, ENOUGH)))


def _ahead(form: Form, text: str, at: int) -> str:
    found = form.before.search(text[max(0, at - 64) : at])
    return found[0] if found else ""


def is_nhs_number(text: str) -> bool:
    """Ten digits of which the last checks the others modulo 11 (NHS Data Dictionary); 0000000000 is nobody's."""
    digits = [int(sign) for sign in text if sign in "0123456789"]
    weighted = sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=False))
    return len(digits) == 10 and weighted % 11 == 0 and len(set(digits)) > 1


_GAP = r"[ \u00a0]"
_ALONE = r"(?<![\w/£$€-].)"  # after the first sign of a number: not part of a longer word, nor an amount
_EMAIL = r"@(?<=[\w.+%-]@)[^\W_](?:[\w-]{0,62}\.){1,8}[^\W\d_]{2,24}"
# 03, 08 and 09 are organisations' numbers
_PHONE = (
    rf"[+(0]{_ALONE}(?:(?:(?<=\+)|(?<=0)0)44(?:{_GAP}|-)?(?:\(0\){_GAP}?)?[127]|(?:(?<=\()0|(?<=0))[127])[0-9]"
    rf"(?:[)]?{_GAP}?-?[0-9]){{7,8}}(?![\w-])(?!{_GAP}[0-9])"
)
_NHS = rf"[0-9]{_ALONE}[0-9]{{2}}[ \u00a0-]?[0-9]{{3}}[ \u00a0-]?[0-9]{{4}}(?![\w/-])(?![ .,:\u00a0][0-9])"
# letters that are not used, and prefixes never given out: HMRC, National Insurance Manual, NIM39110
_PREFIX = r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_INSURANCE = (
    rf"[0-9](?<=[A-Za-z \u00a0].)(?=[0-9])(?:(?:(?<={_PREFIX}[0-9])|(?<={_PREFIX}{_GAP}[0-9]))"
    rf"[0-9](?:{_GAP}?[0-9]{{2}}){{2}}{_GAP}?[A-D]|(?<=(?i:{_PREFIX})[0-9])[0-9]{{5}}[A-Da-d])\b"
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"(?:[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?(?:{_GAP}of)?{_GAP}?{_MONTH},?{_GAP}?[0-9]{{2,4}}"
    rf"|{_MONTH}{_GAP}?[0-9]{{1,2}}(?:st|nd|rd|th)?,?{_GAP}[0-9]{{2,4}})(?!\w)"
)
_BIRTH = (
    r"[BbDd](?<!\w.)(?i:(?:(?<=b)(?:orn|irth ?da(?:y|te))|(?<=d)(?:ate of birth|\.?o\.?b))\b\.?[ \u00a0:=(–-]{0,4}"
    rf"(?:(?:is|was|on|the){_GAP}){{0,3}}{_DATE})"
)
# the areas that exist: Q1 2GB is not in one of them
_AREA = "[BEGLMNSW]"
_LONG_AREA = (
    "(?:A[BL]|B[ABDHLNRST]|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]|F[KY]|G[LUY]|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|"
    "L[ADELNSU]|M[EKL]|N[EGNPRW]|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]|T[ADFNQRSW]|UB|W[ACDFNRSV]|YO|ZE)"
)
_POSTCODE = (
    rf"[0-9](?<=[A-Za-z].)(?:(?<=\b(?i:{_AREA})[0-9])|(?<=\b(?i:{_LONG_AREA})[0-9]))(?:[0-9]|(?i:[A-HJKMNPR-Y]))?{_GAP}?"
    r"[0-9](?!(?:st|nd|rd|th)\b)(?i:[ABD-HJLNP-UW-Z]{2})\b"
)
_NAME = r"[^\W\d_a-zß-öø-ÿ](?:\.|[\w-]{0,30}(?:['’](?!s\b)[\w-]{1,30})?)"
_NO_NAME = r"(?!(?:The|This|That|These|It|We|He|She|They|And|Or|Who|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)"
_TITLED = (
    r"[MDPC](?<!\w.)(?:(?<=M)(?:rs?|s|iss|x|RS?)|(?<=D)r|(?<=P)rof(?:essor)?|(?<=C)(?:llr|ouncillor))\b"
    rf"\.?(?:{_GAP}{{1,2}}|\r?\n){_NO_NAME}{_NAME}"
    rf"(?:{_GAP}(?:(?:van|von|de|der|den|al|bin|le|la){_GAP}){{0,2}}{_NO_NAME}{_NAME}){{0,2}}"
)

FORMS = (
    Form("a person's name", re.compile(_TITLED)),
    Form("an e-mail address", re.compile(_EMAIL), before=re.compile(r"[\w.+%-]{1,64}\Z")),
    Form("a telephone number", re.compile(_PHONE)),
    Form("an NHS number", re.compile(_NHS), check=is_nhs_number),
    Form("a National Insurance number", re.compile(_INSURANCE), before=re.compile(rf"[A-Za-z]{{2}}{_GAP}?\Z")),
    Form("a date of birth", re.compile(_BIRTH)),
    Form("a postcode", re.compile(_POSTCODE), before=re.compile(r"[A-Za-z]{1,2}\Z")),
)
