"""From a city's dual-carbon notice to accounts, figures and standings; knows no web."""

from importlib.metadata import version

__version__ = version("dualcarbon")
