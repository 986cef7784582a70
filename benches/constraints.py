#!/usr/bin/env python3
"""What 1,000 distinct constraints among 100,000 computers cost beside 1,000 numbers, in pairs of runs.

usage: constraints.py ARIGATONI [PAIRS]     (the program; pairs of runs, default: 5)

Services are numbers (`count`), or constraints with the same offers and requests: 1,000 points of an attribute of
numbers, each offered with the same probability. Then who finds whom is the same, draw by draw, and the ratio is
what the language costs. A third row has 500 requests by points and 500 offers of intervals, of which a request
matches several. Each is run with the requests and with a single one; the difference is what the requests take, the
rest is the start-up. Processor seconds and peak memory are the operating system's own accounting of the finished
process; medians over pairs, A B A B ….
"""
import json
import os
import pathlib
import statistics
import sys
import tempfile

from process import measure, requests

SCENARIOS = pathlib.Path(__file__).resolve().parent.parent / "scenarios"
REQUESTS = 500_000
SERVICES = 1_000
DENSITY = 0.01


def scenarios():
    """Scenarios by name: that of the million computers with a tenth of them, and other services."""
    base = json.loads((SCENARIOS / "million.json").read_text())
    own = base["system"]["arigatoni"]
    own.update(gcus_per_broker=10, disconnection={"rate": 0})
    points = [f"[Id={number}]" for number in range(SERVICES)]
    half = SERVICES // 2
    intervals = [f"[Id>={number}] & [Id<{number + 2}]" for number in range(half)]

    def with_services(services):
        return {**base, "system": {"arigatoni": {**own, "services": services}}}

    def constraints(offers, requests):
        return with_services({"constraints": {
            "attributes": {"Id": None},
            "offers": [{"constraint": text, "density": DENSITY} for text in offers],
            "requests": [{"constraint": text} for text in requests],
        }})

    return {
        "numbers": with_services({"count": SERVICES, "density": DENSITY}),
        "equal constraints": constraints(points, points),
        "intervals": constraints(intervals, points[:half]),
    }


def main():
    program = os.path.abspath(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, scenario in scenarios().items():
            files[name] = pathlib.Path(folder) / f"{name.replace(' ', '-')}.json"
            files[name].write_text(json.dumps(scenario))
        starts, wholes, printed = ({name: [] for name in files} for _ in range(3))
        for _ in range(pairs):
            for name, file in files.items():
                starts[name].append(measure(program, str(file), *requests(1))[:2])
                *whole, printed[name] = measure(program, str(file), *requests(REQUESTS))
                wholes[name].append(whole)
    print("| services | start-up, s | MB | with requests, s | MB | events a request | µs a request | ÷ numbers |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    middle = lambda rows, column: statistics.median(row[column] for row in rows)
    costs = {name: [whole[0] - start[0] for start, whole in zip(starts[name], wholes[name])] for name in files}
    for name in files:
        ratios = [own / numbers for own, numbers in zip(costs[name], costs["numbers"])]
        print(
            f"| {name} | {middle(starts[name], 0):.2f} | {middle(starts[name], 1) / 1e6:.0f} "
            f"| {middle(wholes[name], 0):.2f} | {middle(wholes[name], 1) / 1e6:.0f} "
            f"| {printed[name]['events'] / REQUESTS:.2f} | {statistics.median(costs[name]) / REQUESTS * 1e6:.2f} "
            f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
        )


if __name__ == "__main__":
    main()
