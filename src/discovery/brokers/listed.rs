//! Brokers and their super-brokers as a file lists them: `router,parent_router`, one a line.
//!
//! It does *not* know the graph: whether there are such routers is seen later.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::parameters::json::shortened;
use crate::topology::RouterId;

/// The heading, which can be left out.
const HEADING: &str = "router,parent_router";

/// A tree of brokers on routers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The router of each broker, ascending, with that of its super-broker.
    parents: BTreeMap<RouterId, Option<RouterId>>,
    root: RouterId,
    /// The line that first names the router with the greatest number.
    last_line: u64,
}

impl Listed {
    /// Reads the `text` of such a file. The root is the broker whose second cell is empty, or which only
    /// second cells name.
    ///
    /// # Errors
    /// If a line is no such row, a router has two, or the rows are no tree.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parents = BTreeMap::new();
        let mut last = (None, 0);
        for (line, number) in text.lines().zip(1_u64..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || (number == 1 && line == HEADING) {
                continue;
            }
            let (router, parent) = row(line).map_err(|error| error.at(number))?;
            let greatest = Some(router).max(parent);
            if greatest > last.0 {
                last = (greatest, number);
            }
            if parents.insert(router, parent).is_some() {
                let what = format!("router {} has a line above already", router.0);
                return Err(Error::new(what)
                    .at(number)
                    .help("a router carries one broker"));
            }
        }
        let unlisted: Vec<RouterId> = {
            let named = parents.values().flatten();
            named
                .copied()
                .filter(|router| !parents.contains_key(router))
                .collect()
        };
        parents.extend(unlisted.into_iter().map(|router| (router, None)));
        let root = root(&parents)?;
        let listed = Self {
            parents,
            root,
            last_line: last.1,
        };
        listed.check_circles()?;
        Ok(listed)
    }

    /// The router of the root.
    pub fn root(&self) -> RouterId {
        self.root
    }

    /// The router with the greatest number, and the line that names it first.
    pub fn last(&self) -> (RouterId, u64) {
        let last = self.parents.last_key_value();
        (
            last.map_or(self.root, |(router, _)| *router),
            self.last_line,
        )
    }

    /// The router of each broker, ascending, with the number of its super-broker.
    pub fn brokers(&self) -> Vec<(RouterId, Option<u32>)> {
        let numbers: BTreeMap<RouterId, u32> = self.parents.keys().copied().zip(0..).collect();
        let number = |parent: RouterId| numbers[&parent];
        let listed = self.parents.iter();
        listed
            .map(|(router, parent)| (*router, parent.map(number)))
            .collect()
    }

    /// Checks that everybody is below the root.
    fn check_circles(&self) -> Result<()> {
        let mut led: BTreeMap<RouterId, Vec<RouterId>> = BTreeMap::new();
        for (router, parent) in &self.parents {
            led.entry(parent.unwrap_or(*router))
                .or_default()
                .push(*router);
        }
        let mut below = BTreeSet::from([self.root]);
        let mut waiting = vec![self.root];
        while let Some(router) = waiting.pop() {
            for router in led.get(&router).into_iter().flatten() {
                if below.insert(*router) {
                    waiting.push(*router);
                }
            }
        }
        let lost = self.parents.keys().find(|router| !below.contains(router));
        let Some(RouterId(lost)) = lost else {
            return Ok(());
        };
        let RouterId(root) = self.root;
        let what = format!(
            "the brokers above router {lost} form a circle without the root, router {root}"
        );
        Err(Error::new(what).help("give one of them a parent that is not below it"))
    }
}

/// The router and that of its super-broker in a line.
fn row(line: &str) -> Result<(RouterId, Option<RouterId>)> {
    let Some((router, parent)) = line.split_once(',') else {
        return Err(Error::new(format!("expected {HEADING}, found one cell")));
    };
    let number = |text: &str| {
        let number = text.parse().ok().filter(|number| *number < u32::MAX);
        number.map(RouterId).ok_or_else(|| {
            let what = format!("{} is not the number of a router", shortened(text));
            Error::new(what).help("routers are numbered from 0")
        })
    };
    let parent = parent.trim();
    let parent = (!parent.is_empty()).then(|| number(parent)).transpose()?;
    Ok((number(router.trim())?, parent))
}

/// The only one without a super-broker.
fn root(parents: &BTreeMap<RouterId, Option<RouterId>>) -> Result<RouterId> {
    if parents.is_empty() {
        let error = Error::new("the file lists no broker");
        return Err(error.help(
            "a broker is a line of its router and its parent's, such as 1,0; that of the root is 0,",
        ));
    }
    let mut roots = parents.iter().filter(|(_, parent)| parent.is_none());
    match (roots.next(), roots.next()) {
        (Some((root, _)), None) => Ok(*root),
        (None, _) => {
            let what = "every broker has a super-broker, so none is the root";
            Err(Error::new(what).help("leave the second cell of the root empty"))
        }
        (Some((one, _)), Some((other, _))) => {
            let what = format!(
                "routers {} and {} both have no super-broker",
                one.0, other.0
            );
            Err(Error::new(what).help("only the root has none"))
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_tree_is_read_in_any_order_with_or_without_a_line_of_its_root() {
        let wanted = [(2, Some(1)), (5, None), (7, Some(1)), (9, Some(2))];
        let wanted = wanted.map(|(router, parent)| (RouterId(router), parent));
        for (text, line) in [
            ("router,parent_router\n9,7\n7,5\n5,\n2,5\n", 2),
            ("2,5\n# the root is named by others only\n9 , 7\r\n\n7,5", 3),
        ] {
            let listed = Listed::parse(text).unwrap();
            assert_eq!(listed.brokers(), wanted);
            assert_eq!(listed.root(), RouterId(5));
            assert_eq!(listed.last(), (RouterId(9), line));
        }
        assert_eq!(
            Listed::parse("3,").unwrap().brokers(),
            [(RouterId(3), None)]
        );
    }

    #[test]
    fn what_is_no_tree_is_told() {
        let refused = [
            "",
            "1,0\n2",
            "1,0\nx,0",
            "1,0,2",
            "1,4294967295",
            "1,0\n1,2",
            "1,0\n3,2",
            "1,2\n2,1",
            "0,\n1,2\n2,1\n3,2",
            "0,\n1,1",
        ]
        .map(|text| Listed::parse(text).unwrap_err().to_string());
        expect![[r#"
            the file lists no broker
              help: a broker is a line of its router and its parent's, such as 1,0; that of the root is 0,
            2: expected router,parent_router, found one cell
            2: "x" is not the number of a router
              help: routers are numbered from 0
            1: "0,2" is not the number of a router
              help: routers are numbered from 0
            1: "4294967295" is not the number of a router
              help: routers are numbered from 0
            2: router 1 has a line above already
              help: a router carries one broker
            routers 0 and 2 both have no super-broker
              help: only the root has none
            every broker has a super-broker, so none is the root
              help: leave the second cell of the root empty
            the brokers above router 1 form a circle without the root, router 0
              help: give one of them a parent that is not below it
            the brokers above router 1 form a circle without the root, router 0
              help: give one of them a parent that is not below it"#]].assert_eq(&refused.join("\n"));
    }
}
