//! The columns of a listing: what data are called, what a file declares of them, and the data.
//!
//! This module does *not* know what a column means.

use std::collections::BTreeMap;

/// The elements that data belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::topology) enum Kind {
    Graph,
    Node,
    Edge,
}

impl Kind {
    pub(in crate::topology) const ALL: [Self; 3] = [Self::Graph, Self::Node, Self::Edge];

    /// As the attribute `for` of a key spells it.
    pub(in crate::topology) const fn word(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Node => "node",
            Self::Edge => "edge",
        }
    }
}

/// The number of a column of the file.
pub(in crate::topology) type ColumnId = u32;

/// What one `<key>` says of one kind of element.
#[derive(Debug, Clone)]
pub(in crate::topology) struct Column {
    pub(in crate::topology) kind: Kind,
    /// `attr.name`, or the key's id without one.
    pub(in crate::topology) name: String,
    /// `attr.type`; a text unless the key says otherwise.
    pub(in crate::topology) value_type: String,
    /// What an element has that says nothing.
    pub(in crate::topology) default: Option<String>,
    /// Whether it holds drawings of yEd: the data are their labels.
    pub(in crate::topology) drawing: bool,
    /// Whether data hold elements that a text cannot keep.
    pub(in crate::topology) structured: bool,
    /// How many elements have a datum that is not blank, or a drawing.
    pub(in crate::topology) values: usize,
    /// Whether a key declares it for this kind alone.
    declared: Declared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    /// For this kind of element.
    Here,
    /// For all kinds.
    ForAll,
    /// Not at all: data use it.
    Nowhere,
}

impl Column {
    /// Whether the file tells anything in it, or says that it could.
    pub(in crate::topology) fn is_worth_telling(&self) -> bool {
        self.values > 0 || self.default.is_some() || self.declared == Declared::Here
    }
}

/// The columns of a file.
#[derive(Debug, Default)]
pub(in crate::topology) struct Columns {
    all: Vec<Column>,
    by_key: BTreeMap<(Kind, String), ColumnId>,
}

impl Columns {
    /// Takes note of a `<key>`: the first for an id counts, one for a kind goes before one for all.
    /// Returns the columns to which its default belongs.
    pub(in crate::topology) fn declare(
        &mut self,
        place: &str,
        id: &str,
        column: &Declaration,
    ) -> Vec<ColumnId> {
        let (kinds, declared) = match Kind::ALL.into_iter().find(|kind| kind.word() == place) {
            Some(kind) => (vec![kind], Declared::Here),
            None if place == "all" => (Kind::ALL.to_vec(), Declared::ForAll),
            // Ports, hyperedges and the file itself have nothing that is used.
            None => return Vec::new(),
        };
        let mut told = Vec::new();
        for kind in kinds {
            let number = self.of_key(kind, id);
            let known = &mut self.all[number as usize];
            let stronger = match known.declared {
                Declared::Nowhere => true,
                Declared::ForAll => declared == Declared::Here,
                Declared::Here => false,
            };
            if stronger {
                known.declared = declared;
                known.name.clone_from(&column.name);
                known.value_type.clone_from(&column.value_type);
                known.drawing = column.drawing;
                known.default = None;
                told.push(number);
            }
        }
        told
    }

    /// The column of the key `id`, which a datum at an element of this kind names.
    pub(in crate::topology) fn of_key(&mut self, kind: Kind, id: &str) -> ColumnId {
        if let Some(number) = self.by_key.get(&(kind, id.to_string())) {
            return *number;
        }
        let number = self.all.len() as ColumnId;
        self.by_key.insert((kind, id.to_string()), number);
        self.all.push(Column {
            kind,
            name: id.into(),
            value_type: "string".into(),
            default: None,
            drawing: false,
            structured: false,
            values: 0,
            declared: Declared::Nowhere,
        });
        number
    }

    pub(in crate::topology) fn get(&self, number: ColumnId) -> &Column {
        &self.all[number as usize]
    }

    pub(in crate::topology) fn get_mut(&mut self, number: ColumnId) -> &mut Column {
        &mut self.all[number as usize]
    }

    /// The columns of a kind of element, in the file's order.
    pub(in crate::topology) fn of(&self, kind: Kind) -> impl Iterator<Item = (ColumnId, &Column)> {
        (0..)
            .zip(&self.all)
            .filter(move |(_, column)| column.kind == kind)
    }

    /// The column of this kind that has this name, whatever its case: one with data, if there is one.
    pub(in crate::topology) fn named(&self, kind: Kind, name: &str) -> Option<ColumnId> {
        let same = || {
            self.of(kind)
                .filter(|(_, column)| column.name.eq_ignore_ascii_case(name))
        };
        let full = same().find(|(_, column)| column.values > 0 || column.default.is_some());
        full.or_else(|| same().next()).map(|(number, _)| number)
    }

    /// The column that a person means: by its name, or by the id of its key.
    pub(in crate::topology) fn meant(&self, kind: Kind, name: &str) -> Option<ColumnId> {
        let by_key = || self.by_key.get(&(kind, name.to_string())).copied();
        self.named(kind, name).or_else(by_key)
    }
}

/// What a `<key>` says of its columns.
pub(in crate::topology) struct Declaration {
    pub(in crate::topology) name: String,
    pub(in crate::topology) value_type: String,
    pub(in crate::topology) drawing: bool,
}

/// The data of one element, by ascending column.
#[derive(Debug, Default)]
pub(in crate::topology) struct Data(Vec<(ColumnId, String)>);

impl Data {
    /// Takes note of a datum, unless there is one in the column; whether there was none.
    pub(in crate::topology) fn insert(&mut self, column: ColumnId, text: String) -> bool {
        match self.0.binary_search_by_key(&column, |(column, _)| *column) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, (column, text));
                true
            }
        }
    }

    /// What the element itself has in `column`.
    pub(in crate::topology) fn own(&self, column: ColumnId) -> Option<&str> {
        let found = self.0.binary_search_by_key(&column, |(column, _)| *column);
        found.ok().map(|place| self.0[place].1.as_str())
    }

    /// All that the element itself has.
    pub(in crate::topology) fn all(&self) -> impl Iterator<Item = (ColumnId, &str)> {
        self.0.iter().map(|(column, text)| (*column, text.as_str()))
    }

    /// What the element has in `column`, or else the column's default; blanks around it are left
    /// out, and a blank text is none.
    pub(in crate::topology) fn get<'d>(
        &'d self,
        columns: &'d Columns,
        column: ColumnId,
    ) -> Option<&'d str> {
        let text = self.get_whole(columns, column)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// What the element has in `column`, or else the column's default, blanks and all.
    pub(in crate::topology) fn get_whole<'d>(
        &'d self,
        columns: &'d Columns,
        column: ColumnId,
    ) -> Option<&'d str> {
        let own = self.own(column);
        own.or_else(|| columns.get(column).default.as_deref())
    }
}
