//! Latency from coordinates.

/// The mean radius of the earth, in km.
const EARTH_RADIUS_KM: f64 = 6371.0;

/// Light in fibre covers 200,000 km a second: 0.005 ms for each km.
pub(in crate::topology) const MS_PER_KM: f64 = 0.005;

/// The one-way latency, in milliseconds, of fibre laid straight between two places given as
/// (longitude, latitude) in degrees: the great-circle distance on a sphere of radius 6371 km
/// (haversine formula) at 200,000 km/s.
pub fn latency_ms(from: [f64; 2], to: [f64; 2]) -> f64 {
    let [[from_east, from_north], [to_east, to_north]] =
        [from, to].map(|place| place.map(f64::to_radians));
    let square = |angle: f64| {
        let sine = libm::sin(angle / 2.0);
        sine * sine
    };
    let share = square(to_north - from_north)
        + libm::cos(from_north) * libm::cos(to_north) * square(to_east - from_east);
    2.0 * EARTH_RADIUS_KM * libm::asin(share.min(1.0).sqrt()) * MS_PER_KM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_and_a_half_of_the_earth() {
        let quarter = std::f64::consts::FRAC_PI_2 * EARTH_RADIUS_KM * MS_PER_KM;
        assert!((latency_ms([0.0, 0.0], [90.0, 0.0]) - quarter).abs() < 1e-9);
        assert!((latency_ms([10.0, 90.0], [77.0, 0.0]) - quarter).abs() < 1e-9);
        assert!((latency_ms([0.0, -90.0], [0.0, 90.0]) - 2.0 * quarter).abs() < 1e-9);
        assert!((latency_ms([179.0, 0.0], [-179.0, 0.0]) - quarter / 45.0).abs() < 1e-9);
    }
}
