//! Curves that are the combinations of two axes: one is told by colour, the other by dash and marker.
//!
//! It does *not* know what the axes are.

use super::palette::MARKED_MAX;

/// The places of the `combinations` of two axes with `counts` values, if all of them occur and those of the second
/// axis can be told apart by dash and marker. There are none for other combinations.
pub(super) fn of(combinations: &[Vec<usize>], counts: &[usize]) -> Vec<[usize; 2]> {
    let &[first, second] = counts else {
        return Vec::new();
    };
    let is_whole = combinations.len() == first * second;
    if !is_whole || first < 2 || !(2..=MARKED_MAX).contains(&second) {
        return Vec::new();
    }
    let pair = |combination: &Vec<usize>| [combination[0], combination[1]];
    combinations.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_combinations_of_two_axes_are_pairs() {
        let all = [[0, 0], [0, 1], [1, 0], [1, 1]].map(Vec::from);
        assert_eq!(of(&all, &[2, 2]), [[0, 0], [0, 1], [1, 0], [1, 1]]);
        assert!(of(&all[..3], &[2, 2]).is_empty());
        assert!(of(&[vec![0], vec![1]], &[2]).is_empty());
        let many: Vec<Vec<usize>> = (0..18).map(|i| vec![i / 9, i % 9]).collect();
        assert!(of(&many, &[2, 9]).is_empty());
    }
}
