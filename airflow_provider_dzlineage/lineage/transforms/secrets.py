"""What secrets look like. No expression here can take more than linear time.

Sources: the forms of AWS access keys and of presigned URLs in the AWS documentation; the COPY, UNLOAD and CREATE USER
commands of Amazon Redshift; RFC 3986 for passwords in addresses; RFC 6750 for bearer tokens.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Without one of these, in lower case, no expression below can match. Each one costs every event, so they are few.
_WORDS = (
    *("@", "secret", "passw", "pwd", "token", "bearer", "authorization", "credential", "identified", "akia", "asia"),
    "x-amz-s",
)
# A key alone is most often that of a table.
_KEY = "key"
_SECRET_KEY = re.compile(r"(?:access|api|private|symmetric)[._-]?key")

_NAMES = (
    r"(?:aws_)?secret_access_key|(?:aws_)?access_key_id|(?:aws_)?session_token|master_symmetric_key|client_secret"
    r"|secret_?key|api[_-]?key|auth_?token|access_token|password|passwd|pwd"
    r"|x-amz-signature|x-amz-security-token|x-amz-credential"
)
_TEXT = r"""'((?:[^'\\]|\\.|''){1,4000})'|"((?:[^"\\]|\\.){1,4000})\""""

# The groups are the secrets; without a group, all that matches.
SECRETS = tuple(
    re.compile(expression)
    for expression in (
        r"(?ai)\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@'\"]{0,200}:([^\s/'\"]{1,500})@",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        rf"(?ai)(?<![a-z0-9])(?:{_NAMES})\s{{0,5}}(?:=|:=|=>)\s{{0,5}}(?:{_TEXT}|([^\s,;&'\"()<>]{{1,4000}}))",
        rf"(?ai)(?<![a-z0-9])(?:{_NAMES})['\"\\]{{0,3}}\s{{0,5}}:?\s{{0,5}}(?:{_TEXT})",
        r"(?ai)\bbearer\s{1,5}([a-z0-9._~+/-]{8,4000}={0,2})",
        r"(?ai)\bauthorization['\"\\]{0,3}\s{0,5}[:=]\s{0,5}['\"\\]{0,3}basic\s{1,5}([a-z0-9+/]{1,4000}={0,2})",
        rf"(?ai)\bidentified\s{{1,5}}by\s{{1,5}}(?:password\s{{1,5}})?(?:{_TEXT})",
        r"(?ai)\bcredentials\s{1,5}(?:as\s{1,5})?'(?!aws_iam_role=)([^']{1,4000})'",
    )
)

_SECRET_NAME = re.compile(
    r"(?ai)passw(?:or)?d|secret|api[._-]?key|private[._-]?key|access[._-]?key|(?:^|[._-])(?:token|pwd|credentials?)$"
)


def may_hold_a_secret(lower: str) -> bool:
    """Tell, much cheaper than by looking for it, whether a text can hold a secret.

    :param lower: the text in lower case.
    """
    if any(word in lower for word in _WORDS):
        return True
    return _KEY in lower and bool(_SECRET_KEY.search(lower))


# The same few names come again and again.
@lru_cache(maxsize=4096)
def names_a_secret(name: str) -> bool:
    """Tell whether a variable or property of this name holds a secret."""
    return bool(_SECRET_NAME.search(name))
