"""What a finished run of the program took, by the operating system's own accounting. No script by itself."""
import json
import os
import sys


def measure(program, *arguments):
    """Processor seconds, peak memory in bytes, and the numbers that `program run … --json` printed."""
    command = [program, "run", *arguments, "--json"]
    read, write = os.pipe()
    child = os.posix_spawn(program, command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, json.loads(text)


def requests(count):
    """The arguments that set how many requests there are."""
    return ["--set", f"/system/*/requests/count={count}"]
