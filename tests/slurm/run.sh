#!/bin/bash
# Sweeps on two virtual Slurm nodes on this machine. First: four shards, one killed half-way,
# resumed with three, merged, and compared with the result of one process, byte for byte. Then: a
# sweep that is longer than its time limit, which Slurm's SIGTERM before the limit stops and which
# queues itself again until it is done. Then: names with spaces and %, an array that is too large, and a
# task that dies at once.
#
#   tests/slurm/run.sh [PROGRAM]        (default: target/release/arigatoni)
#
# Runs as root on Debian or Ubuntu and installs slurm-wlm and munge itself. Nothing is written to
# /etc, and what was started is stopped again. Whatever is missing is a failure, never a skip.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$root/target/release/arigatoni}")
folder=$(mktemp -d)
export SLURM_CONF=$folder/slurm.conf

fail() { echo "slurm test: $*" >&2; exit 1; }
[ -x "$program" ] || fail "there is no program at $program: cargo build --release"
[ "$(id -u)" = 0 ] || fail "it must run as root, to install and start Slurm"

munge_started=
stop() {
    code=$?
    if [ $code -ne 0 ]; then
        for log in "$folder"/*.log "$folder"/out/parts/*.log; do
            if [ -f "$log" ]; then echo "== $log" >&2; tail -n 20 "$log" >&2; fi
        done
    fi
    for pid in "$folder"/slurm*.pid; do
        if [ -f "$pid" ]; then kill "$(cat "$pid")" 2>/dev/null || true; fi
    done
    if [ -n "$munge_started" ]; then kill "$(cat /run/munge/munged.pid)" 2>/dev/null || true; fi
    sleep 1
    rm -rf "$folder"
    exit $code
}
trap stop EXIT

if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
fi

# Two nodes of one processor each, both of them this machine.
if ! munge -n >/dev/null 2>&1; then
    install -d -o munge -g munge -m 755 /run/munge
    install -d -o munge -g munge -m 700 /var/log/munge /var/lib/munge
    runuser -u munge -- /usr/sbin/munged
    munge_started=yes
fi
host=$(hostname -s)
mkdir "$folder/state"
cat > "$SLURM_CONF" <<CONF
ClusterName=arigatoni
SlurmctldHost=$host
SlurmctldPort=17810
SlurmUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17811-17812] CPUs=1 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld
sleep 1
for node in n1 n2; do slurmd -N "$node"; done
for _ in $(seq 60); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break
    sleep 0.5
done
[ "$(sinfo -h -t idle -o %D)" = 2 ] || fail "the two nodes did not come up"

# A sweep of some seconds, in chunks small enough to be cut half-way.
cd "$folder"
cat > sweep.json <<JSON
{"version": 1, "name": "slurm", "replications": 12,
 "topology": {"file": "$root/topologies/t100-0.gb"},
 "system": {"arigatoni": {"requests": {"count": ${REQUESTS:-60000}}}},
 "sweep": {"axes": {"/system/*/disconnection/rate": [0, 0.1, 0.2, 0.3, 0.4, 0.5]}}}
JSON
"$program" sweep sweep.json -o serial --threads 2

# The states of a job's tasks, one a line: PENDING, RUNNING, COMPLETED, FAILED … Nothing if Slurm
# does not answer, which is not an end.
state() { scontrol -o show job "$1" 2>/dev/null | grep -o 'JobState=[A-Z_]*' | cut -d= -f2 || true; }
# Whether the states in $1, read at one moment, are all of tasks that are over.
over() { [ -n "$1" ] && ! grep -qvE '^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL)$' <<< "$1"; }
await_end() {
    for _ in $(seq 240); do
        if over "$(state "$1")"; then return; fi
        sleep 0.5
    done
    fail "job $1 did not end: $(state "$1")"
}
job() { sed -n "s/^$1 //p" "$2"; }

submit() { # SHARDS FILE
    "$program" submit sweep.json -o out --chunk-runs 2 --engine slurm --shards "$1" \
        --sbatch=--mem=100 > "$2"
}

submit 4 first
array=$(job array first)
# As soon as shard 0 is working and has saved something, its process is killed.
for _ in $(seq 120); do
    pid=$(pgrep -f "^$program sweep sweep.json .*--shard 0/4" | head -n 1 || true)
    if [ -n "$pid" ] && [ -n "$(ls out/parts/*.chunk 2>/dev/null)" ]; then break; fi
    sleep 0.05
done
[ -n "$pid" ] || fail "shard 0 was not seen at work"
kill -KILL "$pid"
await_end "$array"
state "$array" | grep -q FAILED || fail "no task has failed: $(state "$array")"
# The merge that was submitted behind the array has refused.
await_end "$(job merge first)"
state "$(job merge first)" | grep -q FAILED || fail "the merge should have refused"
[ ! -e out/runs.csv ] || fail "there are tables although runs are missing"
"$program" status out | tee status
grep -q 'missing --array=0$' status || fail "status should name shard 0, and only that"
done_before=$("$program" status out --json | sed -n 's/ *"done": \([0-9]*\),/\1/p')

submit 3 second
await_end "$(job array second)"
await_end "$(job merge second)"
state "$(job merge second)" | grep -q COMPLETED || fail "the merge failed"

for table in runs.csv summary.csv depths.csv figures/acceptance.svg; do
    cmp "serial/$table" "out/$table"
done
echo "slurm test: killed at $done_before of 72 runs, resumed with 3 shards: the serial result, byte for byte"

# The limit is one minute and the signal comes a minute before it, so within Slurm's resolution of
# half a minute after the start. The sweep takes longer than that.
sed 's/"slurm"/"limit"/; s/"replications": 12/"replications": 20/; s/"count": [0-9]*/"count": '"${LONG_REQUESTS:-300000}"'/' \
    sweep.json > limit.json
"$program" submit limit.json -o limited --engine slurm --shards 1 \
    --sbatch=--mem=100 --sbatch=--time=1 > third
array=$(job array third)
# How often a task was queued again: the most of all tasks.
restarts() {
    { scontrol -o show job "$1" 2>/dev/null | grep -o 'Restarts=[0-9]*' | cut -d= -f2; echo 0; } \
        | sort -n | tail -n 1
}
for _ in $(seq 240); do
    if [ "$(restarts "$array")" != 0 ] || over "$(state "$(job merge third)")"; then break; fi
    sleep 0.5
done
[ "$(restarts "$array")" -gt 0 ] || fail "the task did not queue itself again: $(state "$array")"
grep -q 'stopped: .* runs are done and kept' limited/parts/slurm-*.log \
    || fail "the log does not tell that the sweep was stopped"
"$program" status limited
done_before=$("$program" status limited --json | sed -n 's/ *"done": \([0-9]*\),/\1/p')
[ "$done_before" -gt 0 ] || fail "nothing was kept"
# Slurm lets a job that was queued again wait two minutes, so that its nodes forget the killed one;
# some seconds are enough here. The task stops and waits more than once: it is over when the merge
# behind it is.
for _ in $(seq 600); do
    if over "$(state "$(job merge third)")"; then break; fi
    if grep -q PENDING <<< "$(state "$array")"; then
        sleep 5
        scontrol update "jobid=$array" starttime=now 2>/dev/null || true
    fi
    sleep 0.5
done
await_end "$(job merge third)"
state "$(job merge third)" | grep -q COMPLETED || fail "the merge after the limit failed"
echo "slurm test: SIGTERM before the limit at $done_before of 120 runs, queued again, done and merged"

# A folder, an output folder and an option with spaces and what Slurm or a shell would replace.
odd="$folder/a folder 100%j \$(touch X)"
mkdir "$odd"
cd "$odd"
sed 's/"slurm"/"odd"/; s/"replications": 12/"replications": 1/; s/"count": [0-9]*/"count": 50/' \
    "$folder/sweep.json" > 'my sweep.json'
"$program" sweep 'my sweep.json' -o serial
"$program" submit 'my sweep.json' -o 'o %A' --chunk-runs 2 --engine slurm --shards 2 \
    --set '/system/*/search="selective"' --sbatch=--mem=100 --sbatch='--comment=my #1 job' \
    --sbatch='--job-name=my job' > submitted
scontrol -o show job "$(job array submitted)" | grep -q 'JobName=my job' || fail "the job is not called 'my job'"
await_end "$(job merge submitted)"
state "$(job merge submitted)" | grep -q COMPLETED || fail "the merge in an odd folder failed"
for table in runs.csv summary.csv; do cmp "serial/$table" "o %A/$table"; done
# More tasks than an array may have, and a task that dies at once.
if "$program" submit 'my sweep.json' -o big --engine slurm --shards 4000000 2> refusal; then
    fail "an array above MaxArraySize was submitted"
fi
grep -q 'at most 1001 tasks' refusal || fail "the refusal does not tell how many fit: $(cat refusal)"
cp "$program" ./gone
./gone submit 'my sweep.json' -o dead --engine slurm --shards 1 --sbatch=--mem=100 --sbatch=--hold > submitted
rm gone
scontrol release "$(job array submitted)" "$(job merge submitted)"
await_end "$(job merge submitted)"
"$program" status dead | grep -q 'gone: not found' || fail "status does not tell why the task died"
[ ! -e X ] || fail "a name was run as a command"
echo "slurm test: odd names, too many tasks, and a task that died at once"
