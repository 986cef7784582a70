//! What columns are usually called, and what such names and data say.
//!
//! This module does *not* know which columns a file has.

use crate::topology::options::LengthUnit;

/// The words of a name, in small letters: `geoLat`, `geo_lat` and `Geo Lat` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for letter in name.chars() {
        let ends = !letter.is_alphanumeric() || (letter.is_uppercase() && before_small);
        if ends && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        before_small = letter.is_lowercase();
        if let Some(word) = words.last_mut()
            && letter.is_alphanumeric()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

pub(super) const LONGITUDES: [&str; 4] = ["longitude", "lon", "lng", "long"];
pub(super) const LATITUDES: [&str; 2] = ["latitude", "lat"];

/// Whether a name says one of `wanted`, and otherwise only what places are called.
pub(super) fn says(name: &str, wanted: &[&str]) -> bool {
    let besides = [
        "geo", "gps", "pos", "position", "coord", "node", "deg", "degrees", "wgs84",
    ];
    let words = words(name);
    let (hits, others): (Vec<_>, Vec<_>) = words
        .iter()
        .partition(|word| wanted.contains(&word.as_str()));
    hits.len() == 1 && others.iter().all(|word| besides.contains(&word.as_str()))
}

pub(super) fn looks_like_place(name: &str) -> bool {
    says(name, &LONGITUDES) || says(name, &LATITUDES)
}

/// Whether a name says that both coordinates are in it: `pos`, `coordinates`.
pub(super) fn looks_like_both(name: &str) -> bool {
    let wanted = [
        "pos",
        "position",
        "coord",
        "coords",
        "coordinate",
        "coordinates",
        "location",
        "point",
        "geo",
        "gps",
        "place",
        "latlon",
        "latlng",
        "lonlat",
        "lnglat",
    ];
    let words = words(name);
    let both = [&LONGITUDES[..], &LATITUDES[..]]
        .iter()
        .all(|wanted| words.iter().any(|word| wanted.contains(&word.as_str())));
    both || (words.len() == 1 && wanted.contains(&words[0].as_str()))
}

/// Whether a text is two numbers: `3.1,50.6`, `[3.1; 50.6]`, `POINT (3.1 50.6)`.
pub(super) fn is_pair(text: &str) -> bool {
    let text = text
        .trim()
        .trim_start_matches(|letter: char| letter.is_alphabetic());
    let fields = text.split(|letter: char| ",;()[]{}".contains(letter) || letter.is_whitespace());
    let fields: Vec<&str> = fields.filter(|field| !field.is_empty()).collect();
    fields.len() == 2 && fields.iter().all(|field| field.parse::<f64>().is_ok())
}

/// The names that latencies have, most usual first, then lengths of no certain unit, then ways.
pub(super) const LATENCIES: [&str; 12] = [
    "latency",
    "delay",
    "linklatency",
    "linkdelay",
    "edgelatency",
    "edgedelay",
    "propagationdelay",
    "propagationlatency",
    "propdelay",
    "onewaydelay",
    "onewaylatency",
    "owd",
];
pub(super) const LENGTHS: [&str; 4] = ["length", "len", "linklength", "edgelength"];
pub(super) const WAYS: [&str; 6] = [
    "dist",
    "distance",
    "linkdistance",
    "edgedistance",
    "geodistance",
    "haversine",
];
pub(super) const WEIGHTS: [&str; 1] = ["weight"];

/// A name without the unit at its end, and that unit.
pub(super) fn base_and_unit(name: &str) -> (String, Option<LengthUnit>) {
    let mut words = words(name);
    let unit = words.last().and_then(|word| LengthUnit::from_word(word));
    if words.len() > 1 && unit.is_some() {
        words.pop();
        // `length in km`.
        if words.len() > 1 && words.last().is_some_and(|word| word == "in") {
            words.pop();
        }
        return (words.concat(), unit);
    }
    (words.concat(), None)
}

/// Whether a name may be that of lengths, however unusual.
pub(super) fn looks_like_length(name: &str) -> bool {
    let (base, unit) = base_and_unit(name);
    let parts = ["latenc", "delay", "dist", "length", "rtt"];
    let whole = [
        "len", "weight", "cost", "metric", "km", "ms", "miles", "meters", "metres", "owd", "igp",
        "ospf", "isis", "time", "duration", "dur", "dly", "lat", "ping", "w", "d", "value",
    ];
    let says = |word: &String| {
        // `weight2` is one of several weights.
        let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        whole.contains(&word)
    };
    unit.is_some_and(|unit| unit != LengthUnit::M && unit != LengthUnit::S)
        || parts.iter().any(|part| base.contains(part))
        || ["cost", "weight"].iter().any(|end| base.ends_with(end))
        || words(name).iter().any(says)
}

/// Whether a text is meant to be a number, though it may be none: `80,5`, `~80`, `< 1`, `-3`.
pub(super) fn is_like_number(text: &str) -> bool {
    let text = text
        .trim_start_matches(|letter: char| "~<>=≈≤≥+-.".contains(letter) || letter.is_whitespace());
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// A length as a datum tells it, with its unit if it tells that: `12.5`, `5ms`, `40 km`. May be
/// negative, infinite or no number (`nan`).
pub(super) fn length_of(text: &str) -> Option<(f64, Option<LengthUnit>)> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some((number, None));
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic());
    let unit = LengthUnit::from_word(&text[digits.len()..].to_lowercase())?;
    Some((digits.trim_end().parse().ok()?, Some(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_units_and_places() {
        let unit = |name| base_and_unit(name);
        assert_eq!(unit("latency_ms"), ("latency".into(), Some(LengthUnit::Ms)));
        assert_eq!(
            unit("distanceKm"),
            ("distance".into(), Some(LengthUnit::Km))
        );
        assert_eq!(unit("Length (mi)"), ("length".into(), Some(LengthUnit::Mi)));
        assert_eq!(unit("link-delay"), ("linkdelay".into(), None));
        assert_eq!(
            unit("length in km"),
            ("length".into(), Some(LengthUnit::Km))
        );
        assert_eq!(unit("m"), ("m".into(), None));
        for name in ["Longitude", "lon", "geo_lng", "nodeLong", "LON_deg"] {
            assert!(says(name, &LONGITUDES), "{name}");
        }
        for name in ["x", "along", "long_name", "lat_lon"] {
            assert!(!says(name, &LONGITUDES), "{name}");
        }
    }

    #[test]
    fn what_may_be_a_length_or_a_place_is_seen() {
        for name in [
            "igp_metric",
            "OSPFCost",
            "w0",
            "travelTime",
            "geodist",
            "fiber_km",
            "lat",
        ] {
            assert!(looks_like_length(name), "{name}");
        }
        for name in ["LinkSpeed", "bandwidth", "mapping", "id", "key"] {
            assert!(!looks_like_length(name), "{name}");
        }
        for name in ["pos", "Coordinates", "lat_lon"] {
            assert!(looks_like_both(name), "{name}");
        }
        assert!(!looks_like_both("position in rack"));
        for text in ["3.1,50.6", " [3.1; -50]", "POINT (3.1 50.6)"] {
            assert!(is_pair(text), "{text}");
        }
        for text in ["3.1", "3,1,50,6", "Lille, France", ""] {
            assert!(!is_pair(text), "{text}");
        }
        for text in ["80,5", "~80", "< 1", "-3", ".5"] {
            assert!(is_like_number(text), "{text}");
        }
        for text in ["n/a", "", "-", "fast"] {
            assert!(!is_like_number(text), "{text}");
        }
    }

    #[test]
    fn data_may_tell_their_unit() {
        assert_eq!(length_of(" 12.5 "), Some((12.5, None)));
        assert_eq!(length_of("5ms"), Some((5.0, Some(LengthUnit::Ms))));
        assert_eq!(length_of("40 KM"), Some((40.0, Some(LengthUnit::Km))));
        assert!(length_of("NaN").unwrap().0.is_nan());
        for text in ["", "far", "5 apples", "ms", "1e"] {
            assert_eq!(length_of(text), None, "{text}");
        }
    }
}
