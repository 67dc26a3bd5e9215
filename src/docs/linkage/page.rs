//! The page about a linkage, for whoever answers for the data and never opens a terminal.

use super::parts::{STYLE, about, bits, percent, share, signed, table, weights};
use super::{Cluster, Linkage};
use crate::docs::page::{Alone, prose};
use crate::escape::markup;
use crate::numbers::{count, number};

/// The page; `step` is the full name of the step, `shows`: personal values stand there as they are.
pub fn page(step: &str, it: &Linkage, shows: bool) -> String {
    let mut body = String::new();
    summary(it, &mut body);
    notes(it, &mut body);
    thresholds(it, &mut body);
    decided(it, &mut body);
    columns(it, &mut body);
    rules(it, &mut body);
    clusters(it, &mut body);
    let foot = format!(
        "Made by hotpass from the step <code>{}</code>. {}",
        markup(step),
        if shows { "Personal values are shown: keep this page to yourself." } else { "Personal values are masked." }
    );
    Alone { title: &format!("{step}: which rows match"), style: STYLE, body: &body, foot: &foot }.page()
}

fn summary(it: &Linkage, out: &mut String) {
    let (clusters, rows) = it.sizes.iter().fold((0, 0), |acc, (from, to, count)| {
        let several = if *from > 1 { *count } else { 0 };
        (acc.0 + several, acc.1 + if *to == 1 { *count } else { 0 })
    });
    let more = it.rows.saturating_sub(rows);
    let used = it.thresholds.iter().find(|it| it.used);
    let [precision, recall] = match used {
        Some(it) => [&it.precision, &it.recall].map(|it| it.share.map_or("not known".to_owned(), percent)),
        None => ["not known", "not known"].map(str::to_owned),
    };
    out.push_str(&format!(
        "<p>{} were compared in {}. {} belong to {} of more than one row.</p>\n",
        count(it.rows, "row"),
        count(it.compared, "pair"),
        first_up(&count(more, "row")),
        count(clusters, "cluster")
    ));
    let decided = it.decided.iter().sum();
    out.push_str("<ul class=\"counts\">\n");
    let pairs = |n: u64| if n == 1 { "pair" } else { "pairs" };
    let item = |big: &str, words: &str| format!("<li><b>{}</b> {words}</li>\n", markup(big));
    out.push_str(&item(&number(it.verdicts[0]), &format!("{} called a match", pairs(it.verdicts[0]))));
    out.push_str(&item(&precision, "of them expected to be right"));
    out.push_str(&item(&recall, "of all true pairs expected to be found"));
    out.push_str(&item(&number(it.open), &format!("{} left to decide", pairs(it.open))));
    out.push_str(&item(&number(decided), &format!("{} decided by people", pairs(decided))));
    out.push_str("</ul>\n");
    let from = match it.kept {
        true => "What agreements count comes from a model that is kept.",
        false => "What agreements count was learnt from these rows.",
    };
    out.push_str(&format!(
        "<p>{from} About {} are expected to match.</p>\n",
        count(it.matches.round().max(0.0) as u64, "compared pair")
    ));
    for (what, pairs) in &it.relatives {
        out.push_str(&format!("<p class=\"soft\">About {} pairs {}.</p>\n", about(*pairs), markup(what)));
    }
}

fn notes(it: &Linkage, out: &mut String) {
    if it.notes.is_empty() {
        return;
    }
    out.push_str("<h2>What to know</h2>\n<ol class=\"checks\">\n");
    for (note, help) in &it.notes {
        out.push_str(&format!(
            "<li class=\"of-warned\"><p>{}.</p><p class=\"soft\">{}.</p></li>\n",
            first_up(&prose(note)),
            first_up(&prose(help))
        ));
    }
    out.push_str("</ol>\n");
}

fn thresholds(it: &Linkage, out: &mut String) {
    if it.thresholds.is_empty() {
        return;
    }
    out.push_str(&format!(
        "<h2>How certain the result is</h2>\n<p>A pair is a match if its probability is at least {}; a person should check \
         pairs from {} up. A higher threshold gives fewer mistakes and fewer matches.</p>\n",
        percent(it.match_at),
        percent(it.review_at)
    ));
    let heads = [
        ("match from", true),
        ("pairs", true),
        ("of them right", true),
        ("between", true),
        ("of all found", true),
        ("between", true),
        ("", false),
    ];
    let rows: Vec<(bool, Vec<String>)> = it
        .thresholds
        .iter()
        .map(|it| {
            let ([right, right_between], [found, found_between]) = (share(&it.precision), share(&it.recall));
            let mark = if it.used { "in use" } else { "" };
            let cells = [percent(it.at), number(it.pairs), right, right_between, found, found_between, mark.to_owned()];
            (it.used, cells.to_vec())
        })
        .collect();
    out.push_str(&table("What other thresholds would give", &heads, &rows));
    out.push_str(
        "<p class=\"soft\">The shares are estimates from the learnt weights; the truth is between both ends in 95 of 100 cases. \
         If people know the truth of some pairs, <code>hotpass link measure</code> shows more.</p>\n<h3>Pairs by \
         weight</h3>\n<p>The weight of a pair is the evidence for a match minus the evidence against it, in bits: above 0, a match is more likely than not. Heights are logarithms.</p>\n",
    );
    out.push_str(&weights(it));
}

fn decided(it: &Linkage, out: &mut String) {
    let [same, different] = it.decided;
    if same + different == 0 {
        return;
    }
    out.push_str(&format!(
        "<h2>What people decided</h2>\n<p>{} as matches and {} as different. hotpass follows every decision and \
         learns nothing from them; this table compares them with what was expected.</p>\n",
        first_up(&count(same, "pair")),
        count(different, "pair")
    ));
    let heads =
        [("expected", true), ("pairs", true), ("on average", true), ("decided as match", true), ("between", true)];
    let row = |it: &super::Judged| {
        let [found, between] = share(&it.share);
        let range = format!("{} to {}", percent(it.from), percent(it.to));
        (false, vec![markup(&range), number(it.share.of), percent(it.mean), found, between])
    };
    out.push_str(&table("Decisions by probability", &heads, &it.judged.iter().map(row).collect::<Vec<_>>()));
}

fn columns(it: &Linkage, out: &mut String) {
    out.push_str(
        "<h2>What agreement counts</h2>\n<p>An agreement of two rows is evidence for a match if it is more frequent \
         among matches than by chance. Each bit doubles the odds; a number below zero is evidence against a match. An \
         empty cell is no evidence.</p>\n",
    );
    let heads = [("two values", false), ("of true pairs", true), ("by chance", true), ("bits", true), ("", false)];
    for column in &it.columns {
        let rows: Vec<(bool, Vec<String>)> = column
            .levels
            .iter()
            .map(|it| {
                let shares = [it.matches, it.chance].map(|it| markup(&percent(it)));
                let [matches, chance] = shares;
                (false, vec![markup(&it.name), matches, chance, signed(it.bits), bits(it.bits)])
            })
            .collect();
        let filled = percent(if it.rows > 0 { column.filled as f64 / it.rows as f64 } else { 0.0 });
        out.push_str(&format!(
            "<h3>{}</h3>\n<p class=\"soft\">compared as {}; {} of the rows have a value</p>\n",
            markup(&column.name),
            markup(&column.kind),
            markup(&filled)
        ));
        out.push_str(&table(&format!("Levels of {}", column.name), &heads, &rows));
    }
}

fn rules(it: &Linkage, out: &mut String) {
    out.push_str("<h2>Rules that select pairs</h2>\n");
    if it.rules.is_empty() {
        out.push_str("<p>Nothing: no two rows have anything in common.</p>\n");
        return;
    }
    out.push_str(
        "<p>hotpass compares two rows only if a rule selects the pair. A pair that no rule selects is never a match, unless \
         its rows are in one small group or a person decides it.</p>\n",
    );
    let heads = [
        ("rows have in common", false),
        ("pairs", true),
        ("by this rule alone", true),
        ("true pairs, about", true),
        ("largest block", true),
        ("too large", true),
    ];
    let row = |it: &super::Rule| {
        let cells = [
            markup(&it.name),
            number(it.pairs),
            number(it.alone),
            about(it.matches),
            count(it.largest, "row"),
            if it.split == 0 { "none".to_owned() } else { count(it.split, "block") },
        ];
        (it.split > 0, cells.to_vec())
    };
    out.push_str(&table("Rules", &heads, &it.rules.iter().map(row).collect::<Vec<_>>()));
}

fn clusters(it: &Linkage, out: &mut String) {
    out.push_str("<h2>Clusters</h2>\n");
    let heads = [("rows in a cluster", true), ("clusters", true)];
    let row = |(from, to, count): &(u64, u64, u64)| {
        let range = if from == to { number(*from) } else { format!("{} to {}", number(*from), number(*to)) };
        (false, vec![range, number(*count)])
    };
    out.push_str(&table("Clusters by size", &heads, &it.sizes.iter().map(row).collect::<Vec<_>>()));
    if it.largest.is_empty() {
        return;
    }
    out.push_str(
        "<h2>The largest clusters</h2>\n<p>Look at them first: what joins too much shows here. A weak link, or a pair that \
         alone holds two parts together, is a place to look at.</p>\n",
    );
    for (at, cluster) in it.largest.iter().enumerate() {
        largest(it, at, cluster, out);
    }
}

fn largest(it: &Linkage, at: usize, cluster: &Cluster, out: &mut String) {
    let least = cluster.least.map_or(String::new(), |it| format!("; the weakest link weighs {} bits", signed(it)));
    let bridges = match cluster.bridges {
        0 => String::new(),
        it => format!("; {} alone hold parts together", count(it, "pair")),
    };
    out.push_str(&format!(
        "<h3>{}</h3>\n<p class=\"soft\">cluster {}{least}{bridges}</p>\n",
        count(cluster.rows, "row"),
        at + 1
    ));
    let names: Vec<String> = it.columns.iter().map(|it| markup(&it.name)).collect();
    let heads: Vec<(&str, bool)> =
        std::iter::once(("row", false)).chain(names.iter().map(|it| (it.as_str(), false))).collect();
    let rows: Vec<(bool, Vec<String>)> = cluster
        .members
        .iter()
        .map(|it| {
            let name = it.key.clone().unwrap_or_else(|| format!("#{}", it.row));
            let values = it.values.iter().map(|it| it.as_deref().map_or(String::new(), markup));
            (false, std::iter::once(markup(&name)).chain(values).collect())
        })
        .collect();
    out.push_str(&table(&format!("Rows of cluster {}", at + 1), &heads, &rows));
    let more = cluster.rows.saturating_sub(cluster.members.len() as u64);
    if more > 0 {
        out.push_str(&format!("<p class=\"soft\">and {} more</p>\n", number(more)));
    }
}

fn first_up(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |it| it.to_uppercase().chain(chars).collect())
}
