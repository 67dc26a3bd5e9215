"""run_hotpass.py SET: resolves a labelled set with the program itself and nothing but `compare`, and writes pairs, clusters
and what it cost as the runners of other tools do.

ER_DATA and ER_OUT as in `run.py`; HOTPASS names the program; ER_RUN is the folder of `common.py`, which the runners share.
What it costs is one build of the clusters, from the CSV file to the CSV file; the pairs come from another build.
"""
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.environ["ER_RUN"]]
import common
import sets

STEP = """
[pipeline]
name = "er"
[source.records]
path = "records.csv"
[step.found]
kind = "{kind}"
from = "records"
compare = {{ {compare} }}
{more}
[export.found]
from = "found"
path = "dist/found.csv"
columns = {columns}
"""


def built(name, kind, more, columns):
    """The rows of a build, and what it cost."""
    compare, options = sets.of(name)
    compare = ", ".join(f"{json.dumps(c)} = {json.dumps(k)}" for c, k in (it.split("=") for it in compare.split(",")))
    more += '\nacross = "source"' if "link" in options else ""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(f"{common.B}/{name}/records.csv", folder)
        text = STEP.format(kind=kind, compare=compare, more=more, columns=json.dumps(columns))
        open(f"{folder}/hotpass.toml", "w", encoding="utf-8").write(text)
        begin = time.time()
        process = subprocess.Popen([os.environ["HOTPASS"], "-C", folder, "build"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{name}: the build ended with {status}")
        cost = dict(wall_s=round(time.time() - begin, 2), cpu_s=round(used.ru_utime + used.ru_stime, 2),
                    rss_mb=used.ru_maxrss // 1024)
        with open(f"{folder}/dist/found.csv", encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:], cost


def main(name):
    clusters, cost = built(name, "resolve", "", ["unique_id", "cluster"])
    pairs, _ = built(name, "link", 'key = "unique_id"\nreview = 0', ["left", "right", "weight"])
    clock = common.Clock()
    clock.t0 -= cost.pop("wall_s")
    # The cost of the build, and not that of this script.
    common.used = lambda: cost
    pairs = [(left, right, float(weight)) for left, right, weight in pairs]
    common.save("hotpass", name, pairs, clock, dict(default_threshold=0.0, config_lines=6), {"default": clusters})


if __name__ == "__main__":
    main(sys.argv[1])
