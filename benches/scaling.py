#!/usr/bin/env python3
"""Time and memory of scenarios/scaling.json, point by point, as a table and a figure of each.

usage: scaling.py ARIGATONI [FOLDER]     (the program; where the figures go, default: the present)

Each point is a run of the program, once with the scenario's requests and once with a single one;
the difference is what the requests take, the rest is what the units take. Processor seconds and
peak memory are the operating system's own accounting of the finished process.
"""
import json
import os
import pathlib
import sys

SCENARIO = pathlib.Path(__file__).resolve().parent.parent / "scenarios" / "scaling.json"
POINTER = "/system/*/gcus_per_broker"
REPEATS = 3


def measure(program, value, requests):
    """The least processor time of some runs, the peak memory in bytes, and what was printed."""
    command = [program, "run", str(SCENARIO), "--json", "--set", f"{POINTER}={json.dumps(value)}",
               "--set", f"/system/*/requests/count={requests}"]
    seconds, memory, text = [], [], b""
    for _ in range(REPEATS):
        read, write = os.pipe()
        child = os.posix_spawn(program, command, os.environ,
                               file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read()
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            sys.exit(f"{' '.join(command)} failed")
        seconds.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss * 1024)
    return min(seconds), min(memory), json.loads(text)


def figure(path, title, points):
    """A bar a point, from 0: what is flat looks flat."""
    top = max(value for _, value in points) or 1
    width, height, left, base = 480, 300, 60, 250
    step = (width - left - 20) / len(points)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<text x="{width / 2}" y="20" text-anchor="middle">{title}</text>',
             f'<path d="M{left} 40V{base}H{width - 20}" fill="none" stroke="black"/>']
    for index, (label, value) in enumerate(points):
        bar = (base - 50) * value / top
        x = left + index * step
        parts.append(f'<rect x="{x + step * .2:.1f}" y="{base - bar:.1f}" width="{step * .6:.1f}" '
                     f'height="{bar:.1f}" fill="#0072b2"/>')
        parts.append(f'<text x="{x + step / 2:.1f}" y="{base - bar - 4:.1f}" '
                     f'text-anchor="middle">{value:.3g}</text>')
        parts.append(f'<text x="{x + step / 2:.1f}" y="{base + 16}" '
                     f'text-anchor="middle">{label:,}</text>')
    parts.append(f'<text x="{(left + width) / 2}" y="{height - 10}" text-anchor="middle">'
                 'GCUs</text></svg>')
    pathlib.Path(path).write_text("\n".join(parts) + "\n")


def main():
    program = os.path.abspath(sys.argv[1])
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    scenario = json.loads(SCENARIO.read_text())
    requests = scenario["system"]["arigatoni"]["requests"]["count"]
    brokers = 10_000
    print("| GCUs | events | s | MB | µs/request | µs/event | µs/GCU | bytes/GCU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rows, base = [], None
    for value in scenario["sweep"]["axes"][POINTER]:
        mean = value["poisson"] if isinstance(value, dict) else value
        gcus = round(mean * brokers)
        all_seconds, all_memory, report = measure(program, value, requests)
        one_seconds, one_memory, _ = measure(program, value, 1)
        base = base or (one_seconds, one_memory, gcus)
        per_request = (all_seconds - one_seconds) / requests * 1e6
        per_event = (all_seconds - one_seconds) / report["events"] * 1e6
        # Against the smallest point: the graph and the brokers are the same everywhere.
        more = gcus - base[2]
        per_gcu = (one_seconds - base[0]) / more * 1e6 if more else None
        bytes_per_gcu = (one_memory - base[1]) / more if more else None
        rows.append((gcus, per_request, per_event, per_gcu, bytes_per_gcu))
        cell = lambda number, form: "" if number is None else format(number, form)
        print(f"| {gcus:,} | {report['events']:,} | {all_seconds:.2f} | {all_memory / 1e6:.0f} | "
              f"{per_request:.2f} | {per_event:.3f} | {cell(per_gcu, '.2f')} | "
              f"{cell(bytes_per_gcu, '.0f')} |", flush=True)
    figure(folder / "scaling-request.svg", "Processor time per request, µs",
           [(row[0], row[1]) for row in rows])
    figure(folder / "scaling-event.svg", "Processor time per event, µs",
           [(row[0], row[2]) for row in rows])
    figure(folder / "scaling-memory.svg", "Memory per GCU, bytes",
           [(row[0], row[4]) for row in rows if row[4] is not None])


if __name__ == "__main__":
    main()
