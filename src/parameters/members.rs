//! Objects of parameters, each member of which stands in one place: sentence, name, type, unit and default.
//!
//! This module does *not* know what the members mean.

/// Makes a struct of parameters from its members, each with its default: `pub name: Type = default;`. The crates
/// `serde` and `schemars` must be at hand.
///
/// The range is in the type, the unit in the name, the sentence in the doc comment. A member may be left out of
/// the object and then has its default; an unknown member is an error. `= Some(default), unless other;` is the
/// default of a member that another one can replace (`unless one or other`: that two can): it holds where that one is
/// left out or null as well.
///
/// ```
/// use arigatoni::parameters::{decode, members, number::LatencyMs};
///
/// members! {
///     /// How a server works.
///     pub struct Server {
///         /// How long it thinks before it answers, in milliseconds.
///         pub thinking_ms: LatencyMs = LatencyMs(2.0);
///         /// After how long it gives up, in milliseconds.
///         pub patience_ms: Option<LatencyMs> = Some(LatencyMs(9.0)), unless hurry_ms;
///         /// The same where it is in a hurry, instead of `patience_ms`.
///         pub hurry_ms: Option<LatencyMs> = None;
///     }
/// }
///
/// let server: Server = decode(&serde_json::json!({"hurry_ms": 1}), "").unwrap();
/// assert_eq!((server.thinking_ms, server.patience_ms), (LatencyMs(2.0), None));
/// let problem = decode::<Server>(&serde_json::json!({"thinking": 1}), "").unwrap_err();
/// assert_eq!(problem.help.as_deref(), Some("did you mean `thinking_ms`?"));
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __members {
    (
        $(#[$of_all:meta])*
        $visible:vis struct $name:ident {$(
            $(#[$of_one:meta])*
            $member_visible:vis $member:ident: $type:ty = $default:expr $(, unless $other:ident $(or $more:ident)*)?;
        )*}
    ) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields, remote = "Self")]
        $(#[$of_all])*
        $visible struct $name {$(
            $(#[$of_one])*
            $(
                #[doc = concat!("Null without `", stringify!($other), "`" $(, " and `", stringify!($more), "`")*, ": the default.")]
                #[serde(default)]
                #[schemars(extend("default" = $default, "x-unless" = [stringify!($other) $(, stringify!($more))*]))]
            )?
            $member_visible $member: $type,
        )*}

        impl Default for $name {
            fn default() -> Self {
                Self {$($member: $default),*}
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                #[allow(unused_mut, reason = "not every object has a member with `unless`")]
                let mut read = Self::deserialize(from)?;
                $($(
                    if read.$other.is_none() $(&& read.$more.is_none())* && read.$member.is_none() {
                        read.$member = $default;
                    }
                )?)*
                Ok(read)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, to)
            }
        }
    };
}

#[doc(inline)]
pub use __members as members;
