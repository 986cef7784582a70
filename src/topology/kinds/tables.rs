//! What a table of fields seems to be: links, a matrix, pairs, a map of Inet.
//!
//! This module does *not* read tables; it looks at their first lines.

use std::borrow::Cow;

use crate::topology::format::Format;
use crate::topology::lines::{Lines, Separator};
use crate::topology::matrix::{CORNER, is_gap};

/// The number of lines that are examined.
const LINES: usize = 32;

/// A table of fewer columns is a matrix only if its diagonal says so: a list of links has as many.
const COLUMNS_OF_MATRIX: usize = 6;

/// King's pairs are in microseconds: their middle is not below this.
const MICROSECONDS_MIN: f64 = 1000.0;

type Row<'a> = Vec<Cow<'a, str>>;

/// What the table seems to be that begins with `head`, if it is one; `is_whole`: there is no more of it.
pub(super) fn table(head: &str, is_whole: bool) -> Option<Format> {
    let mut lines: Vec<&str> = Lines::of(head, &['#', '%']).map(|line| line.text).collect();
    if lines.first()?.starts_with("node ") && lines.len() > 1 {
        return Some(Format::King);
    }
    // The last line may be cut off.
    let is_cut_off = !is_whole && !head.ends_with('\n');
    let is_cut = is_cut_off && lines.len() == 1;
    if is_cut_off && lines.len() > 1 {
        lines.pop();
    }
    lines.truncate(LINES);
    let separator = Separator::of(lines[0]);
    let mut rows: Vec<Row<'_>> = lines.iter().map(|line| separator.split(line)).collect();
    if is_cut {
        rows[0].pop();
    }
    let has_corner = rows[0].first().is_some_and(|corner| corner == CORNER);
    if has_corner && rows[1..].iter().all(is_named_row) {
        return Some(Format::Matrix);
    }
    if is_inet(&rows) {
        return Some(Format::Inet);
    }
    let has_heading = !rows[0].iter().any(|field| is_number(field));
    if has_heading && rows[0].iter().any(|name| is_end(name)) {
        return Some(Format::Edges);
    }
    let body = &rows[usize::from(has_heading)..];
    if is_matrix(body) {
        return Some(Format::Matrix);
    }
    if is_king(&rows) {
        return Some(Format::King);
    }
    let is_link = |row: &Row<'_>| match separator {
        Separator::Blanks => {
            let is_length = row.len() == 3 && is_number(&row[2]);
            row.len() == 2 || is_length || row.get(2).is_some_and(|data| data.starts_with('{'))
        }
        _ => row.len() >= 2 && row.iter().take(2).all(|end| !end.is_empty()),
    };
    let rest = if has_heading && separator != Separator::Blanks {
        body
    } else {
        &rows[..]
    };
    (!rest.is_empty() && rest.iter().all(is_link)).then_some(Format::Edges)
}

/// Whether a column of this name holds the ends of links.
pub(in crate::topology) fn is_end(name: &str) -> bool {
    let name = name.trim_start_matches('#').trim().to_ascii_lowercase();
    let ends = ["source", "src", "from", "node1", "u"];
    ends.contains(&name.as_str())
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}

/// Numbers and gaps, and nothing else but a label at the beginning, with nothing on the diagonal.
fn is_matrix(rows: &[Row<'_>]) -> bool {
    let cells = |row: &Row<'_>| {
        let is_label = row.first().is_some_and(|field| !is_cell(field));
        row[usize::from(is_label)..]
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let is_row = |row: &Vec<String>| row.len() >= 3 && row.iter().all(|field| is_cell(field));
    if rows.is_empty() || !rows.iter().all(is_row) {
        return false;
    }
    let mut diagonal = (0..)
        .zip(&rows)
        .filter_map(|(at, row)| row.get::<usize>(at));
    rows[0].len() >= COLUMNS_OF_MATRIX
        || diagonal.all(|field| is_gap(field) || field.parse() == Ok(0.0))
}

/// A name, and nothing but numbers and gaps behind it.
fn is_named_row(row: &Row<'_>) -> bool {
    row.len() > 1 && row[1..].iter().all(|field| is_cell(field))
}

fn is_cell(field: &str) -> bool {
    is_number(field) || is_gap(field)
}

/// `n m`, then `0 x y`, `1 x y`, …
fn is_inet(rows: &[Row<'_>]) -> bool {
    let [first, nodes @ ..] = rows else {
        return false;
    };
    let whole = |field: &str| field.parse::<u64>().ok();
    let announced = match &first[..] {
        [nodes, links] => whole(nodes).zip(whole(links)),
        _ => None,
    };
    let Some((announced, _)) = announced else {
        return false;
    };
    let nodes = nodes.iter().take(announced.min(LINES as u64) as usize);
    let mut count = 0;
    let is_next = |(number, row): (u64, &Row<'_>)| {
        count += 1;
        row.len() == 3 && whole(&row[0]) == Some(number) && row.iter().all(|field| is_number(field))
    };
    (0..).zip(nodes).all(is_next) && count > 0
}

/// `i j µs`, all pairs in order.
fn is_king(rows: &[Row<'_>]) -> bool {
    let numbers = |row: &Row<'_>| -> Option<[u64; 3]> {
        let numbers: Option<Vec<u64>> = row.iter().map(|field| field.parse().ok()).collect();
        numbers?.try_into().ok()
    };
    let triples: Option<Vec<[u64; 3]>> = rows.iter().map(numbers).collect();
    let Some(triples) = triples.filter(|triples| triples.len() >= 3) else {
        return false;
    };
    let is_in_order = |pair: &[[u64; 3]]| match pair {
        [[i, j, _], [next_i, next_j, _]] => {
            let same_row = next_i == i && *next_j > *j && *next_j <= j + 2;
            same_row || *next_i == i + 1
        }
        _ => true,
    };
    let mut latencies: Vec<u64> = triples.iter().map(|[_, _, latency]| *latency).collect();
    latencies.sort_unstable();
    triples.windows(2).all(is_in_order) && latencies[latencies.len() / 2] as f64 >= MICROSECONDS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_apart() {
        for (text, format) in [
            ("0\t12.5\t80\n12\t0\t-1\n80\t44\t0\n", Some(Format::Matrix)),
            (
                ",a,b,c\na,0,1,2\nb,1,0,nan\nc,2,3,0\n",
                Some(Format::Matrix),
            ),
            ("0 1 12.5\n1 2 3\n2 0 4\n", Some(Format::Edges)),
            ("router\t1\t2\n1\t0\t3\n2\t3\t0\n", Some(Format::Matrix)),
            // An inventory whose first column is called so.
            ("router,city\nA,Ulm\nB,Bonn\n", Some(Format::Edges)),
            ("router\nA\tUlm\t48.4\t9.9\n", None),
            ("a b\nb c\n", Some(Format::Edges)),
            ("1 2 {}\n", Some(Format::Edges)),
            (
                "source,target,latency_ms\nUlm,Bonn,1.7\n",
                Some(Format::Edges),
            ),
            ("Ulm;Bonn;1.7\nBonn;Kiel;2\n", Some(Format::Edges)),
            ("1 2 5300\n1 3 4100\n1 4 9000\n", Some(Format::King)),
            ("1 2 5\n1 3 4\n1 4 9\n", Some(Format::Edges)),
            (
                "3 2\n0 10 20\n1 5 6\n2 7 8\n0 1 12\n1 2 3\n",
                Some(Format::Inet),
            ),
            ("once upon a time there was", None),
            ("", None),
        ] {
            assert_eq!(table(text, true), format, "{text:?}");
        }
    }
}
