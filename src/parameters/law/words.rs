//! A law in the words of the field, for legends.
//!
//! This module does *not* know how a law is read, nor what it is the law of.

use super::measured::Measured;
use super::{Distribution, Exponential, LawSpec, Lognormal, Scaled};
use crate::words::{brief, duration};

impl LawSpec {
    /// `Weibull, shape 0.5, mean 10 min`; of a measured law, `overnet03 up, Weibull`, without the time
    /// if that is called like the `member` at which the law stands.
    pub fn in_words(&self, member: &str) -> String {
        match self {
            Self::Constant(seconds) if seconds.0 == 0.0 => duration(0.0),
            Self::Constant(seconds) => format!("constant {}", duration(seconds.0)),
            Self::Distribution(named) => named.in_words(),
            Self::Measured(measured) => measured.in_words(member),
        }
    }
}

impl Distribution {
    fn in_words(&self) -> String {
        match self {
            Self::Exponential(Exponential { mean_s }) => {
                format!("exponential, mean {}", duration(mean_s.0))
            }
            Self::Weibull(scaled) => scaled.in_words("Weibull"),
            Self::Pareto(scaled) => scaled.in_words("Pareto"),
            Self::Lomax(scaled) => scaled.in_words("Lomax"),
            Self::Gamma(scaled) => scaled.in_words("gamma"),
            Self::Lognormal(lognormal) => lognormal.in_words(),
            Self::UniformS([min, max]) => {
                format!("uniform, {} to {}", duration(min.0), duration(max.0))
            }
        }
    }
}

impl Scaled {
    fn in_words(&self, family: &str) -> String {
        let shape = brief(self.shape.0);
        let scale = self.scale_s.map(|scale| ("scale", scale));
        match scale.or(self.mean_s.map(|mean| ("mean", mean))) {
            Some((name, time)) => {
                format!("{family}, shape {shape}, {name} {}", duration(time.0))
            }
            None => format!("{family}, shape {shape}"),
        }
    }
}

impl Lognormal {
    fn in_words(&self) -> String {
        let place = match (self.mu, self.mean_s) {
            (Some(mu), _) => format!("µ {}, ", brief(mu.0)),
            (None, Some(mean)) => format!("mean {}, ", duration(mean.0)),
            (None, None) => String::new(),
        };
        format!("log-normal, {place}σ {}", brief(self.sigma.0))
    }
}

impl Measured {
    fn in_words(self, member: &str) -> String {
        let [system, time, family] = self.names();
        if time == member {
            format!("{system}, {family}")
        } else {
            format!("{system} {time}, {family}")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn laws_are_called_as_in_the_field() {
        for (written, text) in [
            (json!(0), "0 s"),
            (json!(3600), "constant 1 h"),
            (
                json!({"exponential": {"mean_s": 0.05}}),
                "exponential, mean 50 ms",
            ),
            (
                json!({"weibull": {"shape": 0.5, "mean_s": 3600}}),
                "Weibull, shape 0.5, mean 1 h",
            ),
            (
                json!({"pareto": {"shape": 1.5, "scale_s": 90}}),
                "Pareto, shape 1.5, scale 1.5 min",
            ),
            (
                json!({"lognormal": {"mu": 0.1, "sigma": 2}}),
                "log-normal, µ 0.1, σ 2",
            ),
            (
                json!({"lognormal": {"sigma": 2, "mean_s": 60}}),
                "log-normal, mean 1 min, σ 2",
            ),
            (json!({"uniform_s": [1, 60]}), "uniform, 1 s to 1 min"),
            (
                json!({"measured": "overnet03", "time": "up", "family": "weibull"}),
                "overnet03, Weibull",
            ),
            (
                json!({"measured": "grid5000_06", "time": "down", "family": "lognormal"}),
                "grid5000_06 down, log-normal",
            ),
        ] {
            let law: LawSpec = serde_json::from_value(written).unwrap();
            assert_eq!(law.in_words("up"), text);
        }
    }
}
