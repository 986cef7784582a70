//! Files that tell a demand: their rows, and what is wrong with them.
//!
//! This module does *not* know where they lie, nor what is made of their rates.

use super::config::REQUESTS_MAX;
use crate::error::{Error, Result};

/// The first line of a trace file.
pub(super) const TRACE_COLUMNS: [&str; 3] = ["time_s", "region", "rate_per_s"];

/// What a trace file says: rates that hold until the next one of their region.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// (time in s, rate), ascending in time, by region.
    rates: Vec<Vec<(f64, f64)>>,
    /// The last time in the file, in s.
    end_s: f64,
}

impl Trace {
    /// Regions are numbered below this.
    const REGIONS_MAX: usize = 100_000;

    /// Reads the `text` of a trace file: `time_s,region,rate_per_s`, times ascending.
    ///
    /// # Errors
    /// If a line is no such row, or goes back in time.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = (1_usize..).zip(text.lines());
        let head = lines.next().map_or("", |(_, head)| head.trim());
        if head != TRACE_COLUMNS.join(",") {
            let found: String = head.chars().take(60).collect();
            return Err(Error::new(format!(
                "a demand trace begins with the line {}, but this one with `{}`",
                TRACE_COLUMNS.join(","),
                found.escape_debug()
            ))
            .at(1)
            .help("the columns must have these names, separated by commas without blanks"));
        }
        let mut trace = Self {
            rates: Vec::new(),
            end_s: 0.0,
        };
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            trace.add(line).map_err(|error| error.at(number))?;
        }
        if trace.rates.is_empty() {
            return Err(Error::new("the demand trace has no rows"));
        }
        Ok(trace)
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [time, region, rate] = cells[..] else {
            let what = format!(
                "expected {}, found {} cells",
                TRACE_COLUMNS.join(","),
                cells.len()
            );
            return Err(Error::new(what));
        };
        let number = |name: &str, text: &str| {
            let number = text
                .parse()
                .ok()
                .filter(|number| (0.0..=1e9).contains(number));
            number
                .ok_or_else(|| Error::new(format!("`{name}` is not a number from 0 to 1000000000")))
        };
        let (time, rate): (f64, f64) = (number("time_s", time)?, number("rate_per_s", rate)?);
        let region = region
            .parse()
            .ok()
            .filter(|region| *region < Self::REGIONS_MAX);
        let region = region.ok_or_else(|| Error::new("`region` is not the number of a region"))?;
        if time < self.end_s {
            let what = format!("the time {time} s comes after {} s", self.end_s);
            return Err(Error::new(what).help("sort the rows by time"));
        }
        if self.rates.len() <= region {
            self.rates.resize(region + 1, Vec::new());
        }
        let rates = &mut self.rates[region];
        if rates.last().is_some_and(|(last, _)| *last >= time) {
            return Err(Error::new(format!(
                "region {region} has two rates at {time} s"
            )));
        }
        rates.push((time, rate));
        self.end_s = time;
        Ok(())
    }

    /// The rates of a region, (time in s, rate), ascending in time; absent if it tells none.
    pub(super) fn rates(&self, region: u32) -> Option<&[(f64, f64)]> {
        self.rates.get(region as usize).map(Vec::as_slice)
    }

    /// Whether it tells all `regions` of a run of `duration_s`.
    ///
    /// # Errors
    /// If it names another region, ends before the run, or tells of too many requests.
    pub fn check(&self, regions: u32, duration_s: f64) -> Result<()> {
        if self.rates.len() > regions as usize {
            let region = self.rates.len() - 1;
            let what = format!("the demand trace names region {region}, but there are {regions}");
            return Err(Error::new(what).help(format!("regions are numbered 0 to {}", regions - 1)));
        }
        if self.end_s < duration_s {
            let what = format!(
                "the demand trace ends at {} s, before the run, which lasts {duration_s} s",
                self.end_s
            );
            return Err(Error::new(what).help("add rows, or lower `duration_s`"));
        }
        let rates = self.rates.iter().flatten();
        let most = rates.fold(0.0, |most, (_, rate)| rate.max(most));
        if most * duration_s > REQUESTS_MAX {
            let what = format!(
                "up to {most} requests a second for {duration_s} s are more than the \
                 {REQUESTS_MAX} that can be simulated"
            );
            return Err(Error::new(what).help("lower the rates"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn bad_traces_are_told_by_line() {
        let trace = |rows: &str| Trace::parse(&format!("time_s,region,rate_per_s\n{rows}"));
        let rows = [
            "0,0,1\n5,0,1\n4,0,1\n",
            "0,0\n",
            "0,0,-1\n",
            "0,0,NaN\n",
            "x,0,1\n",
            "0,1.5,1\n",
            "0,4294967296,1\n",
            "0,0,1\n0,0,2\n",
            "",
        ];
        let mut told: Vec<String> = rows.map(|rows| trace(rows).unwrap_err().to_string()).into();
        told.push(Trace::parse("").unwrap_err().to_string());
        let short = trace("0,0,1\n50,2,1\n").unwrap();
        assert!(short.check(3, 50.0).is_ok());
        told.extend([(2, 50.0), (3, 51.0)].map(|(regions, end)| {
            let refused = short.check(regions, end);
            refused.unwrap_err().to_string()
        }));
        expect![[r#"
            4: the time 4 s comes after 5 s
              help: sort the rows by time
            2: expected time_s,region,rate_per_s, found 2 cells
            2: `rate_per_s` is not a number from 0 to 1000000000
            2: `rate_per_s` is not a number from 0 to 1000000000
            2: `time_s` is not a number from 0 to 1000000000
            2: `region` is not the number of a region
            2: `region` is not the number of a region
            3: region 0 has two rates at 0 s
            the demand trace has no rows
            1: a demand trace begins with the line time_s,region,rate_per_s, but this one with ``
              help: the columns must have these names, separated by commas without blanks
            the demand trace names region 2, but there are 2
              help: regions are numbered 0 to 1
            the demand trace ends at 50 s, before the run, which lasts 51 s
              help: add rows, or lower `duration_s`"#]]
        .assert_eq(&told.join("\n"));
    }
}
