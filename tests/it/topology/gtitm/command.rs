//! `topology generate` as a command.

use std::ffi::OsStr;

use arigatoni::cli::topology_generate::{Generate, run};
use arigatoni::error::Result;
use arigatoni::topology::{Graph, graphbase};
use clap::Parser;

use crate::topology::{bytes, shipped, text};

#[derive(Debug, Parser)]
struct CommandLine {
    #[command(flatten)]
    generate: Generate,
}

fn generate(arguments: &[&OsStr]) -> Result<()> {
    let program = OsStr::new("generate");
    run(
        &CommandLine::try_parse_from(std::iter::once(&program).chain(arguments))
            .unwrap()
            .generate,
    )
}

#[test]
fn the_command_writes_both_formats_of_every_graph() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("t100.spec");
    std::fs::copy(shipped("t100-0.spec"), &spec).unwrap();
    let output = folder.path().join("new/graphs");
    generate(&[spec.as_ref(), "-o".as_ref(), output.as_ref()]).unwrap();
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
    // The third graph of this one cannot be generated.
    let late = path("late.spec");
    std::fs::write(&late, "ts 99 3\n2 0 0\n6 9 3 1\n4 9 3 1\n2 9 3 1\n").unwrap();
    let error = generate(&[good.as_ref(), late.as_ref(), "-o".as_ref(), output.as_ref()]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("late.spec:2: graph "), "{error}");
    assert!(!output.exists());
    // Two specs of one name would write the same files.
    let twin = path("good.txt");
    std::fs::write(&twin, "geo 1 2\n5 9 3 1\n").unwrap();
    let error = generate(&[good.as_ref(), twin.as_ref(), "-o".as_ref(), output.as_ref()]);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("another spec file is called `good`")
    );
    let error = generate(&[path("none.spec").as_ref()])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("none.spec: there is no such file"),
        "{error}"
    );
    assert!(!output.exists());
}

#[test]
fn the_second_generator_goes_on_from_spec_to_spec_and_the_first_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let specs = ["a", "b"].map(|name| folder.path().join(format!("{name}.spec")));
    for spec in &specs {
        std::fs::copy(shipped("ts108x-0.spec"), spec).unwrap();
    }
    let arguments = [
        specs[0].as_ref(),
        specs[1].as_ref(),
        "-o".as_ref(),
        folder.path().as_ref(),
    ];
    generate(&arguments).unwrap();
    let graph = |name: &str| {
        let bytes = bytes(&folder.path().join(format!("{name}-0.gb")));
        graphbase::parse(&bytes).unwrap()
    };
    let (a, b) = (graph("a"), graph("b"));
    let ends = |graph: &Graph| -> Vec<_> { graph.links.iter().map(|link| link.ends).collect() };
    assert_eq!(ends(&a), ends(&b));
    assert_ne!(a.routers, b.routers);
}
