//! Demand traces of the allocation study: nothing panics, and the rates of what is read are sound.
#![no_main]

use std::sync::Arc;

use arigatoni::opus::allocation::config::{Application, Demand, Trace as Told};
use arigatoni::opus::allocation::demand::{DemandCurve, Trace};
use arigatoni::time::Time;
use libfuzzer_sys::fuzz_target;

/// Traces of more regions are read, but not followed: that would only take longer.
const REGIONS: u32 = 8;
/// For how long a trace is followed, in s.
const DURATION_S: f64 = 100.0;

fuzz_target!(|text: &str| {
    let Ok(trace) = Trace::parse(text) else {
        return;
    };
    if trace.check(REGIONS, DURATION_S).is_err() {
        return;
    }
    let cuts = [0.0, 1e-9, 7.3, 50.0, 99.9, DURATION_S].map(|s| Time::from_ns((s * 1e9) as u64));
    for curve in DemandCurve::of(&application(trace), 0.0, REGIONS) {
        for cut in cuts.windows(2) {
            let [from, to] = [cut[0], cut[1]];
            let (bound, mean) = (curve.bound(from, to), curve.mean(from, to));
            assert!(bound.is_finite() && bound >= 0.0);
            assert!(curve.rate(from) <= bound && curve.rate(to) <= bound);
            assert!(mean >= 0.0 && mean <= bound * (1.0 + 1e-6), "{mean} {bound}");
        }
    }
});

/// One whose demand is told by `trace`.
fn application(trace: Trace) -> Application {
    let told = Told {
        file: "trace.csv".into(),
        rates: Some(Arc::new(trace)),
    };
    Application {
        demand: vec![Demand::Trace(told)],
        ..Application::default()
    }
}
