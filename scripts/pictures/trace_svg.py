#!/usr/bin/env python3
"""Draws part of a GREEN_TRACE file (argument) as SVG (stdout): a lane for each carrier, a bar for each run, around the first handoff.

Second argument: what kind of program it was, for the title."""
import json
import sys
from xml.sax.saxutils import escape

BEFORE, AFTER = 50_000, 60_000  # microseconds shown around the first handoff
WIDTH, LEFT, LANE, TOP = 1000, 130, 46, 76
COLORS = ["#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"]

with open(sys.argv[1]) as file:
    events = json.load(file)
runs = [e for e in events if e["ph"] == "X"]
handoffs = [e for e in events if e["name"] == "handoff"]
names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
begin = max((handoffs[0]["ts"] - BEFORE) if handoffs else 0, min(e["ts"] for e in runs))
end = min(begin + BEFORE + AFTER, max(e["ts"] + e["dur"] for e in runs))
shown = [e for e in runs if e["ts"] < end and e["ts"] + e["dur"] > begin]
lanes = sorted({e["tid"] for e in shown})


def kind(name):
    return name.rsplit("-", 1)[0]


kinds = sorted({kind(e["name"]) for e in shown})
color = {k: COLORS[n % len(COLORS)] for n, k in enumerate(kinds)}
height = TOP + LANE * len(lanes) + 64


def x(ts):
    return LEFT + (min(max(ts, begin), end) - begin) / (end - begin) * (WIDTH - LEFT - 20)


def text(px, py, size, what, fill="#1f2328", anchor="start"):
    print(f'<text x="{px:.1f}" y="{py:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{escape(what)}</text>')


print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">')
print(f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>')
text(20, 30, 17, f"Which green thread ran where: {sys.argv[2]}")
text(20, 50, 11.5, "a lane is a kernel thread (carrier), a bar one run of a green thread, a red line a handoff: the hub leaves the carrier "
     "that a thread keeps", "#59636e")
for n, tid in enumerate(lanes):
    y = TOP + n * LANE
    print(f'<rect x="{LEFT}" y="{y}" width="{WIDTH - LEFT - 20}" height="{LANE - 10}" fill="#f3f4f6"/>')
    text(LEFT - 8, y + 22, 12, names.get(tid, f"thread {tid}").split(",")[0], anchor="end")
for e in shown:
    y = TOP + lanes.index(e["tid"]) * LANE
    left, right = x(e["ts"]), x(e["ts"] + e["dur"])
    print(f'<rect x="{left:.2f}" y="{y}" width="{max(right - left, 0.6):.2f}" height="{LANE - 10}" fill="{color[kind(e["name"])]}">'
          f'<title>{escape(e["name"])}: {e["dur"]:.0f} us, then {e["args"]["then"]}</title></rect>')
    if right - left > 8 * len(e["name"]):
        text((left + right) / 2, y + 22, 12, e["name"], "#ffffff", "middle")
for e in handoffs:
    if begin <= e["ts"] <= end and e["tid"] in lanes:
        at, from_lane = x(e["ts"]), lanes.index(e["tid"])
        # A carrier that had yet to begin has no id there: it's the one that runs something next.
        later = sorted((r["ts"], r["tid"]) for r in shown if r["ts"] >= e["ts"] and r["tid"] != e["tid"])
        to = e["args"]["to"] or (later[0][1] if later else e["tid"])
        to_lane = lanes.index(to) if to in lanes else from_lane
        a, b = sorted((from_lane, to_lane))
        print(f'<line x1="{at:.1f}" y1="{TOP + a * LANE - 6}" x2="{at:.1f}" y2="{TOP + (b + 1) * LANE - 6}" stroke="#cf222e" stroke-width="2"/>')
bottom = TOP + LANE * len(lanes)
for ms in range(0, int((end - begin) / 1000) + 1, 10):
    text(x(begin + ms * 1000), bottom + 12, 11, f"{ms} ms", "#59636e", "middle")
for n, k in enumerate(kinds):
    print(f'<rect x="{LEFT + n * 110}" y="{bottom + 30}" width="12" height="12" fill="{color[k]}"/>')
    text(LEFT + n * 110 + 18, bottom + 40, 12, k)
print("</svg>")
