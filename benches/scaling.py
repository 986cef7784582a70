#!/usr/bin/env python3
"""Time and memory of scenarios/scaling.json, point by point, as a table and a figure.

usage: scaling.py ARIGATONI [FOLDER]     (the program; where scaling.svg goes, default: the present)

Each point is a run of the program, once with the scenario's requests and once with a single one;
the difference is what the requests take, the rest is what the units take. Processor seconds and
peak memory are the operating system's own accounting of the finished process.
"""
import json
import os
import pathlib
import sys

import process
from process import requests

SCENARIO = pathlib.Path(__file__).resolve().parent.parent / "scenarios" / "scaling.json"
POINTER = "/system/*/gcus_per_broker"
REPEATS = 3


def least(program, value, count):
    """The least processor time of some runs, the least peak memory in bytes, and what was printed."""
    arguments = [str(SCENARIO), "--set", f"{POINTER}={json.dumps(value)}", *requests(count)]
    runs = [process.measure(program, *arguments) for _ in range(REPEATS)]
    return min(run[0] for run in runs), min(run[1] for run in runs), runs[-1][2]


def panel(left, top, title, points):
    """A bar a point, from 0: what is flat looks flat."""
    most = max((value for _, value in points), default=0) or 1
    width, base, height = PANEL[0] - 70, top + PANEL[1] - 60, PANEL[1] - 120
    step = width / len(points)
    left += 45
    parts = [f'<text x="{left}" y="{top + 26}" font-weight="bold">{title}</text>',
             f'<path d="M{left} {base - height - 10}V{base}H{left + width}" fill="none" stroke="black"/>']
    for index, (label, value) in enumerate(points):
        bar = max(height * value / most, 0)
        x = left + index * step
        parts.append(f'<rect x="{x + step * .2:.1f}" y="{base - bar:.1f}" width="{step * .6:.1f}" '
                     f'height="{bar:.1f}" fill="#0072b2"/>')
        parts.append(f'<text x="{x + step / 2:.1f}" y="{base - bar - 5:.1f}" '
                     f'text-anchor="middle">{value:.3g}</text>')
        parts.append(f'<text x="{x + step / 2:.1f}" y="{base + 18}" '
                     f'text-anchor="middle">{label:,}</text>')
    parts.append(f'<text x="{left + width / 2}" y="{base + 38}" text-anchor="middle">GCUs</text>')
    return parts


PANEL = (430, 270)


def figure(path, panels):
    """Two panels a row. A panel without points is left out."""
    panels = [(title, [(gcus, value) for gcus, value in points if value is not None])
              for title, points in panels]
    panels = [(title, points) for title, points in panels if points]
    width, height = 2 * PANEL[0], (len(panels) + 1) // 2 * PANEL[1]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
             f'width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for index, (title, points) in enumerate(panels):
        parts += panel(index % 2 * PANEL[0], index // 2 * PANEL[1], title, points)
    pathlib.Path(path).write_text("\n".join([*parts, "</svg>"]) + "\n")


def main():
    program = os.path.abspath(sys.argv[1])
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    scenario = json.loads(SCENARIO.read_text())
    count = scenario["system"]["arigatoni"]["requests"]["count"]
    brokers = 10_000
    print("| GCUs | events | s | MB | µs/request | µs/event | bytes/request | µs/GCU | bytes/GCU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    rows, base = [], None
    for value in scenario["sweep"]["axes"][POINTER]:
        mean = value["poisson"] if isinstance(value, dict) else value
        gcus = round(mean * brokers)
        all_seconds, all_memory, report = least(program, value, count)
        one_seconds, one_memory, _ = least(program, value, 1)
        base = base or (one_seconds, one_memory, gcus)
        per_request = (all_seconds - one_seconds) / count * 1e6
        per_event = (all_seconds - one_seconds) / report["events"] * 1e6
        # Against the smallest point: the graph and the brokers are the same everywhere.
        more = gcus - base[2]
        per_gcu = (one_seconds - base[0]) / more * 1e6 if more else None
        bytes_per_gcu = (one_memory - base[1]) / more if more else None
        request_bytes = (all_memory - one_memory) / count
        rows.append((gcus, per_request, request_bytes, per_gcu, bytes_per_gcu))
        cell = lambda number, form: "" if number is None else format(number, form)
        print(f"| {gcus:,} | {report['events']:,} | {all_seconds:.2f} | {all_memory / 1e6:.0f} | "
              f"{per_request:.2f} | {per_event:.3f} | {request_bytes:.0f} | {cell(per_gcu, '.2f')} | "
              f"{cell(bytes_per_gcu, '.0f')} |", flush=True)
    titles = ["Processor time per request, µs", "Memory per request, bytes",
              "Processor time per further GCU, µs", "Memory per further GCU, bytes"]
    figure(folder / "scaling.svg",
           [(title, [(row[0], row[column]) for row in rows])
            for column, title in enumerate(titles, 1)])


if __name__ == "__main__":
    main()
