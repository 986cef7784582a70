//! `arigatoni topology fit`: GT-ITM parameters for graphs like a given one.
//!
//! This verb does *not* know how they are found.

use std::fmt::Write as _;

use clap::Args;

use super::output::print;
use super::topology_source::Source;
use super::waiting::Waiting;
use crate::error::Result;
use crate::topology::Purpose;
use crate::topology::fit::{self, Fit, MEASURES, REPORT_SEEDS, Shape};

/// Find the GT-ITM parameters whose graphs are most similar to a given graph.
///
/// Similarity is measured by the number of routers, the mean degree, the diameter in hops and the
/// clustering coefficient. Prints a spec file for `topology generate`, with the comparison of the given
/// graph and of those generated in its comments. The search tries some thousand graphs and reports how
/// similar the best ones are; better parameters may exist.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  arigatoni topology fit topologies/t100-0.gb > like-t100.spec")]
pub(super) struct FitArguments {
    #[command(flatten)]
    source: Source,
}

/// Prints the spec file.
pub(super) fn run(arguments: &FitArguments) -> Result<()> {
    let source = &arguments.source;
    let reading = source.read(Purpose::Connected)?;
    let waiting = Waiting::start(format!("looking for graphs like {}", source.name()));
    let found = fit::fit(&reading.graph).map_err(|error| error.at(source.name()))?;
    waiting.finish();
    let file = source
        .file
        .file_name()
        .unwrap_or_default()
        .display()
        .to_string();
    let name = if source.is_stdin() {
        source.name()
    } else {
        file
    };
    print(text(&name, &found).as_bytes())
}

/// A spec file, with the comparison as a comment.
fn text(name: &str, fit: &Fit) -> String {
    let mut out = format!(
        "# Transit-stub graphs like {}: the nearest that a search found.\n\
         # Graphs with the seeds {} to {}, one each, compare as follows.\n#\n\
         # {:<16}{:>12}{:>12}{:>12}{:>12}\n",
        one_line(name),
        REPORT_SEEDS.start,
        REPORT_SEEDS.end - 1,
        "",
        "given",
        "mean",
        "sd",
        "difference"
    );
    let numbers = [&fit.target, &fit.mean, &fit.deviation].map(Shape::numbers);
    for (i, measure) in MEASURES.iter().enumerate() {
        let [given, mean, deviation] = numbers.map(|numbers| numbers[i]);
        // Clustering may be 0, and is a share already.
        let difference = if *measure == "clustering" {
            format!("{:+.3}", mean - given)
        } else {
            format!("{:+.1} %", 100.0 * (mean - given) / given)
        };
        let _ = writeln!(
            out,
            "# {measure:<16}{given:>12.3}{mean:>12.3}{deviation:>12.3}{difference:>12}"
        );
    }
    out.push_str("#\n");
    out.push_str(&fit.parameters.spec(1, REPORT_SEEDS.start));
    out
}

/// The name as a comment can hold it: the original reads lines of at most 510 characters.
fn one_line(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::gtitm::{EdgeLaw, Method, Spec, TransitStubParameters};

    #[test]
    fn what_is_printed_is_a_spec_file() {
        let law = EdgeLaw::random;
        let parameters = TransitStubParameters {
            transit_domains: 2,
            transit_routers: 3,
            stubs_per_transit_router: 4,
            stub_routers: 5,
            extra_transit_stub_links: 6,
            extra_stub_stub_links: 0,
            top: law(1.0),
            transit: law(0.6),
            stub: law(0.42),
        };
        let target = Shape::from_numbers([100.0, 4.0, 10.0, 0.25]);
        let fit = Fit {
            parameters,
            target,
            mean: Shape::from_numbers([126.0, 3.9, 9.0, 0.3]),
            deviation: Shape::from_numbers([0.0, 0.1, 1.0, 0.05]),
        };
        let printed = text(&"odd\nname".repeat(100), &fit);
        let spec = Spec::parse(printed.as_bytes()).unwrap();
        assert_eq!(spec.method, Method::TransitStub(parameters));
        for row in [
            "# routers              100.000     126.000       0.000     +26.0 %",
            "# mean degree            4.000       3.900       0.100      -2.5 %",
            "# diameter (hops)       10.000       9.000       1.000     -10.0 %",
            "# clustering             0.250       0.300       0.050      +0.050",
        ] {
            assert!(printed.contains(row), "{printed}");
        }
    }
}
