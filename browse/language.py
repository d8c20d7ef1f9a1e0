"""Which language a reader wants: chosen, remembered in a cookie, or as the browser says."""

from collections.abc import Mapping

from crawler.words import LANGUAGES, own_language

COOKIE = "luutru_lang"
PARAMETER = "lang"
YEAR = 365 * 24 * 60 * 60


def chosen(asked: Mapping[str, str]) -> str | None:
    """The language that the address asks for, if it is one of ours."""
    wanted = asked.get(PARAMETER)
    return wanted if wanted in LANGUAGES else None


def language_of(asked: Mapping[str, str], cookies: Mapping[str, str], accepted: str | None) -> str:
    """`vi` or `en`; `accepted` is the browser's Accept-Language (RFC 9110, 12.5.4)."""
    remembered = cookies.get(COOKIE)
    return (
        chosen(asked)
        or (remembered if remembered in LANGUAGES else None)
        or _preferred(accepted or "")
        or own_language()
    )


def _preferred(accepted: str) -> str | None:
    """Browsers write their languages in order, so weights need not be read."""
    names = (part.split(";")[0].strip().lower().split("-")[0] for part in accepted.split(","))
    return next((name for name in names if name in LANGUAGES), None)
