"""An AWS that runs on a laptop: ministack for SQS and the rest, our own emulator for DataZone lineage."""
