"""The demo county: invented people and groups in real towns, the same every time."""
