"""An emulator of the lineage API of Amazon DataZone, for any AWS SDK. See docs/emulator.md."""

from airflow_provider_dzlineage.local.datazone.emulator import DataZoneEmulator
from airflow_provider_dzlineage.local.datazone.faults import Faults

__all__ = ["DataZoneEmulator", "Faults"]
