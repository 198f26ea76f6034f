"""Devices from a CSV file: exported by an RMM tool, or kept by hand in a spreadsheet."""

from quarterday.connectors.csvfile.columns import FIELDS
from quarterday.connectors.csvfile.layout import CsvLayout, CsvOptions, detect_layout
from quarterday.connectors.csvfile.reader import read_csv

__all__ = ["FIELDS", "CsvLayout", "CsvOptions", "detect_layout", "read_csv"]
