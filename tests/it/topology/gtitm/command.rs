//! `topology generate` as a command.

use std::path::Path;

use arigatoni::topology::{Graph, graphbase};

use crate::topology::command::{arigatoni, error, stdout};
use crate::topology::{bytes, shipped, text};

/// Runs `topology generate` on the specs.
fn generate(specs: &[&Path], output: &Path, options: &[&str]) -> std::process::Output {
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
    std::fs::copy(shipped("t100-0.spec"), &spec).unwrap();
    let output = folder.path().join("new/graphs");
    let said = stdout(&generate(&[&spec], &output, &[]));
    assert!(
        said.contains("t100-9.gb: 100 routers, 193 links\n"),
        "{said}"
    );
    for number in 0..10 {
        for ending in ["gb", "alt"] {
            assert!(output.join(format!("t100-{number}.{ending}")).exists());
        }
    }
    assert_eq!(std::fs::read_dir(&output).unwrap().count(), 20);
    let written = |ending: &str| text(&output.join(format!("t100-0.{ending}")));
    assert_eq!(written("gb"), text(&shipped("t100-0.gb")));
    assert_eq!(written("alt"), text(&shipped("t100-0.alt")));
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
    let said = error(&generate(&[&good, &late], &output, &[]));
    assert!(said.contains("late.spec:2: graph "), "{said}");
    // Two specs of one name would write the same files.
    let twin = path("good.txt");
    std::fs::write(&twin, "geo 1 2\n5 9 3 1\n").unwrap();
    let said = error(&generate(&[&good, &twin], &output, &[]));
    assert!(
        said.contains("good.txt: another spec file is also called `good`"),
        "{said}"
    );
    let said = error(&generate(&[&path("none.spec")], &output, &[]));
    assert!(said.contains("none.spec: there is no such file"), "{said}");
    assert!(!output.exists());
}

#[test]
fn the_options_choose_placement_and_variant() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("x.spec");
    std::fs::copy(shipped("ts108x-0.spec"), &spec).unwrap();
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
    assert!(String::from_utf8_lossy(&output.stderr).contains("asks for 0 graphs"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // So is one whose second record and whose seed's highest bit are not used.
    std::fs::write(&spec, "geo 1 2147483695\n5 9 3 1\ngeo 1 48\n5 9 3 1\n").unwrap();
    let output = generate(&[&spec], folder.path(), &[]);
    assert_eq!(stdout(&output).lines().count(), 1);
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(
        notes.contains("line 3 and the following ones are not read"),
        "{notes}"
    );
    assert!(
        notes.contains("the seed 2147483695 counts as 47"),
        "{notes}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn fit_prints_a_spec_that_generate_takes() {
    let folder = tempfile::tempdir().unwrap();
    let graph = shipped("t100-0.gb");
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
        std::fs::copy(shipped("ts108x-0.spec"), spec).unwrap();
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
