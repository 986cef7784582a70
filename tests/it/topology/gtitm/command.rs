//! `topology generate` as a command.

use std::path::Path;
use std::process::Output;

use arigatoni::topology::{Graph, graphbase};

use crate::review::reads;
use crate::topology::command::{arigatoni, error, stdout};
use crate::topology::{bytes, shipped_graph, text};

/// The page of what is said of generated graphs, each test with a section.
const GENERATED: &str = "gtitm-command";

/// A text in which a folder is not told.
fn without(folder: &Path, text: &str) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}

/// Runs `topology generate` on the specs.
fn generate(specs: &[&Path], output: &Path, options: &[&str]) -> Output {
    let mut arguments = vec!["generate"];
    arguments.extend(specs.iter().map(|spec| spec.to_str().unwrap()));
    arguments.extend(["-o", output.to_str().unwrap()]);
    arguments.extend(options);
    arigatoni(&arguments, "")
}

#[test]
fn the_command_writes_both_formats_of_every_graph() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("t100.spec");
    std::fs::copy(shipped_graph("t100-0.spec"), &spec).unwrap();
    let output = folder.path().join("new/graphs");
    let said = stdout(&generate(&[&spec], &output, &[]));
    reads(
        GENERATED,
        "Graphs that are written",
        &[("t100.spec", &without(folder.path(), &said))],
    );
    for number in 0..10 {
        for ending in ["gb", "alt"] {
            assert!(output.join(format!("t100-{number}.{ending}")).exists());
        }
    }
    assert_eq!(std::fs::read_dir(&output).unwrap().count(), 20);
    let written = |ending: &str| text(&output.join(format!("t100-0.{ending}")));
    assert_eq!(written("gb"), text(&shipped_graph("t100-0.gb")));
    assert_eq!(written("alt"), text(&shipped_graph("t100-0.alt")));
}

#[test]
fn the_command_writes_nothing_unless_all_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let output = path("graphs");
    let good = path("good.spec");
    std::fs::write(&good, "geo 2 1\n5 9 3 1\n").unwrap();
    // A later graph of this one cannot be generated.
    let late = path("late.spec");
    std::fs::write(&late, "ts 99 3\n2 0 0\n6 9 3 1\n4 9 3 1\n2 9 3 1\n").unwrap();
    let refused = |specs: &[&Path]| {
        let text = without(folder.path(), &error(&generate(specs, &output, &[])));
        assert_eq!(text.matches("error: ").count(), 1, "{text}");
        text
    };
    let of_late = refused(&[&good, &late]);
    // Two specs of one name would write the same files.
    let twin = path("good.txt");
    std::fs::write(&twin, "geo 1 2\n5 9 3 1\n").unwrap();
    let of_twins = refused(&[&good, &twin]);
    reads(
        GENERATED,
        "Specs of which nothing is written",
        &[
            ("good.spec and late.spec", &of_late),
            ("good.spec and good.txt", &of_twins),
            ("none.spec", &refused(&[&path("none.spec")])),
        ],
    );
    assert!(!output.exists());
}

#[test]
fn the_options_choose_placement_and_variant() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("x.spec");
    std::fs::copy(shipped_graph("ts108x-0.spec"), &spec).unwrap();
    let graph = |options: &[&str]| {
        stdout(&generate(&[&spec], folder.path(), options));
        graphbase::parse(&bytes(&folder.path().join("x-0.gb"))).unwrap()
    };
    let ends = |graph: &Graph| -> Vec<_> { graph.links.iter().map(|link| link.ends).collect() };
    let exact = graph(&[]);
    assert_eq!(graph(&["--placement", "glibc"]), exact);
    let bsd = graph(&["--placement", "bsd"]);
    assert_eq!(ends(&bsd), ends(&exact));
    assert_ne!(bsd.routers, exact.routers);
    // Half of the links between transit domains are the original's doubles.
    let documented = graph(&["--documented"]);
    assert!(ends(&documented).len() < ends(&exact).len());
}

#[test]
fn a_spec_that_asks_for_nothing_gets_nothing_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("none.spec");
    std::fs::write(&spec, "geo 0\n5 9 3 1\n").unwrap();
    let output = generate(&[&spec], folder.path(), &[]);
    assert_eq!(stdout(&output), "");
    let told = |output: &Output| without(folder.path(), &String::from_utf8_lossy(&output.stderr));
    let nothing = told(&output);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // So is one whose second record and whose seed's highest bit are not used.
    std::fs::write(&spec, "geo 1 2147483695\n5 9 3 1\ngeo 1 48\n5 9 3 1\n").unwrap();
    let output = generate(&[&spec], folder.path(), &[]);
    assert_eq!(stdout(&output).lines().count(), 1);
    reads(
        GENERATED,
        "Specs that say more than is used",
        &[
            ("no graph", &nothing),
            ("a second record, and a seed of 32 bits", &told(&output)),
        ],
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn fit_prints_a_spec_that_generate_takes() {
    let folder = tempfile::tempdir().unwrap();
    let graph = shipped_graph("t100-0.gb");
    let printed = stdout(&arigatoni(&["fit", graph.to_str().unwrap()], ""));
    assert!(
        printed.contains("# mean degree            3.740"),
        "{printed}"
    );
    let spec = folder.path().join("like.spec");
    std::fs::write(&spec, printed).unwrap();
    let said = stdout(&generate(&[&spec], folder.path(), &[]));
    assert!(said.contains("like-0.gb: "), "{said}");
}

#[test]
fn the_second_generator_goes_on_from_spec_to_spec_and_the_first_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let specs = ["a", "b"].map(|name| folder.path().join(format!("{name}.spec")));
    for spec in &specs {
        std::fs::copy(shipped_graph("ts108x-0.spec"), spec).unwrap();
    }
    stdout(&generate(&[&specs[0], &specs[1]], folder.path(), &[]));
    let graph = |name: &str| {
        let bytes = bytes(&folder.path().join(format!("{name}-0.gb")));
        graphbase::parse(&bytes).unwrap()
    };
    let (a, b) = (graph("a"), graph("b"));
    let ends = |graph: &Graph| -> Vec<_> { graph.links.iter().map(|link| link.ends).collect() };
    assert_eq!(ends(&a), ends(&b));
    assert_ne!(a.routers, b.routers);
}
