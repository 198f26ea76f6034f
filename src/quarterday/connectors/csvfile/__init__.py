"""Devices from a CSV file: exported by an RMM tool, or kept by hand in a spreadsheet."""

from quarterday.connectors.csvfile.columns import FIELDS
from quarterday.connectors.csvfile.layout import CsvDescription, CsvLayout, CsvOptions, describe_csv, detect_layout
from quarterday.connectors.csvfile.reader import read_csv

__all__ = ["FIELDS", "CsvDescription", "CsvLayout", "CsvOptions", "describe_csv", "detect_layout", "read_csv"]
