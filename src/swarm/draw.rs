//! Draws of one member of a scenario: any value that it may have, and its extremes rather often.
//!
//! It does *not* know which member is drawn.

use std::rc::Rc;

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::random::{RandomStreams, Stream, StreamId};

/// What a member of a world's scenario is; by the hash of its pointer.
const MEMBER: StreamId = StreamId(191);

/// How often a value is at one end of its range.
const EXTREME: f64 = 0.25;

/// What is known of a world's graph when the other members are drawn.
#[derive(Debug)]
pub(super) struct GraphFacts {
    pub(super) routers: u32,
    /// The names of its domains.
    pub(super) domains: Vec<String>,
}

impl GraphFacts {
    /// How many brokers there are in a `world` of `system` on it.
    pub(super) fn brokers(&self, world: &Value, system: &str) -> u64 {
        let placement = world.pointer(&format!("/system/{system}/brokers/placement"));
        if placement == Some(&json!("domains")) {
            self.domains.len() as u64
        } else {
            self.routers.into()
        }
    }
}

impl Default for GraphFacts {
    /// What all graphs have.
    fn default() -> Self {
        Self {
            routers: 1,
            domains: vec!["T:0".into()],
        }
    }
}

/// The draws of one member.
#[derive(Debug)]
pub(super) struct Draw {
    stream: Stream,
    /// The world's graph; nothing is known of it while the graph itself is drawn.
    pub(super) graph: Rc<GraphFacts>,
}

impl Draw {
    /// Those of the member at `pointer` in the world called `seed`; another `attempt` gives others.
    pub(super) fn new((seed, attempt): (u64, u32), pointer: &str, graph: &Rc<GraphFacts>) -> Self {
        let hash = xxh3_64(pointer.as_bytes());
        let stream = RandomStreams::new(seed, attempt).stream(MEMBER, hash);
        let graph = Rc::clone(graph);
        Self { stream, graph }
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.stream.unit() < probability
    }

    pub(super) fn flag(&mut self) -> Value {
        self.chance(0.5).into()
    }

    /// One of `all`, each as likely.
    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[(self.stream.unit() * all.len() as f64) as usize]
    }

    /// One of these words.
    pub(super) fn word(&mut self, words: &[&str]) -> Value {
        (*self.one_of(words)).into()
    }

    /// `usual` half of the time, else what `draw` draws.
    pub(super) fn mostly(
        &mut self,
        usual: impl Into<Value>,
        draw: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        if self.chance(0.5) {
            usual.into()
        } else {
            draw(self)
        }
    }

    /// Null half of the time, else the rates of two rules.
    pub(super) fn rates_of_rules(&mut self) -> Value {
        self.mostly(Value::Null, |draw| {
            let mut rates = json!({"leave_rate": draw.share(), "unregister_rate": draw.share()});
            // Most rules are left out, so that others have somebody to be applied to.
            let has_several = draw.graph.domains.len() > 1;
            let crossing = ["migrate_rate", "link_rate", "friend_rate", "clone_rate"];
            let crossing = crossing.into_iter().filter(|_| has_several);
            let others = [
                "join_rate",
                "register_rate",
                "move_rate",
                "unlink_rate",
                "close_rate",
            ];
            let others = others
                .into_iter()
                .chain(["fail_rate", "restart_rate", "fire_rate"]);
            for member in crossing.chain(others) {
                if draw.chance(0.25) {
                    rates[member] = draw.share();
                }
            }
            if draw.chance(0.25) {
                rates["rates_per_s"] = draw.rates_in_time();
            }
            rates
        })
    }

    /// How often a second some rules are applied while requests run.
    fn rates_in_time(&mut self) -> Value {
        let mut rates = json!({});
        for rule in [
            "join",
            "leave",
            "register",
            "unregister",
            "migrate",
            "move",
            "link",
            "unlink",
            "fail",
            "restart",
            "fire",
            "friend",
            "clone",
            "close",
        ] {
            let needs_several = matches!(rule, "migrate" | "link" | "friend" | "clone");
            if self.chance(0.4) && !(needs_several && self.graph.domains.len() < 2) {
                rates[rule] = self.positive(0.1, 10.0).into();
            }
        }
        rates
    }

    /// A whole number from `min` to `max`.
    pub(super) fn whole(&mut self, min: u64, max: u64) -> Value {
        if self.chance(EXTREME) {
            return (*self.one_of(&[min, max])).into();
        }
        let above = self.stream.unit() * (max - min + 1) as f64;
        (min + above as u64).into()
    }

    /// A fraction from 0 to 1, with two decimals.
    pub(super) fn share(&mut self) -> Value {
        if self.chance(EXTREME) {
            return (*self.one_of(&[0, 1])).into();
        }
        json!((self.stream.unit() * 100.0).round() / 100.0)
    }

    /// A number from `min`, which is above 0, to `max`: its logarithm is uniform.
    pub(super) fn positive(&mut self, min: f64, max: f64) -> f64 {
        if self.chance(EXTREME) {
            return *self.one_of(&[min, max]);
        }
        let exponent = self.stream.unit();
        short(min * libm::pow(max / min, exponent))
    }

    /// The distribution of a time, about `mean_s` long or some times longer, whose mean is finite.
    pub(super) fn law(&mut self, mean_s: f64) -> Value {
        let name = *self.one_of(&[
            "constant",
            "exponential",
            "weibull",
            "pareto",
            "lomax",
            "lognormal",
            "gamma",
            "uniform_s",
        ]);
        let parameters = match name {
            "constant" => return mean_s.into(),
            "exponential" => json!({"mean_s": mean_s}),
            "lognormal" if self.chance(0.5) => {
                let mu = short(libm::log(mean_s));
                json!({"mu": mu, "sigma": self.positive(0.1, 1.5), "mean_s": null})
            }
            "lognormal" => {
                json!({"mu": null, "sigma": self.positive(0.1, 1.5), "mean_s": mean_s})
            }
            "uniform_s" => {
                let least = short(mean_s * self.stream.unit());
                json!([least, short(2.0 * mean_s - least)])
            }
            // Heavier tails than this make runs of days, for one packet that is late.
            heavy_or_not => {
                let heavy = matches!(heavy_or_not, "pareto" | "lomax");
                let shape = self.positive(if heavy { 2.5 } else { 0.5 }, 4.0);
                let (given, other) = *self.one_of(&[("scale_s", "mean_s"), ("mean_s", "scale_s")]);
                json!({"shape": shape, given: mean_s, other: null})
            }
        };
        json!({name: parameters})
    }
}

/// `number` with three significant digits: a scenario should be easy to read.
pub(super) fn short(number: f64) -> f64 {
    let text = format!("{number:.2e}");
    text.parse().expect("a number reads as it is written")
}
