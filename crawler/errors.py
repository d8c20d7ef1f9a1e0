"""What can go wrong, as a tree. Each class says what the caller should do next.

LuutruError
├── BadInput      the user asked for something that makes no sense: say it, exit 2
└── CannotRun     the request is fine, the surroundings are not: say it, exit 3
"""


class LuutruError(Exception):
    """One clear line for a person: what, where, what to do. Never shown with a traceback."""

    exit_code = 3


class BadInput(LuutruError):
    """Wrong use. The caller corrects the call; trying again unchanged is pointless."""

    exit_code = 2


class CannotRun(LuutruError):
    """A file, lock, disk or network is in the way. The caller mends that and tries again."""

    exit_code = 3
