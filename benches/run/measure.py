"""Measures plim, act and plain bash as whole processes, and prints the comparison as Markdown."""

import argparse
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

STEPS, JOBS, LEGS, PLANNED = 10, 3, 20, 1000


class Run:
    """What one process and all its descendants cost."""

    def __init__(self, wall, cpu, output):
        self.wall, self.cpu, self.output = wall, cpu, output


def run(command, folder, env=None, expected=(0,)):
    """Runs a command to its end; times in milliseconds, all output in one text."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - start) * 1000
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in expected:
        sys.exit(f"{' '.join(map(str, command))} ended with {code}\n{output.decode(errors='replace')[-3000:]}")
    return Run(wall, (usage.ru_utime + usage.ru_stime) * 1000, output)


def first_line(command, folder, name):
    """Milliseconds until a line holds `name`."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    found = None
    for line in process.stdout:
        if found is None and name in line:
            found = (time.perf_counter() - start) * 1000
    process.wait()
    if found is None:
        sys.exit(f"{command[0]} never named the job {name!r}")
    return found


def peak(command, folder):
    """The high-water mark of the process's own memory, in MiB, looked at every half millisecond."""
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    highest = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as status:
                marks = [line for line in status if line.startswith("VmHWM")]
        except OSError:
            break
        highest = max([highest] + [int(line.split()[1]) for line in marks])
        time.sleep(0.0005)
    process.wait()
    return highest / 1024


def floor(scripts):
    """One `bash -e FILE` process a step: processor time of those processes alone."""
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (usage.ru_utime + usage.ru_stime) * 1000

    before, start = spent(), time.perf_counter()
    for script in scripts:
        subprocess.run(["bash", "-e", script], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return Run((time.perf_counter() - start) * 1000, spent() - before, b"")


def repository(folder, workflow):
    """A repository with one commit and one workflow."""
    shutil.rmtree(folder, ignore_errors=True)
    path = folder / ".github/workflows/bench.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow)
    commit(folder)
    return folder


def commit(folder):
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-C", folder]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "start"], check=True)


def chained():
    lines = ["name: bench", "on: push", "jobs:"]
    for job in range(JOBS):
        lines += [f"  job{job}:", "    runs-on: ubuntu-latest"]
        lines += [f"    needs: job{job - 1}"] if job else []
        lines += ["    steps:"] + [f"      - run: echo step {step} of job {job}" for step in range(STEPS)]
    return "\n".join(lines) + "\n"


def matrix():
    legs = ", ".join(map(str, range(LEGS)))
    return (
        "name: bench\non: push\njobs:\n  leg:\n    runs-on: ubuntu-latest\n"
        f"    strategy:\n      matrix:\n        n: [{legs}]\n    steps:\n      - run: echo leg ${{{{ matrix.n }}}}\n"
    )


def thousand():
    lines = ["name: bench", "on: push", "jobs:"]
    for job in range(PLANNED):
        lines += [f"  job{job}:", "    runs-on: ubuntu-latest"]
        lines += [f"    needs: job{job - 1}"] if job % 10 else []
        lines += ["    steps:", f"      - run: echo job {job}"]
    return "\n".join(lines) + "\n"


def scripts(folder, texts):
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.sh" for number in range(len(texts))]
    for path, text in zip(paths, texts):
        path.write_text(text + "\n")
    return paths


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def say(text):
    print(text, file=sys.stderr, flush=True)


def compare(arguments, name, workflow, texts, unit, goal):
    """The table of one workload; returns the repository and the number of the unit."""
    folder = repository(arguments.work / name, workflow)
    bash = scripts(arguments.work / f"{name}-scripts", texts)
    plim = [arguments.plim, "run", "-C", folder]
    act = [arguments.act, "-P", "ubuntu-latest=-self-hosted", "--pull=false", "--action-offline-mode", "push"]
    sides = {"floor": lambda: floor(bash), "act": lambda: run(act, folder)}
    if arguments.plim:
        sides["plim"] = lambda: run(plim, arguments.work)
    results = {side: [] for side in sides}
    for number in range(arguments.runs + 1):
        for side, measure in sides.items():
            result = measure()
            # The first round only warms caches.
            if number:
                results[side].append(result)
        say(f"{name}: round {number} of {arguments.runs}")
    count, base = len(texts), median(results["floor"], "cpu")
    print(f"\n| {name} | CPU ms | wall ms | CPU ms above the floor per {unit} |\n|---|---|---|---|")
    for side in results:
        cpu, wall = median(results[side], "cpu"), median(results[side], "wall")
        above = f"{(cpu - base) / count:.2f}" if side != "floor" else ""
        print(f"| {side} | {cpu:.1f} | {wall:.1f} | {above} |")
    above = (median(results["act"], "cpu") - base) / count
    if arguments.plim:
        own = (median(results["plim"], "cpu") - base) / count
        if own < 0:
            sys.exit("plim seems to cost less than the floor: some process was not waited for")
        verdict(f"CPU above the floor per {unit}", own, goal, "ms")
        least(f"act / plim above the floor, per {unit}", above / max(own, 0.001), 7)
    return folder


def verdict(what, value, goal, unit):
    met = "met" if value <= goal else "**missed**"
    unit = f" {unit}" if unit else ""
    print(f"\n{what}: {value:.2f}{unit}, goal at most {goal}{unit}: {met}")


def least(what, value, goal):
    met = "met" if value >= goal else "**missed**"
    print(f"\n{what}: {value:.1f}, goal at least {goal}: {met}")


def edit(folder, number):
    """Changes one line, so that this crate and what depends on it must be built again."""
    path = folder / "crates/tide/src/lib.rs"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("pub const EDIT")]
    at = next(i for i, line in enumerate(lines) if line == "#[cfg(test)]")
    lines.insert(at, f"pub const EDIT: u32 = {number};")
    path.write_text("\n".join(lines) + "\n")


def by_hand(trees, commands, env):
    """Types each job's commands in its own tree, one after another."""
    start = time.perf_counter()
    for tree, command in zip(trees, commands):
        run(["bash", "-eo", "pipefail", "-c", command], tree, env)
    return Run((time.perf_counter() - start) * 1000, 0, b"")


def edited(arguments, name, options, commands):
    """A one-line edit: the run that follows, against the same commands typed by hand."""
    source = arguments.example.resolve()
    ignored = shutil.ignore_patterns("target", ".plimsoll")
    trees = [arguments.work / f"edit-{side}" for side in ["plim", *map(str, range(len(commands)))]]
    for tree in trees:
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(source, tree, ignore=ignored)
        edit(tree, 0)
        commit(tree)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("CARGO_TARGET", "CARGO_INCR"))}
    plim, hand = [], []
    for number in range(arguments.edits + 1):
        for tree in trees:
            edit(tree, number + 1)
        one = run([arguments.plim, "run", "-C", trees[0], *options], arguments.work, env)
        other = by_hand(trees[1:], commands, env)
        if number:
            plim.append(one)
            hand.append(other)
        say(f"{name}: round {number} of {arguments.edits}")
    ratios = [one.wall / other.wall for one, other in zip(plim, hand)]
    print(f"| {name} | {median(plim, 'wall'):.0f} | {median(hand, 'wall'):.0f} | {statistics.median(ratios):.2f} |")
    return statistics.median(ratios)


TEST = "cargo test --workspace --locked --profile dev"
WHOLE = [
    "cargo fmt --all --check",
    "cargo clippy --workspace --all-targets --locked -- -D warnings",
    TEST,
    "cargo test --workspace --locked --profile release",
    "cargo test --workspace --locked --profile dev --features harbour/cautious",
    "cargo build --release --locked --package harbour && "
    "cargo run --release --locked --package tide > target/almanac.csv && "
    "target/release/harbour voyage/ships.txt | diff voyage/expected.txt -",
]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{os.cpu_count()} x {models[0] if models else platform.machine()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plim", default="")
    parser.add_argument("--act", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--example", type=pathlib.Path, required=True)
    parser.add_argument("--commit", default="", help="what plim was built from, if not from HEAD")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--edits", type=int, default=7)
    arguments = parser.parse_args()
    # Keeps act from asking which image it should use.
    os.environ.setdefault("ACT_DISABLE_VERSION_CHECK", "1")

    version = subprocess.run([arguments.act, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    print("# Results\n\nMade by `benches/run/run`; what is measured is said in [README.md](README.md).")
    commit_of_plim = arguments.commit or head.stdout.strip()
    print(f"Commit {commit_of_plim}, {version}, {processor()}, Linux {platform.release()}.")
    print(f"Load average at the start {os.getloadavg()[0]:.1f}; more than the number of processors would mean that other work disturbed it.")
    print(f"Medians of {arguments.runs} runs in turns; of {arguments.edits} for edits.")

    print(f"\n## {JOBS} chained jobs of {STEPS} steps")
    texts = [f"echo step {step} of job {job}" for job in range(JOBS) for step in range(STEPS)]
    chain = compare(arguments, "chain", chained(), texts, "step", 1)
    print(f"\n## A matrix of {LEGS} legs")
    compare(arguments, "matrix", matrix(), [f"echo leg {leg}" for leg in range(LEGS)], "leg", 3)
    if not arguments.plim:
        return

    command = [arguments.plim, "run", "-C", chain]
    print("\n## First line, memory, planning")
    firsts = [first_line(command, arguments.work, b"job0") for _ in range(arguments.runs)]
    verdict("First line that names a job", statistics.median(firsts), 10, "ms")
    verdict("Peak memory of the chain", max(peak(command, arguments.work) for _ in range(3)), 30, "MiB")
    legs = [arguments.plim, "run", "-C", arguments.work / "matrix"]
    verdict("Peak memory of the matrix", max(peak(legs, arguments.work) for _ in range(3)), 30, "MiB")
    big = repository(arguments.work / "thousand", thousand())
    plans = [run([arguments.plim, "run", "-n", "-C", big], arguments.work) for _ in range(arguments.runs)]
    verdict(f"Planning {PLANNED} jobs, wall", median(plans, "wall"), 50, "ms")

    print("\n## After an edit of one line\n\n| job | plim ms | by hand ms | ratio |\n|---|---|---|---|")
    one = ["--only", "test", "--matrix", "profile=dev", "--matrix", "keel=usual"]
    ratio = edited(arguments, "test (dev, usual)", one, [TEST])
    clippy = edited(arguments, "clippy", ["--only", "clippy"], [WHOLE[1]])
    whole = edited(arguments, "the whole example", [], WHOLE)
    verdict("One job after an edit, of its commands by hand", max(ratio, clippy), 1.15, "")
    verdict("The whole example after an edit, of its commands by hand", whole, 1.15, "")


if __name__ == "__main__":
    main()
