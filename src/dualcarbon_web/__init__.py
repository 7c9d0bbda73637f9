"""The site of dualcarbon: shows what the library computes and computes nothing itself."""

from importlib.metadata import version

__version__ = version("dualcarbon")
