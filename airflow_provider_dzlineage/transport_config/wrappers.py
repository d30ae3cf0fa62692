"""What AWS's requests and answers, and ``dzlineage config mwaa``, hold configurations in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = {
    # Amazon MWAA.
    *("Environment", "AirflowConfigurationOptions", "options"),
    # AWS Glue.
    *("Job", "JobRun", "JobUpdate", "DefaultArguments", "Arguments"),
    # Amazon EMR, on EC2 and Serverless.
    *("Cluster", "Configurations", "Properties"),
    *("application", "configurationOverrides", "applicationConfiguration", "runtimeConfiguration"),
    *("configurations", "properties"),
}
_CONFIGURATIONS = {"--conf", "openlineage.transport"}


def is_wrapper(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object holds configurations instead of being one."""
    return "type" not in value and bool(_NAMES & value.keys())


def held_by(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what is of interest in a wrapper; jobs and clusters have much else."""
    for name in filter(_NAMES.__contains__, value):
        inner = value[name]
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, Mapping) and (
                (_NAMES | _CONFIGURATIONS) & each.keys() or any("spark." in key for key in each)
            ):
                yield each
