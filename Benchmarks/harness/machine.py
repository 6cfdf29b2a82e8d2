"""What the machine is, and what the kernel accounts to processes."""

import multiprocessing
import os
import platform
import re
import subprocess


def tree(pid):
    """A process and all its descendants that are alive."""
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        found.append(process)
        try:
            for task in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{task}/children") as file:
                    waiting += [int(child) for child in file.read().split()]
        except FileNotFoundError:
            continue
    return found


def cpu_seconds(pid):
    """What a process and its descendants have been on a CPU for, user and system, to the nanosecond."""
    total = 0
    for process in tree(pid):
        try:
            for task in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
        except FileNotFoundError:
            continue
    return total / 1e9


def resident_megabytes(pid):
    """The resident memory of a process and its descendants; what they share counts once, in equal parts."""
    total = 0
    for process in tree(pid):
        try:
            with open(f"/proc/{process}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1024


def first_line(*command):
    """The first line that says a version, of what a command prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    return next((line for line in lines if re.search(r"\d+\.\d+", line)), None)


def description():
    """The machine in words: processor, cores, memory, system."""
    with open("/proc/cpuinfo") as file:
        names = (line.split(":")[1].strip() for line in file if line.startswith("model name"))
        model = next(names, platform.machine())
    with open("/proc/meminfo") as file:
        gibibytes = int(file.readline().split()[1]) / 1024 / 1024
    system = "Linux"
    with open("/etc/os-release") as file:
        names = (line.split("=")[1].strip().strip('"') for line in file if line.startswith("PRETTY_NAME"))
        system = next(names, system)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(gibibytes),
        "system": system,
        "kernel": platform.release(),
    }


def spin(core):
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while True:
        pass


class Awake:
    """Keeps cores from sleeping, by what gives way to anybody else: a virtual machine takes long to wake one."""

    def __init__(self, cores):
        self.spinners = [multiprocessing.Process(target=spin, args=(core,), daemon=True) for core in cores]

    def __enter__(self):
        for spinner in self.spinners:
            spinner.start()

    def __exit__(self, *_):
        for spinner in self.spinners:
            spinner.kill()
            spinner.join()
