//! What a file seems to be, by its first lines: for readers that have found out that it is not
//! what they read.
//!
//! This module does *not* read any of these formats.

mod head;
mod tables;

use self::head::{HEAD_BYTES, behind_comments, decoded, is_blank, rows, up_to};
pub(super) use self::tables::is_end;
use super::format::Format;

/// What a file seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) kind: Kind,
    /// The end of a sentence that begins with "the file is".
    pub(super) what: &'static str,
    /// What to do about it.
    pub(super) help: String,
}

/// The kinds of files that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A graph that is read.
    Graph(Format),
    /// XML, and nobody knows of what: a damaged GraphML file begins like that.
    Xml,
    /// A graph in a format that is not read.
    OtherFormat,
    /// No graph.
    NoGraph,
}

/// What files of MatrixMarket begin with. Their lines look like links or a matrix, and so does the one that
/// tells their sizes.
pub(super) const MATRIX_MARKET: &str = "%%MatrixMarket";

/// What the file seems to be, if it is like anything that is known.
pub(super) fn seems(bytes: &[u8]) -> Option<Guess> {
    let no_graph = |(what, help): (_, &str)| Guess {
        kind: Kind::NoGraph,
        what,
        help: help.into(),
    };
    if let Some(binary) = binary(bytes) {
        return Some(no_graph(binary));
    }
    let head = decoded(&bytes[..bytes.len().min(HEAD_BYTES)]);
    let head = head.trim_start_matches(is_blank);
    if let Some(none) = self::no_graph(head) {
        return Some(no_graph(none));
    }
    if head.starts_with(MATRIX_MARKET) {
        return Some(Guess {
            kind: Kind::OtherFormat,
            what: "MatrixMarket (.mtx)",
            help: "delete the lines that begin with %, and the line of sizes behind them (rows, columns, \
                   entries): what is left is read with --format edges (in a scenario \"format\": \"edges\")"
                .into(),
        });
    }
    let (text, is_whole) = behind_comments(bytes);
    let head = up_to(&text, HEAD_BYTES);
    // What JSON begins with may be long.
    let is_listed = head.starts_with(['{', '[']) && has(bytes, "\"nodes\"");
    let format = known(head, is_listed).or_else(|| {
        let is_table = !head.starts_with(['<', '{', '[', '*']);
        let rows = rows(&text);
        is_table.then(|| tables::table(rows, is_whole && rows.len() == text.len()))?
    });
    if let Some(format) = format {
        let name = format.name();
        return Some(Guess {
            kind: Kind::Graph(format),
            what: format.what(),
            help: format!(
                "rename it, or say --format {name}; in a scenario, write \"format\": \"{name}\" beside the `file`"
            ),
        });
    }
    let (kind, what) = other_format(head)?;
    let help = "write it as GraphML, for instance with networkx: \
                networkx.write_graphml(graph, \"x.graphml\")";
    Some(Guess {
        kind,
        what,
        help: help.into(),
    })
}

/// Whether a text is somewhere in the bytes.
fn has(bytes: &[u8], text: &str) -> bool {
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}

/// What the first bytes of files that are no texts tell.
fn binary(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let unpack = "unpack it";
    let other = "name the file of the graph itself";
    let known: [(&[u8], &str, &str); 10] = [
        (b"\x1f\x8b", "a gzip archive", unpack),
        (b"PK\x03\x04", "a ZIP archive", unpack),
        (b"\xfd7zXZ\0", "an XZ archive", unpack),
        (b"BZh", "a bzip2 archive", unpack),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive", unpack),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpack),
        (b"\x89PNG", "a picture, not a graph", other),
        (b"%PDF", "a PDF document, not a graph", other),
        (b"PAR1", "a Parquet table, not a graph", other),
        (b"\x7fELF", "a program, not a graph", other),
    ];
    let found = known
        .into_iter()
        .find(|(magic, _, _)| bytes.starts_with(magic));
    found.map(|(_, what, help)| (what, help))
}

/// What is no graph, but what came in the place of one.
fn no_graph(head: &str) -> Option<(&'static str, &'static str)> {
    if head.is_empty() {
        return Some(("empty", "fetch or write it again"));
    }
    let small = head.to_ascii_lowercase();
    let page = "fetch the file itself: the address led to a page (`not found`, a login, a viewer)";
    if is_page(&small) {
        return Some(("a web page, not a graph", page));
    }
    if is_refusal(&small) {
        return Some(("a server's error message, not a graph", page));
    }
    if head.starts_with("version https://git-lfs.github.com/spec") {
        return Some((
            "a pointer of Git LFS, not the file itself",
            "fetch the file with `git lfs pull`",
        ));
    }
    if head.contains(".git/annex/objects") || head.starts_with("/annex/objects/") {
        return Some((
            "a pointer of git-annex, not the file itself",
            "fetch the file with `git annex get`",
        ));
    }
    if is_link(head) {
        return Some((
            "the text of a symbolic link, not the file itself",
            "name the file to which it leads (Git writes such texts where links cannot be made)",
        ));
    }
    let first = head.lines().next().unwrap_or_default();
    let trace = "name the file of a graph: when nodes come and go is another input";
    if first.starts_with("# event_trace") || first.contains("event_start_time") {
        return Some((
            "an availability trace (Failure Trace Archive), not a graph",
            trace,
        ));
    }
    if every_line(head, is_churn) {
        return Some(("a churn trace (OverSim), not a graph", trace));
    }
    None
}

/// Whether a text in small letters is a web page, whatever comes before its first element.
fn is_page(small: &str) -> bool {
    let mut rest = small;
    loop {
        rest = rest.trim_start();
        let skipped = [("<?", "?>"), ("<!--", "-->")]
            .into_iter()
            .find_map(|(from, to)| {
                let inside = rest.strip_prefix(from)?;
                inside.find(to).map(|end| &inside[end + to.len()..])
            });
        match skipped {
            Some(after) => rest = after,
            None => break,
        }
    }
    let begins = ["<!doctype html", "<html", "<head", "<body", "<title"];
    begins.iter().any(|begin| rest.starts_with(begin))
}

/// Whether a text in small letters is what servers answer that do not have a file.
fn is_refusal(small: &str) -> bool {
    let line = small.lines().next().unwrap_or_default().trim();
    let code = line.split([':', ' ']).next().unwrap_or_default();
    let is_code = code.len() == 3 && code.starts_with(['4', '5']) && code.parse::<u16>().is_ok();
    let words = [
        "not found",
        "forbidden",
        "unauthorized",
        "bad gateway",
        "service unavailable",
    ];
    let says = |text: &str| words.iter().any(|word| text.contains(word));
    let plain = small.lines().count() <= 2 && small.len() < 200 && says(line);
    let in_xml = small.starts_with('<') && small.contains("<error>") && small.contains("<code>");
    let members = ["\"message\"", "\"error\"", "\"detail\"", "\"errors\""];
    let in_json = small.starts_with('{')
        && small.len() < 2000
        && members.iter().any(|member| small.contains(member))
        && says(small);
    (is_code && says(line)) || plain || in_xml || in_json
}

/// Whether a text is nothing but the path of a file, as Git writes links where they cannot be made.
fn is_link(head: &str) -> bool {
    let begins = ["../", "./"].iter().any(|begin| head.starts_with(begin));
    begins && head.len() < 1000 && !head.contains(char::is_whitespace)
}

/// The format that is read in which the text seems to be, if it is no table; JSON with a list of nodes `is_listed`.
fn known(head: &str, is_listed: bool) -> Option<Format> {
    let is_xml_of = |root: &str| head.starts_with('<') && head.contains(root);
    let every = |matches: fn(&str) -> bool| every_line(head, matches);
    Some(match () {
        () if is_xml_of("<graphml") => Format::Graphml,
        () if is_xml_of("<network") || head.starts_with("?SNDlib native") => Format::Sndlib,
        () if head.starts_with('<') => return None,
        () if head.starts_with("* GraphBase graph") => Format::Gb,
        () if head.starts_with("GRAPH (#nodes") => Format::Alt,
        () if head.starts_with("Topology:") && head.contains("Nodes:") => Format::Brite,
        () if is_dot(head) => Format::Dot,
        () if is_gml(head) => Format::Gml,
        () if head.starts_with(['{', '[']) => return is_listed.then_some(Format::Json),
        () if head.starts_with('*') => return None,
        () if every(is_as_relation) => Format::AsRel,
        () if every(is_rocketfuel) => Format::Rocketfuel,
        () if every(is_map_line) => Format::Cch,
        () => return None,
    })
}

/// The name of a format that is not read.
fn other_format(head: &str) -> Option<(Kind, &'static str)> {
    let first = head.lines().next().unwrap_or_default();
    Some(match () {
        () if head.starts_with('<') && head.contains("<gexf") => {
            (Kind::OtherFormat, "GEXF (Gephi)")
        }
        () if head.starts_with('<') => (Kind::Xml, "XML of another kind"),
        () if first.to_ascii_lowercase().starts_with("*vertices") => {
            (Kind::OtherFormat, "Pajek (.net)")
        }
        () if head.starts_with(['{', '[']) => (Kind::OtherFormat, "JSON without a list of `nodes`"),
        () => return None,
    })
}

/// Whether all of the first lines that are no comments are of this form.
fn every_line(head: &str, matches: fn(&str) -> bool) -> bool {
    let mut lines = head
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .take(5)
        .peekable();
    lines.peek().is_some() && lines.all(matches)
}

/// `strict digraph name {`, behind comments.
fn is_dot(head: &str) -> bool {
    let lines = head.lines().map(str::trim_start);
    let mut lines = lines.skip_while(|line| {
        line.is_empty()
            || ["//", "#", "/*", "*"]
                .iter()
                .any(|mark| line.starts_with(mark))
    });
    let first = lines.next().unwrap_or_default();
    let first = first.trim_start_matches("strict ").trim_start();
    let mut words = ["graph", "digraph"].into_iter();
    let behind = words.find_map(|word| first.strip_prefix(word));
    let Some(behind) = behind else {
        return false;
    };
    let behind = if behind.trim().is_empty() {
        lines.next().unwrap_or_default()
    } else {
        behind.trim_start()
    };
    // A bracket begins a graph in GML, whose texts may have braces.
    !behind.starts_with('[') && head.contains('{')
}

fn is_gml(head: &str) -> bool {
    let rest = head
        .find("graph")
        .map(|place| head[place + 5..].trim_start());
    rest.is_some_and(|rest| rest.starts_with('[')) || head.starts_with("Creator \"")
}

/// `provider|customer|-1`.
fn is_as_relation(line: &str) -> bool {
    let fields: Vec<&str> = line.trim().split('|').collect();
    fields.len() >= 2 && fields[0].parse::<u32>().is_ok()
}

/// `60 1 LEAVE`.
fn is_churn(line: &str) -> bool {
    let mut fields = line.split_whitespace();
    let time = fields
        .next()
        .is_some_and(|field| field.parse::<f64>().is_ok());
    let node = fields
        .next()
        .is_some_and(|field| field.parse::<u64>().is_ok());
    let word = fields.next().unwrap_or_default();
    time && node
        && !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// `Oslo,+Norway10 Bergen,+Norway11 2`.
fn is_rocketfuel(line: &str) -> bool {
    let fields: Vec<&str> = line.split_whitespace().collect();
    matches!(fields[..], [from, to, number]
        if from.contains(',') && to.contains(',') && number.parse::<f64>().is_ok())
}

/// `12 @Oslo,+Norway + (3) -> <4> <5> =name r0`, or an address outside: `-3 =name r1`.
fn is_map_line(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let is_inside = first.parse::<u64>().is_ok() && line.contains('@') && line.contains("->");
    let is_outside = first.starts_with('-') && first.parse::<i64>().is_ok() && line.contains('=');
    is_inside || is_outside
}

#[cfg(test)]
mod tests {
    use super::{Format, Kind, seems};

    #[test]
    fn what_came_in_place_of_a_graph_is_named() {
        for (text, what) in [
            ("", "empty"),
            (" \n\u{feff}", "empty"),
            ("\n<!DOCTYPE HTML PUBLIC", "a web page"),
            ("<html lang=en>", "a web page"),
            ("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC", "a web page"),
            ("<!-- saved --> <!doctype html>", "a web page"),
            ("<head><title>x", "a web page"),
            ("404: Not Found", "a server's error"),
            ("Not Found\n", "a server's error"),
            ("{\"message\":\"Not Found\"}", "a server's error"),
            ("{\"detail\": \"Not found.\"}", "a server's error"),
            ("../topologies/abilene.graphml", "symbolic link"),
            ("PAR1\u{15}\u{4}", "Parquet"),
            (
                "<?xml version='1.0'?><Error><Code>NoSuchKey</Code>",
                "a server's error",
            ),
            ("/annex/objects/SHA256E-s1--0.graphml", "git-annex"),
            ("version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
            ("../../.git/annex/objects/Vj/QP/x", "git-annex"),
            ("PK\u{3}\u{4}", "ZIP"),
            ("# drawn\ngraph G {\n", "DOT"),
            ("<?xml version='1.0'?><gexf>", "GEXF"),
            ("*Vertices 3\n1 a", "Pajek"),
            (
                "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 5\n",
                "MatrixMarket",
            ),
        ] {
            let told = seems(text.as_bytes()).unwrap().what;
            assert!(told.contains(what), "{text:?}: {told}");
        }
        assert_eq!(seems(b"once upon a time there was"), None);
    }

    /// CAIDA names each collector and day before the first relation.
    #[test]
    fn comments_of_any_length_are_passed_over() {
        let comments = "# source:topology|BGP|20240101|routeviews|rv2\r\n\r\n".repeat(1000);
        for (text, format) in [
            ("1|2|-1\n1|3|-1\n", Format::AsRel),
            ("1\t2\n1\t3\n", Format::Edges),
            ("0 1 2\n1 0 3\n2 3 0\n", Format::Matrix),
            ("graph [ node [ id 1 ] ]", Format::Gml),
            (
                "graph\n[ graph_id \"ts({1,2})\" node [ id 1 ] ]",
                Format::Gml,
            ),
            (
                "graph [ graph_id \"ts({1,2})\" node [ id 1 ] ]",
                Format::Gml,
            ),
            ("graph\n{ graph [pad=1] a -- b }", Format::Dot),
        ] {
            let text = comments.clone() + text;
            let wide: Vec<u8> = text.bytes().flat_map(|byte| [byte, 0]).collect();
            for bytes in [text.as_bytes(), &[&b"\xff\xfe"[..], &wide].concat()] {
                let kind = seems(bytes).map(|guess| guess.kind);
                assert_eq!(kind, Some(Kind::Graph(format)));
            }
        }
        assert_eq!(seems(comments.as_bytes()), None);
    }

    #[test]
    fn names_of_any_length_head_a_matrix() {
        let names: Vec<String> = (0..300)
            .map(|host| format!("planet{host}.cs.example.edu"))
            .collect();
        let row = vec!["1.5"; names.len()].join(",");
        let [one, other] = [&names[0], &names[1]];
        let named = format!("host,{}\n{one},{row}\n{other},{row}\n", names.join(","));
        assert!(names.join(",").len() > super::HEAD_BYTES);
        let kind = seems(named.as_bytes()).map(|guess| guess.kind);
        assert_eq!(kind, Some(Kind::Graph(Format::Matrix)));
    }
}
