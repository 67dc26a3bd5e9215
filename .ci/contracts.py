"""What `.ci/contracts` does once everything is installed: PROGRAM, a folder to work in, and the folder of the tools."""

import copy
import csv
import json
import os
import pathlib
import subprocess
import sys

import jsonschema
import openpyxl
import pyarrow.parquet
import yaml
from csvw.metadata import CSVW
from frictionless import Package, Resource, Schema, validate
from open_data_contract_standard.model import OpenDataContractStandard

PROGRAM, WORK, TOOLS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
PASSED = []

# Names of columns as files bring them: quotes, commas, line ends, the other direction, marks, blanks, other scripts,
# what a spreadsheet runs, markup, and very long.
NAMES = ["id", 'a "quoted" name', "it's, or not", "two\nlines", "\u05e9\u05dd \u202bRTL\u202c", "caf\u00e9 \U0001f600", "=1+1", "<b>&amp;</b>",
         "a\\b/c#d?e%f", "in \u00a0side", "x" * 300, "under_score", "{brace}", "`tick`"]
WORDS = ['says "so"', "line\r\none\n\ttwo", "\u202eevil\u202c \u05d0\u05d1", "=cmd|'/c calc'!A1", "]]> <script>alert(1)</script>", "y" * 40_000, "",
         "# heading\n- item: value", "%s {} \\n ${HOME}", "null", "true", "1e5", "2025-01-31", "@x"]


def passed(what):
    PASSED.append(what)


def run(*words, code=0):
    ran = subprocess.run([PROGRAM, *words], cwd=WORK, capture_output=True, text=True)
    assert ran.returncode == code, (words, ran.returncode, ran.stdout, ran.stderr)
    return ran.stdout


def quoted(text):
    """A text of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


PLAIN = """
[contract.c]
version = "1.0.0"
owner = "office"
primary_key = "id"
extra = "deny"
[[contract.c.field]]
name = "id"
pattern = '^S-[0-9]+$'
example = "S-1"
[[contract.c.field]]
name = "fee"
type = "float"
min = 0
max = 9.5
[[contract.c.field]]
name = "opened"
type = "date"
min = "2000-01-01"
[[contract.c.field]]
name = "kind of"
enum = ["a", "b'c"]
classification = "internal"
"""

PIPELINE = """
[pipeline]
name = "p"
[source.rows]
path = "c.csv"
[source.read]
path = "odd.csv"
[step.odd]
kind = "sql"
query = QUERY
[step.typed]
kind = "sql"
query = 'select id, cast(fee as double) as fee, cast(opened as date) as opened, "kind of", 1.5::decimal(9, 2) as more from rows'
[export.typed]
from = "typed"
path = "dist/typed.csv"
contract = "c"
extra = "allow"
csvw = true
[export.german]
from = "typed"
path = "dist/german.csv"
# The package csvw reads a decimal comma of decimals alone, and not of floats.
columns = ["id", "opened", "kind of", "more"]
csvw = true
decimal_comma = true
line_end = "crlf"
[export.odd]
from = "odd"
path = "dist/odd.csv"
contract = "odd"
csvw = true
[export.parquet]
from = "odd"
path = "dist/odd.parquet"
contract = "odd"
[export.book]
from = "odd"
path = "dist/odd.xlsx"
contract = "odd"
[export.package]
about = "package"
path = "dist/datapackage.json"
"""


def written():
    (WORK / "contracts").mkdir()
    with open(WORK / "raw.csv", "w", newline="") as file:
        csv.writer(file).writerows([NAMES, ["1", *["v"] * (len(NAMES) - 1)]])
    # A reader takes line ends and odd blanks out of names; a query gives a column any name.
    sql = lambda name: '"' + name.replace('"', '""') + '"'
    cleaned = [" ".join(it.split()) for it in NAMES]
    query = ", ".join(f"{sql(a)} as {sql(b)}" for a, b in zip(cleaned, NAMES))
    (WORK / "hotpass.toml").write_text(PIPELINE.replace("QUERY", quoted(f"select {query} from read")))
    (WORK / "contracts/c.toml").write_text(PLAIN)
    odd = [f'[contract.odd]\nversion = "1.0.0"\ntitle = {quoted(WORDS[0])}\nowner = {quoted(WORDS[2])}\n'
           f"description = {quoted(WORDS[1])}\nprimary_key = \"id\"\n"]
    for at, (name, words) in enumerate(zip(NAMES, WORDS)):
        odd.append(f"[[contract.odd.field]]\nname = {quoted(name)}\ndescription = {quoted(words)}\n")
        if at % 3 == 1:
            odd.append(f"enum = [{quoted('v')}, {quoted(words[:50])}]\nunit = {quoted(words[:50])}\n")
        elif at:
            odd.append(f"example = {quoted(words[:50])}\npattern = '^(v|[^\"\\\\x27]*)$'\n")
    (WORK / "contracts/odd.toml").write_text("".join(odd))
    (WORK / "c.csv").write_text("id,fee,opened,kind of\nS-1,9.5,2000-01-01,b'c\nS-2,,,\n")
    (WORK / "bad.csv").write_text("id,fee,opened,kind of\nS-1,x,1999-01-01,q\nS-1,11,,\n")
    with open(WORK / "odd.csv", "w", newline="") as file:
        csv.writer(file).writerows([cleaned, [str(1), *["v"] * (len(NAMES) - 1)], [str(2), *["v"] * (len(NAMES) - 1)]])


def of_ajv(schema, instances):
    """Whether ajv takes each of them."""
    script = ("const Ajv=require('ajv/dist/2020'),f=require('ajv-formats');const a=new Ajv({strict:true,strictTypes:false,"
              "strictRequired:false});f(a);const [s,i]=JSON.parse(require('fs').readFileSync(0));const v=a.compile(s);"
              "console.log(JSON.stringify(i.map(x=>v(x))))")
    ran = subprocess.run(["node", "-e", script], input=json.dumps([schema, instances]), capture_output=True, text=True,
                         env={"NODE_PATH": str(TOOLS / "ajv/node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"})
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def json_schemas():
    for name in ["c", "odd"]:
        schema = json.loads((WORK / f"{name}.json-schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        valid = jsonschema.Draft202012Validator(schema).is_valid
        if name == "c":
            good = [*schema["examples"], {"id": "S-7", "fee": 9.5}]
            bad = [{"id": "x"}, {"id": "S-1", "other": 1}, {"id": "S-1", "fee": 10}, {"fee": 1}, {"id": None}, {"id": "S-1", "kind of": "z"}]
        else:
            good, bad = [dict.fromkeys(NAMES, "v")], [{**dict.fromkeys(NAMES, "v"), NAMES[1]: "w"}, {NAMES[1]: "v"}]
        assert [valid(it) for it in good + bad] == [True] * len(good) + [False] * len(bad), name
        assert of_ajv(schema, good + bad) == [True] * len(good) + [False] * len(bad), name
        passed(f"JSON Schema of {name}")
        broken = copy.deepcopy(schema)
        broken["properties"]["id"]["type"] = "strung"
        try:
            jsonschema.Draft202012Validator.check_schema(broken)
        except jsonschema.SchemaError:
            passed(f"a changed JSON Schema of {name} is refused")


def table_schemas():
    good = [("c", "c.csv"), ("odd", "raw.csv")]
    for name, path in good:
        found = validate(Resource(path=path, schema=Schema.from_descriptor(f"{name}.schema.json")))
        assert found.valid, (name, path, found.flatten(["type", "note"])[:5])
        passed(f"Table Schema {name} takes {path}")
    assert not validate(Resource(path="bad.csv", schema=Schema.from_descriptor("c.schema.json"))).valid
    broken = json.loads((WORK / "c.schema.json").read_text())
    broken["fields"][0]["type"] = "strung"
    (WORK / "broken.schema.json").write_text(json.dumps(broken))
    try:
        Schema.from_descriptor("broken.schema.json")
    except Exception:  # what it raises is of its own kind
        passed("a changed Table Schema is refused")
    package = Package.from_descriptor("dist/datapackage.json")
    for resource in package.resources:
        found = resource.validate()
        assert found.valid, (resource.name, found.flatten(["title", "type", "note"])[:5])
    passed("the data package")


def sidecars():
    for name, folder, columns in [("c", "", 4), ("typed", "dist/", 5), ("german", "dist/", 4), ("odd", "dist/", len(NAMES))]:
        file = WORK / f"{folder}{name}.csv"
        found = CSVW(str(file), md_url=f"{file}-metadata.json", validate=True)
        assert found.is_valid, name
        titles = [it.titles or it.name for it in found.tables[0].tableSchema.columns if not it.virtual]
        assert len(titles) == columns, (name, titles)
        passed(f"CSVW of {name}")
    text = json.loads((WORK / "dist/odd.csv-metadata.json").read_text())
    told = [it.get("dc:description") for it in text["tableSchema"]["columns"]]
    assert [it or "" for it in told] == [it.strip() if not it.strip() else it for it in WORDS], [str(it)[:20] for it in told]
    broken = json.loads((WORK / "dist/typed.csv-metadata.json").read_text())
    broken["tableSchema"]["columns"][0]["datatype"] = "date"
    (WORK / "dist/typed.csv-metadata.json").write_text(json.dumps(broken))
    if not CSVW(str(WORK / "dist/typed.csv"), md_url=str(WORK / "dist/typed.csv-metadata.json"), validate=True).is_valid:
        passed("a changed CSVW is refused")


def of_lint(path):
    ran = subprocess.run([str(TOOLS / "venv/bin/datacontract"), "lint", str(path)], capture_output=True, text=True)
    return ran.returncode == 0, ran.stdout + ran.stderr


def open_contracts():
    for name in ["c", "odd"]:
        path = WORK / f"{name}.odcs.yaml"
        found = OpenDataContractStandard.from_file(str(path))
        names = ["id", "fee", "opened", "kind of"] if name == "c" else NAMES
        assert [it.name for it in found.schema_[0].properties] == names, name
        well, said = of_lint(path)
        assert well, said
        passed(f"ODCS of {name}")
        broken = yaml.safe_load(path.read_text())
        broken["schema"][0]["properties"][0]["logicalType"] = "strung"
        (WORK / "broken.odcs.yaml").write_text(yaml.safe_dump(broken))
        if not of_lint(WORK / "broken.odcs.yaml")[0]:
            passed(f"a changed ODCS of {name} is refused")


def files():
    found = pyarrow.parquet.read_schema(WORK / "dist/odd.parquet")
    words = {key.decode(): it.decode() for key, it in found.metadata.items()}
    assert words["hotpass.contract"] == "odd" and words["hotpass.contract.description"] == WORDS[1], words
    for name, text in zip(NAMES, WORDS):
        assert words.get(f"hotpass.column.{name}", "") == text, name
    assert found.names == NAMES and pyarrow.parquet.read_table(WORK / "dist/odd.parquet").num_rows == 2
    passed("Parquet")
    book = openpyxl.load_workbook(WORK / "dist/odd.xlsx")
    sheet = {str(row[0].value): row[1].value for row in book["Read me"].iter_rows() if row[0].value is not None}
    assert all(name in sheet for name in NAMES if len(name) < 256), set(NAMES) - set(sheet)
    assert all(cell.data_type != "f" for row in book["Read me"].iter_rows() for cell in row), "no cell is a formula"
    assert len(max((str(it) for it in sheet.values()), key=len)) <= 32_767
    assert {it.name: it.value for it in book.custom_doc_props.props}["hotpass.contract"] == "odd"
    passed("workbook")


def main():
    os.chdir(WORK)
    written()
    for form in ["table-schema", "json-schema", "odcs", "csvw", "sql", "markdown", "toml"]:
        run("contract", "emit", "--format", form, "--out", str(WORK))
    run("contract", "check", "c.csv", "--contract", "c")
    run("contract", "check", "bad.csv", "--contract", "c", code=2)
    passed("contract check")
    run("build", "--quiet")
    json_schemas()
    table_schemas()
    sidecars()
    open_contracts()
    files()
    # What was emitted is read again, with nothing lost.
    for name in ["c", "odd"]:
        (WORK / "back").mkdir(exist_ok=True)
        text = run("contract", "import", f"{name}.odcs.yaml")
        assert text.count("field]]") == (4 if name == "c" else len(NAMES)), text[:300]
        passed(f"{name} comes back from ODCS")
    print(f"{len(PASSED)} passed, 0 failed")
    expected = 22
    sys.exit(0 if len(PASSED) == expected else f"{expected} should pass: {PASSED}")


if __name__ == "__main__":
    main()
