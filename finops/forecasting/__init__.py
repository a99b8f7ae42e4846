"""Forecasts of daily cost: several models, one median of them, intervals that hold what they promise, and their error.

Models work in floats; what leaves as money is Decimal. The model libraries are slow to import and are imported where
they are used, so whoever only shows a forecast never loads them.
"""
