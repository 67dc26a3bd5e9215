//! What Parquet files of other programs become, and lists of the engine wherever they come from.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, MapBuilder, StringBuilder};
use arrow_array::{ArrayRef, Decimal256Array, Int64Array, RecordBatch};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;

use crate::case::{Case, engine_file};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.parquet'\n";

fn built(pipeline: &str, file: Vec<u8>) -> Case {
    let case = Case::new(&[("hotpass.toml", pipeline)]);
    case.write("data/rows.parquet", file);
    case.build().ok();
    case
}

#[test]
fn lists_are_json_and_objects_are_columns() {
    let rows = "select * from (values
        (1, ['a, b', 'c'], {'city': 'Cape ''Town''', 'Post code': [8001]}, map {'k': 1.50::decimal(9, 2)}),
        (2, [null], {'city': null, 'Post code': []}, map {}),
        (3, null, null, null)) as t(id, tags, address, extra)";
    let exports = "[step.one]\nkind = 'explode'\nfrom = 'rows'\ncolumns = ['tags']\n\
        [export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n[export.one]\nfrom = 'one'\npath = 'dist/one.csv'\n\
        columns = ['id', 'tags']\n";
    let case = built(&format!("{PIPELINE}{exports}"), engine_file(rows));
    let text = |path: &str| String::from_utf8(case.read(path)).expect("text");
    insta::assert_snapshot!(text("dist/rows.csv"), @r#"
    id,tags,address.city,address.Post code,extra
    1,"[""a, b"",""c""]",Cape 'Town',[8001],"{""k"":1.5}"
    2,[null],,[],{}
    3,,,,
    "#);
    insta::assert_snapshot!(text("dist/one.csv"), @r#"
    id,tags
    1,"a, b"
    1,c
    "#);
}

#[test]
fn a_member_and_a_column_of_one_name_are_told_apart() {
    let rows = "select 1 as \"a.b\", {'b': 2, 'c': {'d': 3}} as a, 4 as \"A.B_2\"";
    let case = built(&format!("{PIPELINE}[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n"), engine_file(rows));
    assert_eq!(String::from_utf8(case.read("dist/rows.csv")).expect("text"), "a.b,a.b_3,a.c.d,A.B_2\n1,2,3,4\n");
}

#[test]
fn a_query_gives_lists_as_json() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n[step.all]\nkind = 'sql'\n\
        query = \"select list(v order by v) as l, {'a': min(v)} as o, max(v) as m from rows\"\n\
        [export.all]\nfrom = 'all'\npath = 'dist/all.csv'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "v\n\"b, c\"\na\n")]);
    case.build().ok();
    let text = String::from_utf8(case.read("dist/all.csv")).expect("text");
    case.replace("hotpass.toml", "select list", "select rows as r from rows order by v limit 1 --");
    case.build().ok();
    assert_eq!(String::from_utf8(case.read("dist/all.csv")).expect("text"), "r\n\"{\"\"v\"\":\"\"a\"\"}\"\n");
    assert_eq!(text, "l,o,m\n\"[\"\"a\"\",\"\"b, c\"\"]\",\"{\"\"a\"\":\"\"a\"\"}\",\"b, c\"\n");
}

#[test]
fn short_floats_and_times_are_what_they_show() {
    let rows = "select * from (values (0.1::float, '1969-12-31 23:59:59.999999999'::timestamp_ns, date '2024-01-01'),
        (-3.3::float, '2024-02-29 23:59:59.999999999'::timestamp_ns, 'infinity'::date),
        ('nan'::float, null, '-infinity'::date), (null, '1970-01-01'::timestamp_ns, null)) as t(f, t, d)";
    let step = "[step.all]\nkind = 'sql'\nquery = \"select 0.1::float as f, 'infinity'::timestamp as t, '-infinity'::date as d, count(*) as n from rows\"\n";
    let exports =
        "[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n[export.all]\nfrom = 'all'\npath = 'dist/all.csv'\n";
    let case = built(&format!("{PIPELINE}{step}{exports}"), engine_file(rows));
    let text = |path: &str| String::from_utf8(case.read(path)).expect("text");
    insta::assert_snapshot!(text("dist/rows.csv"), @r"
    f,t,d
    0.1,1969-12-31T23:59:59.999999,2024-01-01
    -3.3,2024-02-29T23:59:59.999999,
    NaN,,
    ,1970-01-01T00:00:00,
    ");
    assert_eq!(text("dist/all.csv"), "f,t,d,n\n0.1,,,4\n");
}

#[test]
fn floats_of_16_bits_have_their_own_digits() {
    type Half = <arrow_array::types::Float16Type as arrow_array::ArrowPrimitiveType>::Native;
    let values = [0.1, 1.0 / 3.0, 65504.0, 6e-8, 0.0, -0.3, f32::NAN].map(|it| Some(Half::from_f32(it)));
    let values: ArrayRef = Arc::new(arrow_array::Float16Array::from(values.to_vec()));
    let schema = Arc::new(Schema::new(vec![Field::new("h", DataType::Float16, true)]));
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema.clone(), None).expect("a writer");
    writer.write(&RecordBatch::try_new(schema, vec![values]).expect("rows")).expect("written");
    writer.close().expect("a file");
    let case = built(&format!("{PIPELINE}[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\n"), file);
    let text = String::from_utf8(case.read("dist/rows.csv")).expect("text");
    assert_eq!(text, "h\n0.1\n0.3333\n65504.0\n6e-8\n0.0\n-0.3\nNaN\n");
}

/// The engine takes such a column for numbers in binary, of which 1.5 is 25165824.
#[test]
fn decimals_that_no_table_holds_are_refused() {
    let values = Decimal256Array::from(vec![i256::from_i128(15)]).with_precision_and_scale(76, 1).expect("digits");
    let values: ArrayRef = Arc::new(values);
    let schema = Arc::new(Schema::new(vec![Field::new("price", DataType::Decimal256(76, 1), true)]));
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema.clone(), None).expect("a writer");
    writer.write(&RecordBatch::try_new(schema, vec![values]).expect("rows")).expect("written");
    writer.close().expect("a file");
    let case = Case::new(&[("hotpass.toml", PIPELINE)]);
    case.write("data/rows.parquet", file);
    insta::assert_snapshot!(case.problems(), @r"
    hotpass::source::too-precise: `data/rows.parquet`: column `price` has decimals of up to 76 digits, and a table holds 38
      hotpass.toml:3:9 `rows` declared here
      help: write the column with fewer digits, or as text
    ");
}

/// The engine gives such columns other names, and says nothing.
#[test]
fn columns_of_one_name_are_told() {
    let values: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let field = |name: &str| Field::new(name, DataType::Int64, true);
    let schema = Arc::new(Schema::new(vec![field("id"), field("ID"), field("n"), field("id")]));
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema.clone(), None).expect("a writer");
    writer.write(&RecordBatch::try_new(schema, vec![values; 4]).expect("rows")).expect("written");
    writer.close().expect("a file");
    let case = Case::new(&[("hotpass.toml", PIPELINE)]);
    case.write("data/rows.parquet", file);
    let told = case.problems();
    assert_eq!(told.matches("hotpass::source::repeated-column").count(), 2, "{told}");
    assert!(told.contains("two columns that are both called `ID`") && told.contains("both called `id`"), "{told}");
    assert_eq!(case.problems(), told, "the journal knows it");
    case.write("data/rows.parquet", engine_file("select 1 as a, {'a': 2} as b"));
    assert_eq!(case.problems(), "");
}

/// Nothing within a list or a map is lost or gets other digits.
#[test]
fn values_within_lists_and_maps_are_those_of_the_file() {
    let rows = "select [0.1::float, 16777216::float, null] as f, map {'a': [0.3::float]} as m, \
                [{'FLOAT': 0.2::float, 'n': 12345678901234567890.12::decimal(22, 2)}] as s, \
                map {date '2024-01-31': timestamp '2024-01-31 08:30:00.5'} as d, [1e300::double, 'nan'::double] as x";
    let export = "[export.rows]\nfrom = 'rows'\npath = 'dist/rows.csv'\ndelimiter = ';'\n";
    let case = built(&format!("{PIPELINE}{export}"), engine_file(rows));
    insta::assert_snapshot!(String::from_utf8(case.read("dist/rows.csv")).expect("text").replace("\"\"", "'"), @r#"
    f;m;s;d;x
    [0.1,16777216.0,null];"{'a':[0.3]}";"[{'FLOAT':0.2,'n':12345678901234567890.12}]";"{'2024-01-31':'2024-01-31 08:30:00.5'}";[1e300,null]
    "#);
}

#[test]
fn a_map_with_a_key_twice_is_a_list_of_its_entries() {
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for entries in [&[("a", 1), ("b", 2)][..], &[("a", 1), ("a", 2)], &[]] {
        for (key, value) in entries {
            maps.keys().append_value(key);
            maps.values().append_value(*value);
        }
        maps.append(true).expect("a map");
    }
    let maps: ArrayRef = Arc::new(maps.finish());
    let schema = Arc::new(Schema::new(vec![Field::new("m", maps.data_type().clone(), true)]));
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, schema.clone(), None).expect("a writer");
    writer.write(&RecordBatch::try_new(schema, vec![maps]).expect("rows")).expect("written");
    writer.close().expect("a file");
    let case = built(PIPELINE, file);
    let expected = "m\n{\"a\":1,\"b\":2}\n[{\"key\":\"a\",\"value\":1},{\"key\":\"a\",\"value\":2}]\n{}\n";
    assert_eq!(case.table("p.rows"), expected);
}
