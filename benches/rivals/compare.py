#!/usr/bin/env python3
"""Installs the rivals, runs PHOLD on them and on the simulator in turns, prints the table.

usage: compare.py [--rust] [REPEATS] [SHARE_MIN]

Needs Debian with apt (as root, for ns-3 and SimGrid), Python 3 and Rust. An engine that cannot be
installed or built is named and left out. Speeds are events a second of processor time; a turn with
a smaller share of a core than SHARE_MIN (0.85) is dropped; the table has medians. With --rust only
the engines of the Rust registry run, without the simulator.

A second table shows the fingerprints of the engines that print one: all turns have the same seed.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
# Units, jobs each; and how many jobs are timed, for the fast and for the slow.
SIZES = [(1_000, 1), (10_000, 10), (1_000_000, 1)]
EVENTS = {"fast": 3_000_000, "slow": 300_000}
SLOW = {"SimPy", "NeXosim"}
DSCALE = "dscale (uniform delays)"
NATIVE = dict(os.environ, RUSTFLAGS="-C target-cpu=native", CARGO_TARGET_DIR=str(BUILD))


def call(*command, **options):
    print("+", *command, file=sys.stderr)
    return subprocess.run(command, check=True, text=True, capture_output=True, **options).stdout


def attempt(name, build):
    """What `build` gives, or nothing, with the reason said."""
    try:
        return build()
    except (subprocess.CalledProcessError, OSError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-3:]
        print(f"left out: {name}:", *reason, sep="\n  ", file=sys.stderr)
        return {}


def ours():
    # Cargo says where it put the bench when it is asked for messages.
    messages = call("cargo", "bench", "--bench", "phold", "--no-run", "--message-format", "json",
                    cwd=ROOT, env=NATIVE)
    program = re.findall(r'"executable":"([^"]*phold-[^"]*)"', messages)[-1]
    return {
        "arigatoni": [program, "--one", "arigatoni"],
        "the bound": [program, "--one", "bound"],
    }


def rust():
    # desim needs coroutines, which the stable compiler has under lock and key.
    call("cargo", "build", "--release", "--locked", cwd=HERE, env=dict(NATIVE, RUSTC_BOOTSTRAP="1"))
    lock = (HERE / "Cargo.lock").read_text()
    version = lambda name: re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock)[1]
    program = str(BUILD / "release" / "rivals")
    names = {"desque": "desque", "desim": "desim", "simrs": "simrs", "simulacra": "simulacra",
             "nexosim": "NeXosim", "odem-rs": "odem-rs (hold only)"}
    engines = {f"{title} {version(name)}": [program, name] for name, title in names.items()}
    for threads in ("1", "2"):
        title = f"{DSCALE} {version('dscale')}, threads: {threads}"
        engines[title] = [str(BUILD / "release" / "dscale_phold"), threads]
    return engines


def simpy():
    folder = BUILD / "python"
    call(sys.executable, "-m", "venv", str(folder))
    python = str(folder / "bin" / "python")
    call(python, "-m", "pip", "install", "--quiet", "simpy==4.1.1")
    return {"SimPy 4.1.1": [python, str(HERE / "simpy_phold.py")]}


def cpp(title, package, source, libraries):
    def build():
        call("apt-get", "install", "--yes", "--no-install-recommends", package)
        version = call("dpkg-query", "--show", "--showformat", "${Version}", package)
        program = BUILD / pathlib.Path(source).stem
        BUILD.mkdir(parents=True, exist_ok=True)
        call("g++", "-std=c++17", "-O3", "-march=native", "-DNDEBUG", str(HERE / source), "-o",
             str(program), *libraries)
        return {f"{title} {version}": [str(program)]}
    return build


def turn(name, command, units, jobs):
    slow = any(name.startswith(word) for word in SLOW)
    events = EVENTS["slow" if slow else "fast"]
    done = subprocess.run([*command, str(units), str(jobs), str(events)], text=True,
                          capture_output=True)
    if done.returncode != 0 or not done.stdout.split():
        return None
    words = done.stdout.split()
    rate, memory, share = map(float, words[:3])
    return rate / share, memory / units, share, words[3] if len(words) > 3 else None


def main():
    numbers = [word for word in sys.argv[1:] if word != "--rust"]
    repeats = int(numbers[0]) if numbers else 6
    share_min = float(numbers[1]) if len(numbers) > 1 else 0.85
    contenders = {}
    builds = [
        ("the simulator", ours),
        ("the Rust engines", rust),
        ("SimPy", simpy),
        ("ns-3", cpp("ns-3", "libns3-dev", "ns3_phold.cc", ["-lns3-core"])),
        ("SimGrid", cpp("SimGrid", "libsimgrid-dev", "simgrid_phold.cc", ["-lsimgrid"])),
    ]
    for name, build in builds:
        if "--rust" not in sys.argv or build is rust:
            contenders |= attempt(name, build)
    samples = {name: [[] for _ in SIZES] for name in contenders}
    prints = {name: [[] for _ in SIZES] for name in contenders}
    dropped = 0
    for _ in range(repeats):
        for size, (units, jobs) in enumerate(SIZES):
            for name, command in contenders.items():
                sample = turn(name, command, units, jobs)
                if sample and sample[3]:
                    prints[name][size].append(sample[3])
                if sample and sample[2] >= share_min:
                    samples[name][size].append(sample)
                else:
                    dropped += 1
    table(samples)
    print(f"\n{repeats} repeats, {dropped} turns dropped (share of a core below {share_min})")
    fingerprints(prints)


def table(samples):
    middle = lambda rows, field: statistics.median(row[field] for row in rows) if rows else None
    speeds = {name: [middle(rows, 0) for rows in sizes] for name, sizes in samples.items()}
    cell = lambda value, form: format(value, form) if value is not None else ""
    ratio = lambda a, b: a / b if a and b else None
    print("| engine | 10³ | 10⁵ | 10⁶ | bound ÷ it | arigatoni ÷ it | bytes/unit |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    order = sorted(speeds, key=lambda name: -(speeds[name][2] or 0))
    for name in order:
        own = speeds[name]
        rates = [cell(speed / 1e6 if speed else None, ".2f") for speed in own]
        against = [
            " / ".join(cell(ratio(other, speed), ".1f") for other, speed in zip(speeds[of], own))
            if of in speeds else ""
            for of in ("the bound", "arigatoni")
        ]
        memory = cell(middle(samples[name][2], 1), ".0f")
        print("|", " | ".join([name, *rates, *against, memory]), "|")


def fingerprints(prints):
    """In how many different states the runs of an engine ended: one, if it is deterministic."""
    print("\n| fingerprints | 10³ | 10⁵ | 10⁶ |\n| --- | --- | --- | --- |")
    one = next((sizes for name, sizes in prints.items() if name.startswith(DSCALE)), None)
    for name, sizes in prints.items():
        if not any(sizes):
            continue
        cells = []
        for size, own in enumerate(sizes):
            same = f"{len(set(own))} different in {len(own)} runs"
            if name.startswith(DSCALE) and sizes is not one:
                same += f", {sum(word in one[size] for word in own)} as on one thread"
            cells.append(same)
        print("|", " | ".join([name, *cells]), "|")


if __name__ == "__main__":
    main()
