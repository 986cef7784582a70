#!/usr/bin/env python3
"""What keeping costs: a sweep with journal, chunks and progress against the same runs without.

usage: overhead.py ARIGATONI [PAIRS]     (the program; how many pairs of turns, default 10)

Both make the same runs on one thread, in turns, the first of a pair alternating. `sweep` with one run
a chunk (the most chunks that are possible) notes each run in its journal and seals each chunk; as a
shard it draws nothing. `check --update` keeps everything in memory and writes one table.
First with runs of about a second each, then with runs of one request, where the difference is not
lost in the runs. Seconds of the processor and of the clock.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def scenario(requests, replications):
    return {"version": 1, "name": "overhead", "replications": replications,
            "topology": {"file": str(ROOT / "topologies" / "t100-0.gb")},
            "system": {"arigatoni": {"requests": {"count": requests}}},
            "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.3]}}}


def turn(command, folder):
    """Processor and clock seconds of a command."""
    begun = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begun


def compare(program, what, requests, replications, pairs):
    runs = 2 * replications
    ratios, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "s.json").write_text(json.dumps(scenario(requests, replications)))
        for pair in range(pairs):
            kept = [program, "sweep", "s.json", "--threads=1", "--chunk-runs=1", "--shard=0/1",
                    f"-okept{pair}"]
            bare = [program, "check", "s.json", "--threads=1", "--update", f"--baseline=bare{pair}"]
            order = [kept, bare] if pair % 2 == 0 else [bare, kept]
            done = [turn(command, folder) for command in order]
            with_it, without = done if pair % 2 == 0 else done[::-1]
            ratios.append([a / b for a, b in zip(with_it, without)])
            seconds.append([a - b for a, b in zip(with_it, without)] + [without[0]])
    processor, clock = (statistics.median(column) for column in zip(*ratios))
    more = [statistics.median(column) / runs * 1e3 for column in zip(*seconds)]
    print(f"{what}: {runs} runs of {more[2]:.3f} ms of processor; with journal and chunks "
          f"{100 * (processor - 1):+.2f} % of processor and {100 * (clock - 1):+.2f} % of clock, "
          f"{more[0]:+.3f} and {more[1]:+.3f} ms a run (medians of {pairs} pairs)", flush=True)


def main():
    program = os.path.abspath(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    compare(program, "short runs", 1, 500, pairs)
    compare(program, "runs of a second", 700_000, 4, pairs)


if __name__ == "__main__":
    main()
