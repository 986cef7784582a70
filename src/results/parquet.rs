//! Tables as Parquet files, which pandas, DuckDB, R's arrow and others read with the types of their columns.
//!
//! The format is written here and not by a library: of all that it offers, a table needs one page of
//! plain values for each column of a row group, and the libraries take longer to build than this program.
//! Numbers become 64-bit floating-point numbers, whatever they are in this table: the same column of two
//! studies has one type. Those that say which run, replication or unit a row is about, or over how many values
//! it is, become 64-bit integers. A column with a word or a fingerprint has texts as in the CSV file; an empty
//! cell is null. The same table gives the same bytes. See <https://parquet.apache.org/docs/file-format/>; the footer is a structure of Thrift's
//! compact protocol.
//!
//! This module does *not* know what the columns mean, but for the names of those that number rows.

use super::csv::{FINGERPRINT, cell_text};
use crate::measure::{Cell, Table};
use crate::packing;

const MAGIC: &[u8; 4] = b"PAR1";
/// Rows of a row group: what readers keep in memory at once.
const GROUP_ROWS: usize = 1 << 17;

/// Numbers that the format gives to types, encodings and codecs.
const INT64: i64 = 2;
const DOUBLE: i64 = 5;
const BYTE_ARRAY: i64 = 6;
const OPTIONAL: i64 = 1;
const UTF8: i64 = 0;
const UINT_64: i64 = 14;
const PLAIN: i64 = 0;
const RLE: i64 = 3;
const GZIP: i64 = 2;
const DATA_PAGE: i64 = 0;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Counts, none of which needs the highest bit.
    Integer,
    /// Counts of which some do.
    Unsigned,
    Real,
    Text,
}

/// The columns of whole numbers that are no metrics: which row it is, over how many values, and times in
/// nanoseconds, which a floating-point number does not hold.
const IDENTITY: [&str; 21] = [
    "run",
    "replication",
    "replications",
    "point",
    "next",
    "seed",
    "n",
    "count",
    "number",
    "id",
    "request",
    "gcu",
    "gbu",
    "service",
    "ring",
    "domain",
    "provider_domain",
    "depth",
    "level",
    "time_ns",
    "latency_ns",
];

impl Kind {
    /// The type of the column `name`: metrics are real numbers even where all are whole, so that tables of two
    /// studies fit each other. Only words, which no metric has, change that.
    fn of<'a>(name: &str, cells: impl Iterator<Item = &'a Cell>) -> Self {
        if name == FINGERPRINT {
            return Self::Text;
        }
        let mut kind = if IDENTITY.contains(&name) {
            Self::Integer
        } else {
            Self::Real
        };
        for cell in cells {
            kind = match (kind, cell) {
                (_, Cell::Text(_) | Cell::Fingerprint(_)) => return Self::Text,
                (Self::Integer | Self::Unsigned, Cell::Real(_)) => Self::Real,
                (Self::Integer, Cell::Count(count)) if *count > i64::MAX as u64 => Self::Unsigned,
                (kind, Cell::Absent | Cell::Count(_) | Cell::Real(_)) => kind,
            };
        }
        kind
    }

    fn physical(self) -> i64 {
        match self {
            Self::Integer | Self::Unsigned => INT64,
            Self::Real => DOUBLE,
            Self::Text => BYTE_ARRAY,
        }
    }

    /// What the physical type stands for, if it is not itself.
    fn meaning(self) -> Option<i64> {
        match self {
            Self::Integer | Self::Real => None,
            Self::Unsigned => Some(UINT_64),
            Self::Text => Some(UTF8),
        }
    }
}

/// A page of one column in one row group, and where it is.
struct Chunk {
    offset: i64,
    /// The sizes of header and page, as they are and unpacked.
    packed: i64,
    unpacked: i64,
}

/// `table` as the bytes of a Parquet file with these `facts` (keys and values) about it.
pub fn encode(table: &Table, facts: &[(&str, &str)]) -> Vec<u8> {
    let column = |i: usize| table.rows.iter().map(move |row| &row[i]);
    let names = table.columns.iter().enumerate();
    let kinds: Vec<Kind> = names.map(|(i, name)| Kind::of(name, column(i))).collect();
    let mut file = MAGIC.to_vec();
    let mut groups = Vec::new();
    for rows in table.rows.chunks(GROUP_ROWS) {
        let chunks = kinds.iter().enumerate();
        let chunks: Vec<Chunk> = chunks
            .map(|(i, &kind)| put_chunk(&mut file, rows, i, kind))
            .collect();
        groups.push((size(rows.len()), chunks));
    }
    let footer = footer(table, &kinds, &groups, facts);
    file.extend_from_slice(&footer);
    file.extend_from_slice(&(footer.len() as u32).to_le_bytes());
    file.extend_from_slice(MAGIC);
    file
}

/// Adds column `i` of some rows to the file.
fn put_chunk(file: &mut Vec<u8>, rows: &[Vec<Cell>], i: usize, kind: Kind) -> Chunk {
    let values = page(rows.iter().map(|row| &row[i]), kind);
    let packed = packing::packed(&values);
    let mut header = Thrift::default();
    header.number(1, DATA_PAGE);
    header.number(2, size(values.len()));
    header.number(3, size(packed.len()));
    header.begin(5);
    header.number(1, size(rows.len()));
    header.number(2, PLAIN);
    header.number(3, RLE);
    header.number(4, RLE);
    header.end();
    let header = header.finish();
    let chunk = Chunk {
        offset: size(file.len()),
        packed: size(header.len() + packed.len()),
        unpacked: size(header.len() + values.len()),
    };
    file.extend_from_slice(&header);
    file.extend_from_slice(&packed);
    chunk
}

/// A page: which cells have a value, one bit each, then the values.
fn page<'a>(cells: impl Iterator<Item = &'a Cell>, kind: Kind) -> Vec<u8> {
    let mut there: Vec<u8> = Vec::new();
    let mut values = Vec::new();
    for (row, cell) in cells.enumerate() {
        if row % 8 == 0 {
            there.push(0);
        }
        if *cell == Cell::Absent {
            continue;
        }
        there[row / 8] |= 1 << (row % 8);
        match (kind, cell) {
            (Kind::Integer | Kind::Unsigned, Cell::Count(count)) => {
                values.extend_from_slice(&count.to_le_bytes());
            }
            (Kind::Real, cell) => {
                let real = cell.number().unwrap_or(f64::NAN);
                values.extend_from_slice(&real.to_le_bytes());
            }
            (_, cell) => {
                let text = match cell {
                    // Quotes are the CSV file's, to tell words from numbers.
                    Cell::Text(text) => text.clone(),
                    other => cell_text(other),
                };
                values.extend_from_slice(&(text.len() as u32).to_le_bytes());
                values.extend_from_slice(text.as_bytes());
            }
        }
    }
    // One run of bits, in groups of eight.
    let mut levels = varint((there.len() as u64) << 1 | 1);
    levels.append(&mut there);
    let mut page = (levels.len() as u32).to_le_bytes().to_vec();
    page.append(&mut levels);
    page.append(&mut values);
    page
}

fn footer(
    table: &Table,
    kinds: &[Kind],
    groups: &[(i64, Vec<Chunk>)],
    facts: &[(&str, &str)],
) -> Vec<u8> {
    let mut footer = Thrift::default();
    footer.number(1, 1);
    footer.structures(2, kinds.len() + 1);
    footer.text(4, "table");
    footer.number(5, size(kinds.len()));
    footer.end();
    for (name, kind) in table.columns.iter().zip(kinds) {
        footer.item();
        footer.number(1, kind.physical());
        footer.number(3, OPTIONAL);
        footer.text(4, name);
        if let Some(meaning) = kind.meaning() {
            footer.number(6, meaning);
        }
        footer.end();
    }
    footer.long(3, size(table.rows.len()));
    footer.structures(4, groups.len());
    for (i, (rows, chunks)) in groups.iter().enumerate() {
        if i > 0 {
            footer.item();
        }
        put_group(&mut footer, *rows, chunks, table, kinds);
        footer.end();
    }
    if !facts.is_empty() {
        footer.structures(5, facts.len());
        for (i, (key, value)) in facts.iter().enumerate() {
            if i > 0 {
                footer.item();
            }
            footer.text(1, key);
            footer.text(2, value);
            footer.end();
        }
    }
    footer.text(6, concat!("arigatoni version ", env!("CARGO_PKG_VERSION")));
    footer.finish()
}

fn put_group(footer: &mut Thrift, rows: i64, chunks: &[Chunk], table: &Table, kinds: &[Kind]) {
    footer.structures(1, chunks.len());
    let columns = chunks.iter().zip(&table.columns).zip(kinds);
    for (i, ((chunk, name), kind)) in columns.enumerate() {
        if i > 0 {
            footer.item();
        }
        footer.long(2, chunk.offset);
        footer.begin(3);
        footer.number(1, kind.physical());
        footer.numbers(2, &[PLAIN, RLE]);
        footer.texts(3, &[name]);
        footer.number(4, GZIP);
        footer.long(5, rows);
        footer.long(6, chunk.unpacked);
        footer.long(7, chunk.packed);
        footer.long(9, chunk.offset);
        footer.end();
        footer.end();
    }
    footer.long(2, chunks.iter().map(|chunk| chunk.unpacked).sum());
    footer.long(3, rows);
}

/// A structure of Thrift's compact protocol: fields in ascending order of their numbers.
#[derive(Default)]
struct Thrift {
    bytes: Vec<u8>,
    /// The last field's number, of each structure that is open but the outermost and of this one.
    last: Vec<i16>,
    now: i16,
}

impl Thrift {
    const I32: u8 = 5;
    const I64: u8 = 6;
    const BINARY: u8 = 8;
    const LIST: u8 = 9;
    const STRUCT: u8 = 12;

    fn field(&mut self, number: i16, kind: u8) {
        let step = (number - self.now) as u8;
        self.bytes.push(step << 4 | kind);
        self.now = number;
    }

    /// A 32-bit number; all that are written fit.
    fn number(&mut self, field: i16, value: i64) {
        self.field(field, Self::I32);
        self.zigzag(value);
    }

    fn long(&mut self, field: i16, value: i64) {
        self.field(field, Self::I64);
        self.zigzag(value);
    }

    fn text(&mut self, field: i16, text: &str) {
        self.field(field, Self::BINARY);
        self.string(text);
    }

    fn numbers(&mut self, field: i16, numbers: &[i64]) {
        self.list(field, Self::I32, numbers.len());
        for &number in numbers {
            self.zigzag(number);
        }
    }

    fn texts(&mut self, field: i16, texts: &[&str]) {
        self.list(field, Self::BINARY, texts.len());
        for text in texts {
            self.string(text);
        }
    }

    /// Begins a list of `count` structures, and the first of them if there is one.
    fn structures(&mut self, field: i16, count: usize) {
        self.list(field, Self::STRUCT, count);
        if count > 0 {
            self.item();
        }
    }

    /// Begins the next structure of a list.
    fn item(&mut self) {
        self.last.push(self.now);
        self.now = 0;
    }

    /// Begins a structure in a field.
    fn begin(&mut self, field: i16) {
        self.field(field, Self::STRUCT);
        self.item();
    }

    /// Ends the innermost structure.
    fn end(&mut self) {
        self.bytes.push(0);
        self.now = self.last.pop().unwrap_or(0);
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    fn list(&mut self, field: i16, kind: u8, count: usize) {
        self.field(field, Self::LIST);
        if count < 15 {
            self.bytes.push((count as u8) << 4 | kind);
        } else {
            self.bytes.push(0xf0 | kind);
            self.bytes.append(&mut varint(count as u64));
        }
    }

    fn string(&mut self, text: &str) {
        self.bytes.append(&mut varint(text.len() as u64));
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn zigzag(&mut self, value: i64) {
        self.bytes
            .append(&mut varint((value << 1 ^ value >> 63) as u64));
    }
}

/// A length as the format writes it; no memory holds one that does not fit.
fn size(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Seven bits a byte, the lowest first.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
