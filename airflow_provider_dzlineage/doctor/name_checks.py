"""Whether what is set has the name of a setting: a misspelt one is never read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from difflib import get_close_matches

from airflow_provider_dzlineage.doctor.finding import Finding, warned
from airflow_provider_dzlineage.receiver.options import ReceiverOptions
from airflow_provider_dzlineage.settings import ENVIRONMENT_PREFIX, Settings


def check_names(variables: Iterable[str], options: Iterable[str] = ()) -> Iterator[Finding]:
    """Look for names that nothing reads.

    :param variables: names of the environment.
    :param options: names in the ``[dzlineage]`` section of the Airflow configuration.
    """
    settings = [setting.name for setting in fields(Settings)]
    of_endpoint = [option.name for option in fields(ReceiverOptions)]
    known = [ENVIRONMENT_PREFIX + name.upper() for name in (*settings, *of_endpoint)]
    for variable in sorted(variables):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in known:
            yield _stranger(variable, variable, known)
    for option in sorted(options):
        # Airflow reads an option's value from a command or a secret when it is named so.
        if not {option, option.removesuffix("_cmd"), option.removesuffix("_secret")} & set(settings):
            yield _stranger(f"[dzlineage] {option}", option, settings)


def _stranger(shown: str, name: str, known: list[str]) -> Finding:
    nearest = get_close_matches(name, known, 1, 0.8)
    fix = f"if {nearest[0]} is meant, rename it" if nearest else "remove it; the README lists the settings"
    return warned(shown, "nothing reads a setting of this name", fix)
