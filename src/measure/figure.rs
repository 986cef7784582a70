//! How the results of a sweep want to be drawn, as data.
//!
//! It does *not* know how anything is drawn.

use std::sync::Arc;

use serde_json::Value;

use super::{Cell, Domain, Metric};

/// How one figure is drawn from the results of a sweep.
///
/// Every figure plots one or more quantities against a swept one, as means over replications with
/// their 95 % bands. What the values of the other axes become, curves or panels, is said at each
/// [`Content`]; an axis that varies together with the plotted one (a `zip` group), or of which the
/// results hold a single value, becomes neither.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureSpec {
    /// File name without ending, such as `acceptance`.
    pub name: String,
    /// The line above the picture.
    pub title: String,
    /// Whose figure it is, if it is somebody's.
    pub credit: Option<Credit>,
    /// Label of the y axis, with its unit.
    pub y_label: String,
    /// The pointer of the axis to plot against (`*` stands for one segment, the system); if that
    /// axis is not swept, the first swept axis of numbers serves.
    pub x: String,
    /// Whether `x` alone will do: without it the figure is not drawn.
    pub x_required: bool,
    /// Whether the scenario asks for this figure, so that it is news if `x` is not swept.
    pub asked: bool,
    /// Label of the x axis, with its unit, where `x` itself is plotted against, or a quantity that is
    /// no axis of the sweep. `None`, and for any other axis: its name in `axis_names`.
    pub x_label: Option<String>,
    /// What the axes are called; one that is not named here is called by the last segment of its
    /// pointer.
    pub axis_names: Arc<Vec<AxisName>>,
    /// What legends and panels call the values of axes, instead of the axes' names with their values.
    pub labels: Vec<GivenLabels>,
    /// What is plotted.
    pub content: Content,
    /// What the curves of [`Content::Curves`] are to be compared with.
    pub references: Vec<Reference>,
    /// Bounds that the y axis shows at least. `None`: what the data need; 0 as well, and 1 for a
    /// [`Domain::Share`], if it is near.
    pub y_range: Option<[f64; 2]>,
    /// Whether the y axis is logarithmic; `None`: where the x axis is and the values span two decades.
    pub logarithmic: Option<bool>,
    /// What the plotted quantity can be: its bands end there. Of what is a [`Metric`] the metric tells
    /// ([`Self::with_domain`]).
    pub domain: Domain,
    /// What happens during the time that the figure is plotted against: a grey band each.
    pub periods: Vec<Period>,
}

impl FigureSpec {
    /// A figure of quantities that are not negative, against the axis `x` or another one, with nothing
    /// else set.
    pub fn new([name, title, y_label]: [&str; 3], x: impl Into<String>, content: Content) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            credit: None,
            y_label: y_label.into(),
            x: x.into(),
            x_required: false,
            asked: false,
            x_label: None,
            axis_names: Arc::default(),
            labels: Vec::new(),
            content,
            references: Vec::new(),
            y_range: None,
            logarithmic: None,
            domain: Domain::default(),
            periods: Vec::new(),
        }
    }

    /// The figure with the domain of the columns of `runs.csv` that it shows, which are among
    /// `metrics`; of several the wider one. One that shows something else is left as it is.
    #[must_use]
    pub fn with_domain(mut self, metrics: &[Metric]) -> Self {
        let domains: Vec<Domain> = match &self.content {
            Content::Curves { metric }
            | Content::TradeOff { metric, .. }
            | Content::Scatter { metric, .. } => domain_of(metric, metrics).into_iter().collect(),
            Content::BoxPlot { prefix, .. } => domain_of(&format!("{prefix}_mean"), metrics)
                .into_iter()
                .collect(),
            Content::Series { series } => {
                let domains = series.iter().map(|one| match &one.source {
                    Source::Mean(metric) => domain_of(metric, metrics).unwrap_or_default(),
                    Source::DeviationOverReplications(_) => Domain::NotNegative,
                });
                domains.collect()
            }
            Content::ByGroup { .. } | Content::TimeSeries { .. } | Content::Categorical { .. } => {
                Vec::new()
            }
        };
        if let Some(&first) = domains.first() {
            let same = domains.iter().all(|&domain| domain == first);
            self.domain = if same { first } else { Domain::NotNegative };
        }
        self
    }
}

fn domain_of(name: &str, metrics: &[Metric]) -> Option<Domain> {
    let found = metrics.iter().find(|metric| metric.name == name);
    found.map(|metric| metric.domain)
}

/// Something that a figure's curves are to be compared with, known from elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// What the legend calls it.
    pub label: String,
    /// Its points, each an x and a y as the axes show them.
    pub points: Vec<[f64; 2]>,
    /// Whether a line joins them, which then are not marked.
    pub joined: bool,
}

/// Something that the scenario lets happen for a part of a run: a domain is cut off, say.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// When it begins, in s.
    pub from_s: f64,
    /// When it ends, in s; infinite if it does not.
    pub to_s: f64,
    /// What happens, as a clause: `domain T:0 is cut off`.
    pub what: String,
}

/// A study that was published: a figure with its axes is theirs, one with others is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Credit {
    /// What stands behind the title: `figure after …`.
    pub text: String,
    /// The least and the greatest value that `x` has there.
    pub x: [f64; 2],
    /// The other axes that are swept there (`*` stands for one segment, the system).
    pub others: Vec<String>,
}

/// An axis of the sweep, and the column of tables that has its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisColumn {
    /// The swept member's JSON Pointer.
    pub pointer: String,
    /// The column's name.
    pub column: String,
}

impl From<&str> for AxisColumn {
    /// An axis whose column is called by its pointer.
    fn from(pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            column: pointer.to_owned(),
        }
    }
}

/// Whether `pattern`, in which `*` stands for any one segment, is the JSON pointer `pointer`.
pub fn pointer_matches(pattern: &str, pointer: &str) -> bool {
    let (mut segments, mut given) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (segments.next(), given.next()) {
            (None, None) => return true,
            (Some(segment), Some(name)) if segment == "*" || segment == name => {}
            _ => return false,
        }
    }
}

/// What an axis of the sweep is called in figures and in tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisName {
    /// The axis; `*` stands for one segment, the system.
    pub pointer: String,
    /// Its column in tables, if nothing else there is called so: `density`, or its symbol's name.
    pub column: String,
    /// Its name in legends and panels: `ρ`.
    pub short: String,
    /// Its label at the x axis, with its unit.
    pub long: String,
    /// Whether its values are shares that the x axis shows in per cent; `long` then says so.
    pub percent: bool,
    /// What its value `null` means, in a word.
    pub null: String,
    /// What an item of its values is called, where these are lists that are told apart by their lengths: one, and
    /// several.
    pub item: Option<[String; 2]>,
    /// The value that goes without saying where it is the same at all points.
    pub usual: Option<Value>,
}

impl AxisName {
    /// The names of `member`, such as `services/density`, of whatever system.
    pub fn of(member: &str, short: &str, long: &str) -> Self {
        let last = member.rsplit('/').next().unwrap_or(member);
        Self {
            pointer: format!("/system/*/{member}"),
            column: last.into(),
            short: short.into(),
            long: long.into(),
            percent: false,
            null: "none".into(),
            item: None,
            usual: None,
        }
    }

    /// The names of `member`, a share that the x axis shows in per cent.
    pub fn of_share(member: &str, short: &str, long: &str) -> Self {
        Self {
            percent: true,
            ..Self::of(member, short, long)
        }
    }

    /// These names for a member outside the system, at `pointer`.
    #[must_use]
    pub fn at(self, pointer: &str) -> Self {
        Self {
            pointer: pointer.into(),
            ..self
        }
    }

    /// These names, where the value `null` is shown as `word`.
    #[must_use]
    pub fn with_null(self, word: &str) -> Self {
        Self {
            null: word.into(),
            ..self
        }
    }

    /// These names, where values are lists: each is shown as its number of items, named `one` or `several`.
    #[must_use]
    pub fn with_items(self, one: &str, several: &str) -> Self {
        Self {
            item: Some([one.into(), several.into()]),
            ..self
        }
    }

    /// These names, where `value` is the usual one: it is not mentioned where all points have it.
    #[must_use]
    pub fn usually(self, value: impl Into<Value>) -> Self {
        Self {
            usual: Some(value.into()),
            ..self
        }
    }

    /// These names, for a column whose name is not the last segment of the pointer.
    #[must_use]
    pub fn in_column(self, column: &str) -> Self {
        Self {
            column: column.into(),
            ..self
        }
    }
}

/// Labels for the values of axes that vary together.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenLabels {
    /// The axes, by their pointers as the sweep has them.
    pub axes: Vec<String>,
    /// A value of each of them, and their label.
    pub labels: Vec<(Vec<Cell>, String)>,
}

/// What a figure shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// One metric: a curve for each value of the other axes. Where that would be more than eight
    /// curves and there are several other axes, the first of them make panels.
    Curves {
        /// The column of `runs.csv`.
        metric: String,
    },
    /// A distribution over entities within a run: a panel for each value of the other axes, with
    /// the mean line, the box between the quartiles, and the extremes, each averaged over
    /// replications.
    BoxPlot {
        /// The columns' common prefix: `service_ratio` for
        /// `service_ratio_{mean,min,q1,median,q3,max}`.
        prefix: String,
        /// What the entities are, for the legend: `services`.
        over: String,
    },
    /// One metric against another, on logarithmic axes, a point for each value of the swept
    /// quantity: what is gained against what it costs. Curves and panels as in
    /// [`Content::Curves`]; points that are not above 0 are left out, bands are those of `metric`.
    TradeOff {
        /// The column of `runs.csv` that is plotted against, called `x_label`.
        x_metric: String,
        /// The column of `runs.csv` that is plotted.
        metric: String,
    },
    /// One metric against another, a mark with its interval for each value of `x`, whatever these are,
    /// and its name beside it; marks of one name are joined by a thin line. Curves and panels as in
    /// [`Content::Curves`].
    Scatter {
        /// The column of `runs.csv` that is plotted against, called `x_label`.
        x_metric: String,
        /// The column of `runs.csv` that is plotted.
        metric: String,
    },
    /// Several series in one panel, a panel for each value of the other axes.
    Series {
        /// What is plotted, in the order of the legend.
        series: Vec<Series>,
    },
    /// A detail table: a curve for each value of `by`, a panel for each value of the other axes.
    ByGroup {
        /// The detail table's name.
        detail: String,
        /// The column of it whose values tell the curves apart, as the legend calls it
        /// (`depth`); at most one row for each of its values in a run.
        by: String,
        /// The column of it that is plotted (`load_mean`).
        value: String,
    },
    /// A detail table with a row for each instant or place within a run, against that: nothing is
    /// plotted against a swept axis. A curve for each value of the axes (or of `by`, and then a
    /// panel for each value of the axes), as in [`Content::Curves`].
    TimeSeries {
        /// The detail table's name.
        detail: String,
        /// The column of it that is plotted against (`time_s`).
        x: String,
        /// Whether a row is about the interval that begins at its `x` and ends at that of the next one, so that its
        /// point stands at the middle; else it is about the instant `x`, or the place.
        intervals: bool,
        /// The column of it that is plotted.
        value: String,
        /// The column of it whose values tell curves apart, as the legend calls it, if there is one. Of more than
        /// eight values the six whose curves vary most have one each, and the others their mean.
        by: Option<String>,
        /// Further columns, with their labels, to compare with: each a curve of its own if it does not
        /// depend on the axes that become curves. Of one that does, each curve has its own, a thin line
        /// of the same colour, if it is the only one; else it is left out, and the caption says so.
        beside: Vec<(String, String)>,
    },
    /// A detail table with a row for each of some things that have numbers for names (applications,
    /// say), against these: what stands at one is not joined to what stands at the next. Colours for
    /// the values of the axes, and panels, as in [`Content::Curves`].
    Categorical {
        /// The detail table's name.
        detail: String,
        /// The column of it with the things' numbers.
        place: String,
        /// The column of it that is plotted.
        value: String,
    },
}

impl Content {
    /// Whether something is plotted against the time of a run, in s.
    pub fn is_over_time(&self) -> bool {
        matches!(self, Self::TimeSeries { x, .. } if x == "time_s")
    }

    /// The detail table that is shown, if one is.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::ByGroup { detail, .. }
            | Self::TimeSeries { detail, .. }
            | Self::Categorical { detail, .. } => Some(detail),
            Self::Curves { .. }
            | Self::BoxPlot { .. }
            | Self::TradeOff { .. }
            | Self::Scatter { .. }
            | Self::Series { .. } => None,
        }
    }
}

/// One curve of [`Content::Series`].
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub label: String,
    /// What it is computed from.
    pub source: Source,
}

/// Where the points of a [`Series`] come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The mean over replications of a column of `runs.csv`, with its 95 % interval.
    Mean(String),
    /// The standard deviation over replications of a column of `runs.csv` (no band; absent with
    /// fewer than two replications).
    DeviationOverReplications(String),
}
