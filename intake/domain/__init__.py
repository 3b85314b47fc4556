"""Pure rules of the clinic: standard library only, no clock, no database, no configuration."""
