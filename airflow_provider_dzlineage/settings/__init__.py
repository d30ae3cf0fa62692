"""Settings: how they are declared, parsed and loaded, and those of a site. Imports the standard library only."""
