"""Passwords in addresses, and what only looks like one: a port."""

from __future__ import annotations

# JSON may escape them.
_SLASHES = r":(?:\\?/){2}"
_DATABASES = (
    r"(?:postgres(?:ql)?|mysql|mariadb|redshift|snowflake|mongodb|oracle|mssql|sqlserver|db2|cockroachdb|clickhouse"
    r"|trino|presto|hive2?|teradata|vertica|amqps?|rediss?)(?:\+\w{1,30})?"
)

# Before more brokers, a path, a query, or a page.
_PORT = r"\d{1,5}(?:[,?/]|#/)"
# Of a database, what looks like a port is most often a password when an @ follows, but not these.
_USUAL_PORT = (
    r"(?:5432|5433|5439|6432|3306|3307|1433|1521|27017|6379|5671|5672|8080|8123|8443|443|9000|10000|50000)[,?/]"
)
_PORT_BEFORE_QUERY = r"\d{1,5}(?:/[^\s/?@'\"]{0,200})?\?[\w.-]{1,100}="
_HOST = r"(?:localhost|(?:[a-z0-9-]{1,63}\.){2,10}[a-z0-9-]{1,63})"

# Up to the last @ before the first slash.
_WITHOUT_SLASH = r"[^\s/'\"]+"
# Up to the first @, and further as long as no slash comes; another address ends it.
_WITH_SLASH = r"(?:(?!:\\?/)[^\s'\"@])+(?:@[^\s/'\"@]*)*"

# A user's name may hold an @, as an address of mail or with Azure's databases. A repository's address may, too.
ANY = (
    rf"\b[a-z][a-z0-9+.-]{{1,30}}{_SLASHES}(?!\[)(?:"
    rf"[^\s/:@'\"]*:(?!{_PORT})(?P<password>{_WITHOUT_SLASH}|{_WITH_SLASH})"
    rf"|[^\s/:'\"]*:(?!{_PORT})(?P<of_mail>{_WITHOUT_SLASH}))@"
)
OF_DATABASES = (
    rf"\b{_DATABASES}{_SLASHES}(?!\[|{_HOST}:{_PORT})[^\s/:'\"]*:(?!{_USUAL_PORT}|{_PORT_BEFORE_QUERY})"
    rf"(?P<password>{_WITHOUT_SLASH}|{_WITH_SLASH})@"
)
OF_ORACLE = r"\bjdbc:oracle:[a-z]{1,10}:[^\s/@'\"]{1,100}/(?P<password>[^\s/@'\"]{1,1000})@"
