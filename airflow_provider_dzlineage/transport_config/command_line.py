"""Spark's settings on a command line: what follows each ``--conf``.

Source: ``SparkSubmitOptionParser`` of Spark, which also takes ``--conf=key=value`` and, as another name, ``-c``.
"""

from __future__ import annotations

import re
import shlex

# Other programs have a -c too.
_CONF = re.compile(r"--conf|(?:^|\s)-c\s+['\"]?(?:EMR\.secret@)?spark\.")
_NAMES = ("--conf", "-c")


def is_command_line(text: str) -> bool:
    """Tell whether settings stand behind ``--conf`` in a text."""
    return bool(_CONF.search(text))


def settings_on(line: str) -> dict[str, str]:
    """Return the settings of a command line, or of the value of Glue's parameter, which begins without a ``--conf``."""
    try:
        words = shlex.split(line.replace("\\\n", " "))
    except ValueError:
        words = line.split()
    found = {}
    for before, word in zip(["--conf", *words], words, strict=False):
        joined = word.removeprefix("--conf=")
        key, is_pair, value = joined.partition("=")
        if is_pair and (before in _NAMES or joined != word) and key not in _NAMES:
            found[key] = value
    return found
