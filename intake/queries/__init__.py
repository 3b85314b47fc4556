"""Reads. A query takes ids or values, loads what a page needs, and ends in `.one()` when absence is a 404."""
