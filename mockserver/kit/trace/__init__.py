"""Recorded traffic: one file a format, `open` tells them apart, `choose` what is whose, `judge`."""
