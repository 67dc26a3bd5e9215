//! The page with the picture of the graph, and the same as a list.

use super::facts::Facts;
use super::page::{Place, page, scroll, table_link, table_links};
use crate::escape::markup;

/// The page; `picture` is the graph as SVG.
pub fn graph(facts: &Facts, picture: &str) -> String {
    let mut out =
        String::from("<p>Every table is below its inputs. The border of a table shows the result of its checks.</p>\n");
    out.push_str(&scroll("Picture of the graph", picture));
    out.push_str("<h2>The same as a list</h2>\n<ul>\n");
    for table in &facts.tables {
        let link = table_link(facts, Place::Graph, &table.name);
        let from = match (table.places.as_slice(), table.inputs.as_slice()) {
            ([], []) => String::new(),
            ([], inputs) => format!(" from {}", table_links(facts, Place::Graph, inputs)),
            (places, _) => format!(" read from {}", super::page::codes(places, 6)),
        };
        let to = match table.written.as_slice() {
            [] => String::new(),
            files => format!(", written to {}", super::page::codes(files, 6)),
        };
        out.push_str(&format!("<li>{link}: {}{from}{to}</li>\n", markup(&table.kind)));
    }
    out.push_str("</ul>\n");
    page(facts, Place::Graph, "How it is made", &out)
}
