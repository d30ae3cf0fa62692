"""An emulator of the lineage API of Amazon DataZone, for any AWS SDK. See README.md beside this file."""

from airflow_provider_dzlineage.local.datazone.emulator import DataZoneEmulator
from airflow_provider_dzlineage.local.datazone.faults import Faults

__all__ = ["DataZoneEmulator", "Faults"]
