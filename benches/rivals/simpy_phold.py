"""PHOLD on SimPy: callbacks on timeouts, which is faster than one process a job.

simpy_phold.py UNITS JOBS EVENTS prints the same line as the Rust rivals.
"""
import os
import random
import resource
import sys
import time

import simpy


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


units, jobs, events = map(int, sys.argv[1:4])
before = resident()
draws = random.Random(42)
environment = simpy.Environment()
handled = [0] * units
digest = [0] * units
last = [0.0] * units
pending = units * jobs
count = 0
begin = None


def job(event):
    global count, begin
    if count == pending:
        begin = time.perf_counter(), time.process_time()
    if count == pending + events:
        seconds = time.perf_counter() - begin[0]
        share = (time.process_time() - begin[1]) / seconds
        print(events / seconds, resident() - before, share, flush=True)
        os._exit(0)
    count += 1
    to, payload = event.value
    handled[to] += 1
    digest[to] = (digest[to] * 31 + payload) & 0xFFFFFFFFFFFFFFFF
    last[to] = environment.now
    send(int(draws.random() * units), payload + 1)


def send(to, payload):
    timeout = environment.timeout(draws.expovariate(1.0), (to, payload))
    timeout.callbacks.append(job)


for unit in range(units):
    for number in range(jobs):
        send(unit, number)
environment.run()
