//! `identify`: gives what belongs together an id that stays, whatever it is called later.
//!
//! ```toml
//! [source.known_ids]             # a committed file with the columns key, id and was
//! path = "ids.csv"
//!
//! [step.identified]
//! kind = "identify"
//! from = "records"
//! with = "known_ids"
//! group = "organization_slug"    # rows that share it belong together
//! by = ["source_record_id"]      # keys by which a group is known again, beside its own
//! members = ["person_key"]       # keys of what belongs to a group, and may belong to others too
//! column = "organization_id"
//!
//! [step.ids]                     # the file as it should be from now on
//! kind = "identify"
//! from = "records"
//! with = "known_ids"
//! group = "organization_slug"
//! by = ["source_record_id"]
//! give = "ids"
//! ```
//!
//! A group has the id under which its own value is known, else that of its keys, in the order of `by`, else that of its
//! members, if no other group has or could have it. A group that is not known has an id made of its name alone. So ids
//! depend on rows and file and on nothing that is kept elsewhere, and the file changes when somebody puts another in its
//! place.
//!
//! Keys of one group that are known under several ids make one of them only where `merge` says so; else
//! `give = "merges"` lists what somebody may want to make one. Of groups that all have keys of one id, only the one with
//! the oldest of these has the id where `split` says so; else `give = "splits"` lists what somebody may want to part.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::keys::{Key, Takes, Usual, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Schema, Type, is_hidden};
use crate::profile::Profile;
use crate::relation::apply::Apply;
use crate::relation::{By, Consolidate, Join, Pick, Relation};
use crate::steps::columns::{FROM, all_known, known, one_input};
use crate::steps::uniting::Unite;
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Holding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind =
    Kind { name: "identify", revision: 3, summary: "gives what belongs together an id that stays", keys: KEYS, decode };

const KEYS: &[Key] = &[
    FROM,
    Key::required("with", Takes::Text, "the known ids: a table with the columns `key`, `id` and `was`"),
    Key::required("group", Takes::Text, "the column whose equal values make a group"),
    Key::new("by", Takes::TEXTS, "columns with keys that also identify a group, after its own value"),
    Key::new(
        "members",
        Takes::TEXTS,
        "columns with keys of what belongs to a group and may belong to others too, such as its people",
    ),
    Key::new("merge", Takes::Flag, "whether several ids of the keys of one group become one id")
        .or(Usual::Flag(false)),
    Key::new("split", Takes::Flag, "if several groups have keys of one id, whether only the group with the oldest key keeps it")
        .or(Usual::Flag(false)),
    Key::new("column", Takes::Text, "the name of the new column").or_text(ID),
    Key::new(
        "give",
        Takes::Word(&words(&GIVES)),
        "the rows with their ids, the next version of `with`, the ids that meet in one group, or the groups that separate \
         from an id",
    )
    .or_text("rows"),
];

/// What the step makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
enum Give {
    Rows,
    Ids,
    Merges,
    Splits,
}

const GIVES: [(&str, Give); 4] =
    [("rows", Give::Rows), ("ids", Give::Ids), ("merges", Give::Merges), ("splits", Give::Splits)];

/// The columns of the file.
const KEY: &str = "key";
const ID: &str = "id";
const WAS: &str = "was";

#[derive(Debug, Serialize)]
struct Identify {
    group: String,
    by: Vec<String>,
    members: Vec<String>,
    merge: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    split: bool,
    column: String,
    give: Give,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let group = fields.required_text("group");
    let (by, members) = (fields.words("by"), fields.words("members"));
    let (merge, split) = (fields.flag("merge", false), fields.flag("split", false));
    let give = fields.choice("give", &GIVES).unwrap_or(Give::Rows);
    // What would part is told also where nothing is parted.
    let split = split || give == Give::Splits;
    let column = fields.text("column").unwrap_or_else(|| ID.to_owned());
    if is_hidden(&column) {
        let help = Some("choose a name that does not begin with `_`".to_owned());
        fields.problem(&WRONG_VALUE, "column", "an id is not a hidden column", "this name", help);
        return None;
    }
    let mut inputs = from?;
    inputs.extend(with?);
    Some(Decoded::new(inputs, Identify { group: group?, by, members, merge, split, column, give }))
}

impl Spec for Identify {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (rows, file) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        known(rows, &self.group, "group", findings);
        all_known(rows, &self.by, "by", findings);
        all_known(rows, &self.members, "members", findings);
        for name in [KEY, ID, WAS] {
            known(file, name, "with", findings);
        }
        let of = |schema: &Schema, name: &str| schema.get(name).is_none_or(|it| it.ty == Type::Text);
        let wrong = self.columns().find(|it| !of(rows.schema, it));
        for name in
            wrong.map(String::as_str).into_iter().chain([KEY, ID, WAS].into_iter().filter(|it| !of(file.schema, it)))
        {
            let help = format!("cast it to text first: `cast({name} as text)`");
            findings.push(Finding::new(&TYPE_MISMATCH, "", format!("`{name}` is not a text")).label("here").help(help));
        }
        if self.give == Give::Rows && rows.schema.has(&self.column) {
            let message = format!("`{}` has a column `{}` already", rows.name, self.column);
            let help = "give the ids another name with `column`".to_owned();
            findings.push(Finding::new(&COLUMN_TWICE, "column", message).label("made here").help(help));
        }
        if findings.len() > before {
            return None;
        }
        let relation = match self.give {
            Give::Rows => self.rows(rows.schema, file.schema),
            Give::Ids => self.file(rows.schema, file.schema),
            Give::Merges => self.merges(rows.schema, file.schema),
            Give::Splits => self.splits(rows.schema, file.schema),
        };
        // The file may be what another build wrote.
        let known = |of: &str| Holding { input: 1, column: KEY.to_owned(), of: Some(of.to_owned()) };
        let holding = self.columns().map(String::as_str).chain([KEY]).map(known).collect();
        Some(Lowered { holding, ..relation.unmarked(1, file.schema).into() })
    }
}

/// Names of columns in between; no table has one without a name.
const GROUP: &str = "group";
const AGE: &str = "age";
const TIER: &str = "tier";
const PAIR: &str = "pair";
const TAKEN: &str = "taken";
const HOLDER: &str = "holder";
const KEY_AGE: &str = "key age";
const HEAD: &str = "head";
const NEW: &str = "";
/// What `give = "merges"` calls an id that met another.
const OTHER: &str = "other";

impl Identify {
    /// The rows with the id of their group.
    fn rows(&self, rows: &Schema, file: &Schema) -> Relation {
        let found = lookup(Relation::scan(0, rows), (&self.group, &self.groups(rows, file), GROUP), (NEW, NEW));
        let mut columns: Vec<_> = rows.names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
        columns.insert(hidden, (self.column.clone(), id_of(&self.group)));
        found.project(columns)
    }

    /// The file as it should be: what it knows, in its order, with ids that others became aliases of; then new keys.
    fn file(&self, rows: &Schema, file: &Schema) -> Relation {
        let own = self.own().len();
        let part = |(at, it): (usize, &String)| self.part(rows, it, i64::from(at >= own));
        let all = self.columns().enumerate().map(part).collect();
        let keys = lookup(Relation::Union(all), (GROUP, &self.groups(rows, file), GROUP), (NEW, NEW));
        let of = |it| (it, Expr::column(it));
        let keys = keys.project(named([of(KEY), (ID, id_of(GROUP)), of(GROUP), of(TIER)]));
        let picks = [(KEY, Pick::Key), (ID, first(ID)), (GROUP, first(GROUP)), (TIER, first(TIER))];
        let order = if self.split { least([TIER, GROUP]) } else { Vec::new() };
        let keys = survive(keys, KEY, order, picks);
        let listed = survive(Relation::scan(1, file), KEY, Vec::new(), [(KEY, Pick::Key), (AGE, Pick::Rows)]);
        let mut new = lookup(keys, (KEY, &listed, KEY), (AGE, AGE)).filter(is_null(AGE));
        let mut was = Expr::Cast(Box::new(Expr::null()), Type::Text);
        if self.split {
            new = lookup(new, (GROUP, &self.parted(rows, file), GROUP), (WAS, WAS));
            let is_own = Expr::call("=", [Expr::column(TIER), Expr::integer(0)]);
            was = Expr::Case(vec![(is_own, Expr::column(WAS))], None);
        }
        Relation::Union(vec![self.lines(rows, file), new.project(named([of(KEY), of(ID), (WAS, was)]))])
    }

    /// What the file knows, with the id that each of its keys has now.
    fn lines(&self, rows: &Schema, file: &Schema) -> Relation {
        let mut lines = Relation::scan(1, file);
        if !self.merge && !self.split {
            return lines.project(same([KEY, ID, WAS]));
        }
        let mut now = Expr::column(ID);
        if self.merge {
            lines = lookup(lines, (ID, &self.canonical(rows, file), ID), (NEW, NEW));
            now = Expr::call("coalesce", [Expr::column(NEW), now]);
        }
        if self.split {
            let columns: Vec<String> = lines.columns().into_iter().map(str::to_owned).collect();
            let columns = columns.into_iter().map(|it| (it.clone(), Expr::column(it)));
            lines = lines.project(columns.chain([(PAIR.to_owned(), pair(KEY, ID))]).collect());
            lines = lookup(lines, (PAIR, &self.gone(rows, file), PAIR), (TAKEN, TAKEN));
            now = Expr::call("coalesce", [Expr::column(TAKEN), now]);
        }
        let differs = Expr::call("<>", [now.clone(), Expr::column(ID)]);
        let both = Expr::call("concat_ws", [Expr::text(";"), Expr::column(WAS), Expr::column(ID)]);
        let was = Expr::Case(vec![(differs, both)], Some(Box::new(Expr::column(WAS))));
        lines.project(named([(KEY, Expr::column(KEY)), (ID, now), (WAS, was)]))
    }

    /// The ids that meet in one group, each beside the one that the group has.
    fn merges(&self, rows: &Schema, file: &Schema) -> Relation {
        let known =
            if self.split { self.claims(rows, file).filter(held("=")) } else { self.known(rows, file, &self.own()) };
        let with = lookup(known, (GROUP, &self.groups(rows, file), GROUP), (NEW, NEW));
        let met = with.filter(Expr::call("<>", [Expr::column(NEW), Expr::column(ID)]));
        self.listed(met, OTHER)
    }

    /// The groups that part from an id that another one holds, each with the id that it has in its place.
    fn splits(&self, rows: &Schema, file: &Schema) -> Relation {
        let left = self.left(rows, file).project(same([GROUP, ID]));
        let parted = self.parted(rows, file).project(named([(GROUP, Expr::column(GROUP)), (ID, Expr::column(WAS))]));
        let all = Relation::Union(vec![left, parted]);
        self.listed(lookup(all, (GROUP, &self.groups(rows, file), GROUP), (NEW, NEW)), WAS)
    }

    /// Each group once with each of these ids, and with its own.
    fn listed(&self, found: Relation, other: &str) -> Relation {
        let of = |it| Expr::column(it);
        let columns = [(GROUP, of(GROUP)), (ID, of(NEW)), (OTHER, of(ID)), (PAIR, pair(GROUP, ID))];
        let picks = [(PAIR, Pick::Key), (GROUP, first(GROUP)), (ID, first(ID)), (OTHER, first(OTHER))];
        let each = survive(found.project(named(columns)), PAIR, Vec::new(), picks);
        each.project(named([(self.group.as_str(), of(GROUP)), (ID, of(ID)), (other, of(OTHER))]))
    }

    /// All columns with keys.
    fn columns(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.group).chain(&self.by).chain(&self.members)
    }

    /// The columns with keys of groups themselves, each with its rank; all have one where ids are made one.
    fn own(&self) -> Vec<(&String, i64)> {
        let rank = |at: usize| if self.merge { 0 } else { i64::try_from(at).unwrap_or(i64::MAX) };
        std::iter::once(&self.group).chain(&self.by).enumerate().map(|(at, it)| (it, rank(at))).collect()
    }

    /// Every group with its keys of one column.
    fn part(&self, rows: &Schema, key: &str, rank: i64) -> Relation {
        let columns = [(GROUP, Expr::column(&self.group)), (KEY, Expr::column(key)), (TIER, Expr::integer(rank))];
        Relation::scan(0, rows).project(named(columns)).filter(Expr::all([GROUP, KEY].map(is_not_null)))
    }

    /// Every group with each id under which one of its keys is known, the key and its rank, and the age of the id: its
    /// row in the file.
    fn known(&self, rows: &Schema, file: &Schema, keys: &[(&String, i64)]) -> Relation {
        let found = Relation::Join(Box::new(Join {
            left: Relation::Union(keys.iter().map(|(key, rank)| self.part(rows, key, *rank)).collect()),
            right: Relation::scan(1, file),
            on: vec![vec![(KEY.to_owned(), KEY.to_owned())]],
            outer: false,
            take_left: [GROUP, TIER, KEY].map(str::to_owned).to_vec(),
            take_right: vec![(ID.to_owned(), ID.to_owned())],
            matched: None,
        }));
        lookup(found, (ID, &ages(file, ID), ID), (AGE, AGE))
    }

    /// The same, and which group holds the id: the one with the oldest key, of two that share it the first by name.
    fn claims(&self, rows: &Schema, file: &Schema) -> Relation {
        let known = self.known(rows, file, &self.own()).filter(is_not_null(ID));
        let known = lookup(known, (KEY, &ages(file, KEY), KEY), (AGE, KEY_AGE));
        let holders = survive(known.clone(), ID, least([KEY_AGE, GROUP]), [(ID, Pick::Key), (HOLDER, first(GROUP))]);
        lookup(known, (ID, &holders, ID), (HOLDER, HOLDER))
    }

    /// The id of every group that is known by a key of its own: by the first key that is, the oldest.
    fn by_own(&self, rows: &Schema, file: &Schema) -> Relation {
        let picks = [(GROUP, Pick::Key), (NEW, first(ID)), (AGE, Pick::Least(AGE.to_owned()))];
        let known = match self.split {
            true => self.claims(rows, file).filter(held("=")),
            false => self.headed(self.known(rows, file, &self.own()), rows, file),
        };
        survive(known, GROUP, least([TIER, AGE]), picks)
    }

    /// The groups that hold no id and have keys of one: each with an id of its own, and the one in whose place it is.
    fn parted(&self, rows: &Schema, file: &Schema) -> Relation {
        let picks = [(GROUP, Pick::Key), (WAS, first(ID))];
        let with = survive(self.claims(rows, file), GROUP, least([TIER, AGE]), picks);
        let with = lookup(with, (GROUP, &self.by_own(rows, file), GROUP), (NEW, TAKEN)).filter(is_null(TAKEN));
        with.project(named([(GROUP, Expr::column(GROUP)), (NEW, pair(GROUP, WAS)), (WAS, Expr::column(WAS))]))
    }

    /// The groups with keys of an id that its holder has no more.
    fn left(&self, rows: &Schema, file: &Schema) -> Relation {
        let columns = [GROUP, HOLDER, ID].map(|it| (it, Expr::column(it)));
        let columns = columns.into_iter().chain([(PAIR, pair(KEY, ID))]).map(|(name, it)| (name.to_owned(), it));
        let all = self.claims(rows, file).project(columns.collect());
        let stays = survive(all.clone().filter(held("=")), PAIR, Vec::new(), [(PAIR, Pick::Key), (TAKEN, Pick::Rows)]);
        lookup(all, (PAIR, &stays, PAIR), (TAKEN, TAKEN)).filter(is_null(TAKEN))
    }

    /// Keys that left an id with their group, of two groups the first by name, and the id that they have now.
    fn gone(&self, rows: &Schema, file: &Schema) -> Relation {
        let picks = [(PAIR, Pick::Key), (GROUP, first(GROUP))];
        let gone = survive(self.left(rows, file), PAIR, least([GROUP]), picks);
        lookup(gone, (GROUP, &self.groups(rows, file), GROUP), (NEW, TAKEN))
    }

    /// Whether groups with a key or a known id in common have one id.
    fn unites(&self) -> bool {
        self.merge && !self.split
    }

    /// Every group with the first by name of all that it has a key or a known id in common with, also by way of others.
    /// Keys that nobody knew before count too, so that the next build finds what this one gave.
    fn heads(&self, rows: &Schema, file: &Schema) -> Relation {
        let own = self.own();
        let keys = Relation::Union(own.iter().map(|(key, rank)| self.part(rows, key, *rank)).collect());
        let met = lookup(keys, (KEY, &ids_of(file), KEY), (ID, ID)).project(same([GROUP, KEY, ID]));
        Apply::relation(Unite { group: GROUP, key: KEY, id: ID, head: HEAD }, vec![met], &[GROUP, HEAD])
    }

    /// The same rows with the head of each group in its place.
    fn headed(&self, known: Relation, rows: &Schema, file: &Schema) -> Relation {
        if !self.unites() {
            return known;
        }
        let columns: Vec<String> = known.columns().into_iter().map(str::to_owned).collect();
        let with = lookup(known, (GROUP, &self.heads(rows, file), GROUP), (HEAD, HEAD));
        let head = |it: String| {
            let from = if it == GROUP { Expr::column(HEAD) } else { Expr::column(&it) };
            (it, from)
        };
        with.project(columns.into_iter().map(head).collect())
    }

    /// Every known id with the one that it goes by now.
    fn canonical(&self, rows: &Schema, file: &Schema) -> Relation {
        let with = if self.split {
            // One group holds an id, so there are no chains.
            let held = self.claims(rows, file).filter(held("=")).project(same([GROUP, ID]));
            lookup(held, (GROUP, &self.by_own(rows, file), GROUP), (NEW, NEW))
        } else {
            let known = self.known(rows, file, &self.own()).project(same([GROUP, ID])).filter(is_not_null(ID));
            lookup(known, (GROUP, &self.groups(rows, file), GROUP), (NEW, NEW))
        };
        survive(with, ID, Vec::new(), [(ID, Pick::Key), (NEW, first(NEW))])
    }

    /// The id of every group that is known, and of all where groups are made one.
    fn groups(&self, rows: &Schema, file: &Schema) -> Relation {
        let mut own = self.by_own(rows, file).project(same([GROUP, NEW]));
        if self.split {
            own = Relation::Union(vec![own, self.parted(rows, file).project(same([GROUP, NEW]))]);
        }
        if !self.members.is_empty() {
            let by_members = self.by_members(rows, file, &own);
            own = Relation::Union(vec![own, by_members]);
        }
        if !self.unites() {
            return own;
        }
        let all = lookup(self.heads(rows, file), (HEAD, &own, GROUP), (NEW, NEW));
        all.project(named([(GROUP, Expr::column(GROUP)), (NEW, id_of(HEAD))]))
    }

    /// The id of every group that is known by its members alone, where no other group has that id or could have it.
    fn by_members(&self, rows: &Schema, file: &Schema, own: &Relation) -> Relation {
        let members: Vec<_> = self.members.iter().map(|it| (it, 0)).collect();
        let with = self.headed(self.known(rows, file, &members), rows, file);
        let with = lookup(with, (GROUP, own, GROUP), (NEW, TAKEN)).filter(is_null(TAKEN));
        let with = with.project(same([GROUP, ID, AGE, TIER]));
        let taken = [(NEW, Pick::Key), (GROUP, Pick::Rows)];
        let owned = if self.merge || self.split {
            // An id that another one took in is nobody else's.
            let known = self.headed(self.known(rows, file, &self.own()), rows, file);
            survive(
                known.project(named([(NEW, Expr::column(ID)), (GROUP, Expr::column(GROUP))])),
                NEW,
                Vec::new(),
                taken,
            )
        } else {
            survive(own.clone(), NEW, Vec::new(), taken)
        };
        let free = lookup(with, (ID, &owned, NEW), (GROUP, TAKEN)).filter(is_null(TAKEN));
        let pairs = free.clone().project(named([(ID, Expr::column(ID)), (PAIR, pair(GROUP, ID))]));
        let pairs = survive(pairs, PAIR, Vec::new(), [(PAIR, Pick::Key), (ID, first(ID))]);
        let counts = survive(pairs, ID, Vec::new(), [(ID, Pick::Key), (PAIR, Pick::Rows)]);
        let counted = lookup(free.project(same([GROUP, ID, AGE, TIER])), (ID, &counts, ID), (PAIR, PAIR));
        let alone = counted.filter(Expr::call("=", [Expr::column(PAIR), Expr::integer(1)]));
        survive(alone, GROUP, least([TIER, AGE]), [(GROUP, Pick::Key), (NEW, first(ID))])
    }
}

/// The id that was found, else one made of the name of the group.
fn id_of(group: &str) -> Expr {
    let made = Expr::call("identifier", [Expr::column(group)]);
    let present = Expr::call("is not null", [Expr::column(group)]);
    Expr::Case(vec![(present, Expr::call("coalesce", [Expr::column(NEW), made]))], None)
}

/// The least first.
fn least<const N: usize>(columns: [&str; N]) -> Vec<By> {
    columns.map(|it| By { expr: Expr::column(it), descending: false }).to_vec()
}

/// Every value of a column of the file, and the first row that has it.
fn ages(file: &Schema, column: &str) -> Relation {
    let position = Pick::Position { column: None, prefer: Vec::new() };
    survive(Relation::scan(1, file), column, Vec::new(), [(column, Pick::Key), (AGE, position)])
}

/// Every key of the file with its id.
fn ids_of(file: &Schema) -> Relation {
    Relation::scan(1, file).project(same([KEY, ID]))
}

/// Whether a group is the holder of an id, or with `<>` whether it is not.
fn held(is: &str) -> Expr {
    Expr::call(is, [Expr::column(GROUP), Expr::column(HOLDER)])
}

/// Two columns as one.
fn pair(one: &str, other: &str) -> Expr {
    Expr::call("identifier", [Expr::column(one), Expr::column(other)])
}

fn first(column: &str) -> Pick {
    Pick::First { column: column.to_owned(), prefer: Vec::new() }
}

fn is_null(column: &str) -> Expr {
    Expr::call("is null", [Expr::column(column)])
}

fn is_not_null(column: &str) -> Expr {
    Expr::call("is not null", [Expr::column(column)])
}

/// Columns as they are.
fn same<const N: usize>(columns: [&str; N]) -> Vec<(String, Expr)> {
    columns.map(|it| (it.to_owned(), Expr::column(it))).to_vec()
}

/// All columns of `left`, and one of `right`, found by a column of each.
fn lookup(left: Relation, (here, right, there): (&str, &Relation, &str), (take, name): (&str, &str)) -> Relation {
    let take_left = left.columns().into_iter().map(str::to_owned).collect();
    Relation::Join(Box::new(Join {
        left,
        right: right.clone(),
        on: vec![vec![(here.to_owned(), there.to_owned())]],
        outer: true,
        take_left,
        take_right: vec![(take.to_owned(), name.to_owned())],
        matched: None,
    }))
}

fn survive<const N: usize>(from: Relation, key: &str, rank: Vec<By>, picks: [(&str, Pick); N]) -> Relation {
    let picks = picks.map(|(name, pick)| (name.to_owned(), pick)).to_vec();
    Relation::Consolidate(Box::new(Consolidate { from, key: key.to_owned(), rank, picks }))
}

fn named<const N: usize>(columns: [(&str, Expr); N]) -> Vec<(String, Expr)> {
    columns.map(|(name, it)| (name.to_owned(), it)).to_vec()
}
