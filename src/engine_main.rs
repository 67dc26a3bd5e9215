//! temp
use hotpass::cli::session::*;
use hotpass::run::*;
use hotpass::summary::StepLine;
struct R;
impl Reporter for R {
    fn started(&self, _: &str, _: &str) {}
    fn read(&self, _: &str, _: &str, _: u64) {}
    fn finished(&self, l: &StepLine) { println!("{:?} {}.{} {:?} {}ms {:?} {:?}", l.outcome, l.pipeline, l.step, l.rows, l.duration_ms, l.columns, l.why); }
}
fn main() {
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap()).canonicalize().unwrap();
    let t = std::time::Instant::now();
    let asked = Asked { root: root.clone(), jobs: 2, ..Default::default() };
    let s = Session::open(&asked, Some(&hotpass::store::engine::DuckDb), true).unwrap();
    let plan = s.plan();
    for p in s.problems() { println!("{p:?}"); }
    println!("planned {:?} {:?}", t.elapsed(), s.db.take_ran());
    let order = Order { root, reader: s.reader.clone(), tables: vec![true; plan.tables.len()], exports: vec![true; plan.exports.len()], force: vec![false; plan.tables.len()], keep_going: false, jobs: 2, power: Some(&hotpass::store::engine::DuckDb), setup: s.setup.clone(), cancel: Default::default() };
    match run(&plan, &s.paths, &s.journal, &order, &R) { Ok(b) => println!("{:#?}", (b.summary.status, b.summary.checks, b.summary.artefacts, b.summary.problems, b.summary.failures)), Err(e) => println!("ERR {e}") }
    println!("total {:?}", t.elapsed());
}
