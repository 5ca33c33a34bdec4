"""The workbook that recalculates: every figure of a scenario as a live spreadsheet formula."""
