#!/usr/bin/env python3
"""Draws a terminal's text (stdin) as SVG (stdout). Argument: the command that printed it.

Bold is the first line and the titles of a table (a line that begins with "thread")."""
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 7.83, 17, 14  # of a character at 13 px; around all

lines = sys.stdin.read().rstrip("\n").split("\n")
command = "$ " + sys.argv[1]
columns = max(map(len, lines + [command]))
width, height = columns * WIDTH + 2 * MARGIN, (len(lines) + 1) * HEIGHT + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">')
print(f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#1e2127"/>')
print('<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="13" xml:space="preserve" fill="#d7dae0">')
for n, line in enumerate([command] + lines):
    y = MARGIN + (n + 0.75) * HEIGHT
    look = ' fill="#7f848e"' if n == 0 else ""
    if line.startswith(("process ", "waiting for:")):
        look = ' fill="#e5c07b"'
    elif line.startswith("thread "):
        look = ' fill="#98c379" font-weight="bold"'
    if line.strip():
        # The length is said, for browsers whose font is another.
        print(f'<text x="{MARGIN}" y="{y:.1f}" textLength="{len(line) * WIDTH:.1f}"{look}>{escape(line)}</text>')
print("</g>\n</svg>")
