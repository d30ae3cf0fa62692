"""What secrets look like. No expression here can take more than linear time.

Sources: the forms of AWS access keys and of presigned URLs in the AWS documentation; the COPY, UNLOAD and CREATE USER
commands of Amazon Redshift; RFC 3986 for passwords in addresses; RFC 6750 for bearer tokens.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Without one of these, in lower case, no expression below can match. Each one costs every event, so they are few.
_WORDS = (
    *("@", "secret", "pass", "pwd", "token", "bearer", "authorization", "credential", "identified", "akia", "asia"),
    *("x-amz-s", "sig=", "signature=", "ghp_", "github_pat_", "glpat-"),
)
# A key alone is most often that of a table.
_KEY = "key"
_SECRET_KEY = re.compile(r"(?:access|api|private|symmetric)[._-]?key")

_KEYS = (
    r"(?:aws[._-]?)?secret[._-]?access[._-]?key|(?:aws[._-]?)?access[._-]?key[._-]?id|(?:aws[._-]?)?session[._-]?token"
    r"|s3[an]?\.access\.key|master_symmetric_key|client[._-]?secret|secret[._-]?key|api[._-]?key"
    r"|x-amz-signature|x-amz-security-token|x-amz-credential"
)
_NAMES = rf"[a-z0-9]{{0,30}}(?:password|passwd|pwd|passphrase)|auth[._-]?token|access[._-]?token|{_KEYS}"
_START = r"(?<![a-z0-9])"
_ASSIGNED = r"(?:=|:=|=>)"
_TEXT = r"""'(?!\s{0,5}\|\|)((?:[^'\\]|\\.|''){1,4000})'|"((?:[^"\\]|\\.){1,4000})\""""
# JSON in a text, whose quotes are escaped.
_ESCAPED_TEXT = r'\\{1,3}"([^"\\]{1,4000})\\{1,3}"'
_BARE = r"""([^\s,;&'"<>]{1,4000})"""
# What SQL sets or compares a column with: nothing, the result of a function, and another column.
_NOTHING = r"(?!(?:null|none|true|false|default)\b)"
_NO_CALL = r"(?!\w{1,100}\([^()\s]{0,400}\))"
_NO_COLUMN = r"(?![a-z_]\w{0,100}\.[a-z_]\w{0,100}(?![\w./+=-]))"

# The groups are the secrets; without a group, all that matches.
SECRETS = tuple(
    re.compile(expression)
    for expression in (
        # Not a port, as in a list of brokers or before a path.
        r"(?ai)\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@'\"]{0,200}:(?!\d{1,5}[,?/#])([^\s/'\"]{1,500}|[^\s'\"@]{1,500})@",
        r"(?ai)\bjdbc:oracle:[a-z]{1,10}:[^\s/@'\"]{1,100}/([^\s/@'\"]{1,200})@",
        r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
        r"(?<![A-Za-z0-9])(?:ghp_|github_pat_|glpat-)[A-Za-z0-9_-]{16,255}",
        rf"(?ai){_START}(?:{_NAMES})\s{{0,5}}{_ASSIGNED}\s{{0,5}}(?:{_TEXT}|\{{([^}}]{{1,4000}})\}})",
        rf"(?ai){_START}(?:{_NAMES}){_ASSIGNED}{_NOTHING}{_NO_CALL}{_BARE}",
        rf"(?ai){_START}(?:{_NAMES})\s{{0,5}}{_ASSIGNED}\s{{0,5}}{_NOTHING}{_NO_CALL}{_NO_COLUMN}{_BARE}",
        rf"(?ai){_START}(?:{_NAMES})['\"\\]{{0,3}}\s{{0,5}}:\s{{0,5}}(?:{_TEXT}|{_ESCAPED_TEXT})",
        rf"(?ai){_START}(?:{_NAMES})\s{{1,5}}(?:{_TEXT})",
        rf"(?ai){_START}(?:{_KEYS})\s{{0,5}}:\s{{0,5}}([a-z0-9/+=_.-]{{16,4000}})",
        r"(?ai)(?<!\S)--(?:password|passwd|token|secret|api-key)\s{1,5}([^\s'\"-][^\s'\"]{0,4000})",
        r"(?ai)[?&](?:token|sig|signature|secret)=([^&\s'\"]{1,4000})",
        r"(?ai)\bbearer[\s:'\"]{1,5}((?=[a-z]{0,100}[0-9._~+/-])[a-z0-9._~+/-]{8,4000}={0,2}|[a-z]{20,4000}={0,2})",
        r"(?ai)\bauthorization['\"\\]{0,3}\s{0,5}[:=]\s{0,5}['\"\\]{0,3}(?:basic|token)\s{1,5}([a-z0-9+/_.~-]{1,4000}={0,2})",
        rf"(?ai)\bidentified\s{{1,5}}(?:with\s{{1,5}}\w{{1,100}}\s{{1,5}})?by\s{{1,5}}(?:(?:password|values)\s{{1,5}})?(?:{_TEXT})",
        r"(?ai)\b(?:user|role)\s{1,5}\S{1,200}\s{1,5}identified\s{1,5}by\s{1,5}(?!password\b|values\b)([^\s'\";*]{1,4000})",
        r"(?ai)\bcredentials\s{1,5}(?:as\s{1,5})?'(?!aws_iam_role=[^';]{0,4000}')([^']{1,4000})'",
    )
)

_SECRET_NAME = re.compile(
    r"(?ai)(?:passw(?:or)?d|passphrase|secret|api[._-]?key|private[._-]?key|access[._-]?key(?:[._-]?id)?|secret[._-]?key"
    r"|(?:access|auth|session|refresh|security)[._-]?token|(?:^|[._-])(?:token|pwd|pass|credentials?))\d{0,3}$"
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
