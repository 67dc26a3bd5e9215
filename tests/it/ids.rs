//! Ids of what belongs together: once the file of known ids is put back, everything stays, whatever met and parted.

use std::collections::{BTreeMap, BTreeSet};

use hotpass::summary::Status;

use crate::case::Case;

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\nheader = 1\n\
    [source.known]\npath = 'ids.csv'\nheader = 1\n";

fn step(name: &str, give: &str) -> String {
    format!(
        "[step.{name}]\nkind = 'identify'\nfrom = 'rows'\nwith = 'known'\ngroup = 'slug'\nby = 'number'\n\
         merge = true\nsplit = true\ngive = '{give}'\n[export.{name}]\nfrom = '{name}'\npath = 'dist/{name}.csv'\n"
    )
}

fn case() -> Case {
    let gives = [("found", "rows"), ("ids", "ids"), ("merges", "merges"), ("splits", "splits")];
    let steps: String = gives.into_iter().map(|(name, give)| step(name, give)).collect();
    Case::new(&[("hotpass.toml", format!("{PIPELINE}{steps}"))])
}

/// Lots of its own, so that the tables are the same for ever.
struct Lots(u64);

impl Lots {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn lines(case: &Case, file: &str) -> Vec<String> {
    let mut lines: Vec<String> = case.text(file).lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn what_met_and_parted_stays_once_the_file_is_put_back() {
    let case = case();
    let mut lots = Lots(7);
    for round in 0..8 {
        let mut rows: BTreeSet<(u64, u64)> = (0..10).map(|_| (lots.next(5), lots.next(12))).collect();
        rows.insert((9, 99));
        let text = |reverse: bool| {
            let mut all: Vec<String> = rows.iter().map(|(slug, number)| format!("s{slug},n{number}\n")).collect();
            if reverse {
                all.reverse();
            }
            format!("slug,number\n{}", all.concat())
        };
        let mut known = "key,id,was\n".to_owned();
        let mut keys: Vec<String> =
            (0..12).map(|it| format!("n{it}")).chain((0..5).map(|it| format!("s{it}"))).collect();
        for at in (1..keys.len()).rev() {
            keys.swap(at, lots.next(at as u64 + 1) as usize);
        }
        keys.iter().take(12).for_each(|key| known.push_str(&format!("{key},I{},\n", lots.next(5))));
        case.write("rows.csv", text(false));
        case.write("ids.csv", &known);
        assert_eq!(case.build().status, Status::Ok);
        let (found, ids) = (lines(&case, "dist/found.csv"), case.text("dist/ids.csv"));
        // Every group has one id, and no two have the same.
        let pairs: BTreeSet<(&str, &str)> =
            found.iter().filter_map(|it| Some((it.split(',').next()?, it.rsplit(',').next()?))).collect();
        let of: BTreeMap<&str, &str> = pairs.iter().copied().collect();
        let distinct: BTreeSet<&&str> = of.values().collect();
        assert_eq!((pairs.len(), distinct.len()), (of.len(), of.len()), "{round}: {known}{found:?}");
        // The order of rows changes nothing.
        case.write("rows.csv", text(true));
        assert_eq!(case.build().status, Status::Ok);
        assert_eq!((&lines(&case, "dist/found.csv"), &case.text("dist/ids.csv")), (&found, &ids), "{round}");
        // Nor does the file that is put back.
        case.write("ids.csv", &ids);
        assert_eq!(case.build().status, Status::Ok);
        assert_eq!(lines(&case, "dist/found.csv"), found, "{round}: {known}{ids}");
        assert_eq!(case.text("dist/ids.csv"), ids, "{round}: {known}");
        for settled in ["dist/merges.csv", "dist/splits.csv"] {
            assert_eq!(lines(&case, settled), [""; 0], "{round} {settled}: {known}{ids}");
        }
    }
}

#[test]
fn groups_with_a_new_key_in_common_are_one_at_once() {
    let step = |name: &str, give: &str| step(name, give).replace("split = true\n", "");
    let steps = step("found", "rows") + &step("ids", "ids") + &step("merges", "merges");
    let case = Case::new(&[("hotpass.toml", format!("{PIPELINE}{steps}"))]);
    let mut lots = Lots(3);
    for round in 0..8 {
        let mut rows: Vec<String> = (0..14).map(|_| format!("s{},n{}\n", lots.next(9), lots.next(14))).collect();
        let mut known = "key,id,was\n".to_owned();
        (0..lots.next(6)).for_each(|it| known.push_str(&format!("n{it},I{},\n", lots.next(4))));
        case.write("rows.csv", format!("slug,number\n{}", rows.concat()));
        case.write("ids.csv", &known);
        assert_eq!(case.build().status, Status::Ok);
        let (found, ids) = (lines(&case, "dist/found.csv"), case.text("dist/ids.csv"));
        // Rows with a key in common have one id, at once.
        let mut by_number: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for it in &found {
            let cells: Vec<&str> = it.split(',').collect();
            by_number.entry(cells[1].to_owned()).or_default().insert(cells[2].to_owned());
        }
        assert!(by_number.values().all(|it| it.len() == 1), "{round}: {known}{found:?}");
        rows.reverse();
        case.write("rows.csv", format!("slug,number\n{}", rows.concat()));
        case.write("ids.csv", &ids);
        assert_eq!(case.build().status, Status::Ok);
        assert_eq!(lines(&case, "dist/found.csv"), found, "{round}: {known}{ids}");
        assert_eq!(case.text("dist/ids.csv"), ids, "{round}: {known}");
        assert_eq!(lines(&case, "dist/merges.csv"), [""; 0], "{round}: {known}{ids}");
    }
}
