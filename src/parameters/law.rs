//! The law of a time, as scenarios write it.
//!
//! This module does *not* know how a law is sampled, nor which time follows it.

mod failing;
mod given;
mod measured;
mod words;

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{F64Deserializer, I64Deserializer, MapAccessDeserializer, U64Deserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use self::failing::{Failing, alternation};
pub use self::measured::Measured;
use super::json::describe;
use super::number::{NonNegative, Positive, Signed};
use super::{ONE_MEMBER, Problem};
use crate::random::law;

/// The distribution of a time: a constant number of seconds, an object with exactly one member, the
/// name of the distribution, or a distribution that was fitted to the times of a real system.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Law")]
pub enum LawSpec {
    /// Always the same, in seconds.
    Constant(NonNegative),
    /// A law.
    Distribution(Distribution),
    /// A law that was fitted to measurements.
    Measured(Measured),
}

/// A distribution and its parameters. Times are in seconds; `mean_s` may replace the scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Exponential.
    Exponential(Exponential),
    /// Weibull.
    Weibull(Scaled),
    /// Pareto; the scale is the least value.
    Pareto(Scaled),
    /// Lomax.
    Lomax(Scaled),
    /// Log-normal.
    Lognormal(Lognormal),
    /// Gamma.
    Gamma(Scaled),
    /// Uniform from the first number to the second.
    UniformS([NonNegative; 2]),
}

/// The parameters of an exponential distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// The mean.
    mean_s: Positive,
}

/// The parameters of a distribution with a shape and a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    /// The shape.
    shape: Positive,
    /// The scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale_s: Option<Positive>,
    /// The mean, instead of the scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_s: Option<Positive>,
}

/// The parameters of a log-normal distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    /// The mean of ln seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mu: Option<Signed>,
    /// The standard deviation of ln seconds.
    sigma: NonNegative,
    /// The mean, instead of `mu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_s: Option<Positive>,
}

impl LawSpec {
    /// The law, or what is wrong with it, where the law stands at `pointer`.
    pub fn validate(&self, pointer: &str) -> Result<law::Law, Problem> {
        match self {
            Self::Constant(seconds) => Ok(law::Law::Constant(seconds.0)),
            Self::Distribution(named) => named.validate(pointer),
            Self::Measured(measured) => Ok(measured.law()),
        }
    }

    /// The law, of a time that has a finite mean: what alternates by it has a steady state.
    pub fn with_mean(&self, pointer: &str) -> Result<law::Law, Problem> {
        let needed = "the fraction of time that it is up is undefined";
        self.validate_with_mean(pointer, needed)
    }

    /// The law, of a time that has a finite mean, where `needed` says in messages what the mean is needed for.
    pub fn validate_with_mean(&self, pointer: &str, needed: &str) -> Result<law::Law, Problem> {
        let law = self.validate(pointer)?;
        if law.mean_s().is_finite() {
            return Ok(law);
        }
        let what = format!("the mean of this distribution is infinite, so {needed}");
        Err(Problem::new(pointer, what).help("choose a distribution with a finite mean"))
    }
}

impl Distribution {
    /// Every name.
    const NAMES: [&'static str; 7] = [
        "exponential",
        "weibull",
        "pareto",
        "lomax",
        "lognormal",
        "gamma",
        "uniform_s",
    ];

    fn validate(&self, pointer: &str) -> Result<law::Law, Problem> {
        Ok(match self {
            Self::Exponential(Exponential { mean_s }) => law::Law::Exponential { mean_s: mean_s.0 },
            Self::Weibull(scaled) => {
                let at = format!("{pointer}/weibull");
                let (shape, scale_s) =
                    scaled.parameters(&at, |shape| libm::tgamma(1.0 + 1.0 / shape))?;
                law::Law::Weibull { shape, scale_s }
            }
            Self::Pareto(scaled) => {
                let at = format!("{pointer}/pareto");
                let (shape, scale_s) = scaled.heavy(&at, |shape| shape / (shape - 1.0))?;
                law::Law::Pareto { shape, scale_s }
            }
            Self::Lomax(scaled) => {
                let at = format!("{pointer}/lomax");
                let (shape, scale_s) = scaled.heavy(&at, |shape| 1.0 / (shape - 1.0))?;
                law::Law::Lomax { shape, scale_s }
            }
            Self::Lognormal(lognormal) => lognormal.validate(pointer)?,
            Self::Gamma(scaled) => {
                let at = format!("{pointer}/gamma");
                let (shape, scale_s) = scaled.parameters(&at, |shape| shape)?;
                law::Law::Gamma { shape, scale_s }
            }
            Self::UniformS([min, max]) => {
                let (min_s, max_s) = (min.0, max.0);
                if max_s < min_s {
                    let what = format!(
                        "the least time, {}, is above the greatest, {}",
                        describe(&min_s.into()),
                        describe(&max_s.into())
                    );
                    let problem = Problem::new(format!("{pointer}/uniform_s"), what);
                    return Err(problem.help("write the smaller number first"));
                }
                law::Law::Uniform { min_s, max_s }
            }
        })
    }
}

impl Scaled {
    /// Shape and scale, where `mean_of` tells the mean at a scale of 1 by the shape.
    fn parameters(
        &self,
        pointer: &str,
        mean_of: impl Fn(f64) -> f64,
    ) -> Result<(f64, f64), Problem> {
        let shape = self.shape.0;
        let scale_s = one_of(pointer, ("scale_s", self.scale_s), self.mean_s, |mean_s| {
            mean_s / mean_of(shape)
        })?;
        let scale_s = match scale_s {
            KnownParameter::Parameter(Positive(scale_s)) | KnownParameter::Mean(scale_s) => scale_s,
        };
        if scale_s > 0.0 && scale_s.is_finite() {
            return Ok((shape, scale_s));
        }
        let what = format!(
            "with a shape of {} no scale gives this mean",
            describe(&shape.into())
        );
        Err(Problem::new(format!("{pointer}/mean_s"), what).help("choose another shape"))
    }

    /// Shape and scale of a law that has a mean only if its shape is above 1.
    fn heavy(&self, pointer: &str, mean_of: impl Fn(f64) -> f64) -> Result<(f64, f64), Problem> {
        let shape = self.shape.0;
        if self.mean_s.is_some() && shape <= 1.0 {
            let what = format!(
                "with a shape of {} the mean is infinite",
                describe(&shape.into())
            );
            let problem = Problem::new(format!("{pointer}/mean_s"), what);
            return Err(problem.help("write `scale_s` instead of it, or a shape above 1"));
        }
        self.parameters(pointer, mean_of)
    }
}

impl Lognormal {
    fn validate(&self, pointer: &str) -> Result<law::Law, Problem> {
        let sigma = self.sigma.0;
        let pointer = format!("{pointer}/lognormal");
        let mu = one_of(&pointer, ("mu", self.mu), self.mean_s, |mean_s| {
            libm::log(mean_s) - sigma * sigma / 2.0
        })?;
        let mu = match mu {
            KnownParameter::Parameter(Signed(mu)) | KnownParameter::Mean(mu) => mu,
        };
        Ok(law::Law::Lognormal { mu, sigma })
    }
}

/// What was given of a parameter and the mean.
enum KnownParameter<T> {
    Parameter(T),
    /// What the parameter is by the mean.
    Mean(f64),
}

/// The parameter, or what follows for it from the mean; exactly one of both is given.
fn one_of<T: Copy>(
    pointer: &str,
    (name, parameter): (&str, Option<T>),
    mean: Option<Positive>,
    from_mean: impl Fn(f64) -> f64,
) -> Result<KnownParameter<T>, Problem> {
    match (parameter, mean) {
        (Some(parameter), None) => Ok(KnownParameter::Parameter(parameter)),
        (None, Some(mean)) => Ok(KnownParameter::Mean(from_mean(mean.0))),
        (None, None) => Err(Problem::new(
            pointer,
            format!("neither `{name}` nor `mean_s` is given"),
        )
        .help("write one of them")),
        (Some(_), Some(_)) => Err(Problem::new(
            pointer,
            format!("both `{name}` and `mean_s` are given"),
        )
        .help("leave one of them out")),
    }
}

impl<'de> Deserialize<'de> for LawSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LawVisitor;

        impl<'de> Visitor<'de> for LawVisitor {
            type Value = LawSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds, or an object that names a law")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<LawSpec, E> {
                NonNegative::deserialize(U64Deserializer::new(number)).map(LawSpec::Constant)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<LawSpec, E> {
                NonNegative::deserialize(I64Deserializer::new(number)).map(LawSpec::Constant)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<LawSpec, E> {
                NonNegative::deserialize(F64Deserializer::new(number)).map(LawSpec::Constant)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LawSpec, A::Error> {
                let Some(first) = map.next_key::<String>()? else {
                    return Err(de::Error::invalid_length(0, &self));
                };
                let is_measured = Measured::MEMBERS.contains(&first.as_str());
                if !is_measured && !Distribution::NAMES.contains(&first.as_str()) {
                    return Err(de::Error::unknown_field(&first, &NAMES));
                }
                let members = Reread {
                    first: Some(first),
                    rest: &mut map,
                };
                let members = MapAccessDeserializer::new(members);
                if is_measured {
                    return Measured::deserialize(members).map(LawSpec::Measured);
                }
                let named = Distribution::deserialize(members)?;
                match map.next_key::<String>()? {
                    None => Ok(LawSpec::Distribution(named)),
                    Some(_) => Err(de::Error::invalid_length(2, &ONE_MEMBER)),
                }
            }
        }

        deserializer.deserialize_any(LawVisitor)
    }
}

/// Every name that can stand first in an object that is a law: those of the distributions, then that of
/// the measured ones.
const NAMES: [&str; 8] = {
    let mut all = [Measured::MEMBERS[0]; 8];
    let mut at = 0;
    while at < Distribution::NAMES.len() {
        all[at] = Distribution::NAMES[at];
        at += 1;
    }
    all
};

/// The members of an object whose first name has been read already.
struct Reread<'m, A> {
    first: Option<String>,
    rest: &'m mut A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Reread<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(name) => seed.deserialize(name.into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use super::*;
    use crate::parameters::decode;

    fn law(written: &Value) -> Result<law::Law, Problem> {
        decode::<LawSpec>(written, "/x")?.validate("/x")
    }

    #[test]
    fn every_name_is_one_of_a_law() {
        for name in Distribution::NAMES {
            // Each needs something else inside, and says so: its name is known.
            let problem = law(&json!({name: {"nothing": 1}})).unwrap_err();
            assert!(
                problem.pointer.starts_with(&format!("/x/{name}")),
                "{problem:?}"
            );
        }
        let problem = law(&json!({"normal": {}})).unwrap_err();
        assert_eq!(problem.pointer, "/x/normal");
        expect![[r#"there is no member "normal""#]].assert_eq(&problem.what);
    }

    #[test]
    fn measured_times_are_in_seconds_and_their_members_in_any_order() {
        let members = json!({"family": "weibull", "time": "down", "measured": "overnet03"});
        let (shape, scale_s) = (0.44, 2.98 * 3600.0);
        assert_eq!(law(&members), Ok(law::Law::Weibull { shape, scale_s }));
        let members = json!({"measured": "grid5000_06", "time": "down", "family": "lognormal"});
        let Ok(law::Law::Lognormal { mu, sigma }) = law(&members) else {
            panic!("a law")
        };
        assert!((mu - (3600_f64.log10() / std::f64::consts::E.log10() - 2.0)).abs() < 1e-12);
        assert!((sigma - 2.2).abs() < 1e-12);
        // The four fits of one system were made to the same times.
        for measured in ["overnet03", "skype06", "microsoft99", "ldns04", "lanl05"] {
            let of = |family: &str| {
                let members = json!({"measured": measured, "time": "up", "family": family});
                law(&members).unwrap().mean_s()
            };
            let mean = of("exponential");
            for family in ["weibull", "gamma"] {
                let ratio = of(family) / mean;
                assert!((0.8..1.2).contains(&ratio), "{measured} {family}: {ratio}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_measured_law_is_said_with_what_is_known() {
        let refused = [
            json!({"measured": "overnet", "time": "up", "family": "gamma"}),
            json!({"measured": "skype06", "time": "up", "family": "pareto"}),
            json!({"measured": "skype06", "time": "often", "family": "gamma"}),
            json!({"measured": "skype06", "time": "up"}),
            json!({"measured": "skype06", "time": "up", "family": "gamma", "shape": 1}),
            json!({"exponential": {"mean_s": 1}, "gamma": {"shape": 1, "mean_s": 1}}),
            json!({}),
        ]
        .map(|written| {
            let problem = law(&written).unwrap_err();
            format!("{}: {}", problem.pointer, problem.what)
        });
        expect![[r#"
            /x/measured: expected one of the words overnet03, skype06, planetlab05, nd07cpu, microsoft99, grid5000_06, websites02, ldns04, lanl05, found the string "overnet"
            /x/family: expected one of the words exponential, weibull, lognormal, gamma, found the string "pareto"
            /x/time: expected one of the words up, down, found the string "often"
            /x: the member `family` is missing
            /x/shape: there is no member "shape"
            /x: expected an object with exactly one member, found an object with 2 members
            /x: expected a number of seconds, or an object that names a law, found an empty object"#]].assert_eq(&refused.join("\n"));
    }

    #[test]
    fn what_is_written_reads_as_itself() {
        for written in [
            json!(2.5),
            json!({"uniform_s": [1, 2]}),
            json!({"measured": "nd07cpu", "time": "up", "family": "gamma"}),
        ] {
            let law: LawSpec = decode(&written, "").unwrap();
            assert_eq!(serde_json::to_value(law).unwrap(), written);
        }
    }
}
