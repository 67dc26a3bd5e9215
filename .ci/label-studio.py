"""label-studio.py HOTPASS LABEL_STUDIO: tasks out of `link review`, through a server on loopback, and back as decisions.

What is imported twice and answered twice is decided once, and what is decided is asked no more.
"""
import csv
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HOTPASS, LABEL_STUDIO = (str(pathlib.Path(it).absolute()) for it in sys.argv[1:])
PAGE = pathlib.Path(__file__).parent.parent / "docs/how-to/bring-duplicates-together.md"
PIPELINE = """
[pipeline]
name = "crm"
[source]
rows = { path = "rows.csv" }
decided = { path = "decided.csv" }
[step.found]
kind = "resolve"
from = "rows"
key = "id"
decisions = "decided"
compare = { given = "given name", family = "surname", born = "date", mail = "email" }
"""
ASKED = 12


def people():
    """Eighty people, half of them twice with a slip."""
    syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu"]
    word = lambda at: syllables[at % 10] + syllables[at // 10 % 10] + syllables[at // 100 % 10]
    yield ["id", "given", "family", "born", "mail"]
    for at in range(80):
        given, family = word(at * 7 + 3), word(at * 13 + 5)
        born, mail = f"19{40 + at % 59}-{1 + at % 12:02}-{1 + at * 5 % 28:02}", f"{given}@{word(at)}.example"
        yield [str(at), given, family, born, mail]
        if at % 2 == 0:
            yield [f"{at}b", given[:1] if at % 4 else given, family + "a" * (at % 3), born, mail if at % 3 else ""]


def hotpass(folder, *words):
    ran = subprocess.run([HOTPASS, "-C", folder, *words], capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"hotpass {' '.join(words)} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


class Server:
    """Label Studio with an empty database, on a port that is free."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = secrets.token_hex(20)
        env = dict(os.environ, LABEL_STUDIO_BASE_DATA_DIR=f"{folder}/data", COLLECT_ANALYTICS="False", SENTRY_DSN="",
                   FRONTEND_SENTRY_DSN="", LATEST_VERSION_CHECK="False", LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN="true",
                   SECRET_KEY=secrets.token_hex(32))
        words = ["start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(self.port), "--username",
                 "reviewer@example.org", "--password", secrets.token_hex(12), "--user-token", self.token]
        self.log = open(f"{folder}/server.log", "w+b")
        self.process = subprocess.Popen([LABEL_STUDIO, *words], cwd=folder, env=env, stdout=self.log, stderr=self.log)

    def __enter__(self):
        for _ in range(600):
            try:
                self.ask("/health")
                return self
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None:
                    break
                time.sleep(1)
        self.log.seek(0)
        sys.exit(f"Label Studio does not answer:\n{self.log.read().decode()[-4000:]}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, path, body=None):
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return answer.read().decode()

    def of(self, path, body=None):
        return json.loads(self.ask(path, body))


def interface():
    """The labelling interface, as the documentation has it."""
    return re.search(r"## With Label Studio.*?```xml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]


def answered(server, folder, tasks):
    """Imports the tasks twice, answers some of them, and gives the answers by pair; both exports are left in the folder."""
    project = server.of("/api/projects", {"title": "pairs", "label_config": interface()})["id"]
    for _ in range(2):
        server.ask(f"/api/projects/{project}/import", tasks)
    there = server.of(f"/api/tasks?project={project}&page_size=1000&fields=all")["tasks"]
    assert len(there) == 2 * len(tasks), len(there)
    copies = {}
    for task in there:
        copies.setdefault(task["data"]["pair"], []).append(task["id"])
    assert len(copies) == len(tasks)
    words = ["same", "different", "related", "unsure"]
    answers = {pair: words[at % 4] for at, pair in enumerate(sorted(copies)[: len(copies) // 2])}
    for at, (pair, word) in enumerate(answers.items()):
        result = [{"from_name": "decide", "to_name": "left", "type": "choices", "value": {"choices": [word]}}]
        if at == 0:
            result.append({"from_name": "note", "to_name": "left", "type": "textarea", "value": {"text": ["seen"]}})
        # The first of them is answered in both of its copies.
        for task in copies[pair][: 2 if at == 0 else 1]:
            server.ask(f"/api/tasks/{task}/annotations/", {"result": result})
    skipped = next(pair for pair in sorted(copies) if pair not in answers)
    server.ask(f"/api/tasks/{copies[skipped][0]}/annotations/", {"result": [], "was_cancelled": True})
    for form in ("JSON", "JSON_MIN"):
        text = server.ask(f"/api/projects/{project}/export?exportType={form}&download_all_tasks=true")
        pathlib.Path(folder, f"{form}.json").write_text(text, encoding="utf-8")
    return answers


def main(folder):
    with open(f"{folder}/rows.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(people())
    decided = pathlib.Path(folder, "decided.csv")
    decided.write_text("left,right,decide,by,note\n", encoding="utf-8")
    pathlib.Path(folder, "hotpass.toml").write_text(PIPELINE, encoding="utf-8")
    hotpass(folder, "build")
    hotpass(folder, "link", "review", "found", "-n", str(ASKED), "-o", f"{folder}/tasks.json")
    tasks = json.loads(pathlib.Path(folder, "tasks.json").read_text(encoding="utf-8"))
    assert len(tasks) == ASKED, len(tasks)
    with Server(folder) as server:
        answers = answered(server, folder, tasks)
    for form, told in (("JSON", f"{len(answers)} decisions added"), ("JSON_MIN", "decided so already"),
                       ("JSON", "decided so already")):
        said = hotpass(folder, "link", "review", "found", "--read", f"{folder}/{form}.json")
        assert told in said, (form, said)
        hotpass(folder, "build")
        lines = list(csv.DictReader(decided.open(encoding="utf-8-sig", newline="")))
        assert len(lines) == len(answers), (form, len(lines))
        assert sorted(it["decide"] for it in lines) == sorted(answers.values()), lines
        assert all(it["by"].startswith("label-studio-") for it in lines), lines
    assert [it["note"] for it in lines if it["note"]] == ["seen"], lines
    hotpass(folder, "link", "review", "found", "-n", "1000", "-o", f"{folder}/again.json")
    asked = {it["data"]["pair"] for it in json.loads(pathlib.Path(folder, "again.json").read_text(encoding="utf-8"))}
    assert asked.isdisjoint(answers), "what is decided is asked again"
    print(f"{ASKED} tasks imported twice, {len(answers)} answered, {len(lines)} decisions")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(folder)
