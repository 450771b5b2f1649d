"""Drawings of numbers: SVG that stands in the page itself and takes its colours and type."""
