"""The built-in transforms: small named functions that repair one event before it is posted."""
