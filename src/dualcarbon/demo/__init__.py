"""The invented city: its reports over three years as files in the public input format."""

from dualcarbon.demo.write import generate

__all__ = ["generate"]
