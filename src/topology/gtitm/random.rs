//! The two random number generators of the original, and its way to spread sizes.
//!
//! This module does *not* know what is drawn. The simulator's own draws ([`crate::random`]) are
//! keyed; these are sequences, because the original's graphs depend on the order of its draws.

use super::Placement;

/// The main generator: `gb_flip` of the Stanford GraphBase (Knuth, 1993), which is the lagged
/// Fibonacci generator x(n) = x(n−24) − x(n−55) mod 2³¹.
#[derive(Debug, Clone)]
pub(super) struct Flip {
    /// The array of 55 numbers below 2³¹; element 0 is unused, as the original counts from 1.
    state: [u32; 56],
    /// The index delivered next; 0 when a new cycle is due.
    next: usize,
}

/// All arithmetic of `gb_flip` is modulo 2³¹.
const MODULUS_MASK: u32 = 0x7FFF_FFFF;

/// The difference modulo 2³¹.
fn minus(x: u32, y: u32) -> u32 {
    x.wrapping_sub(y) & MODULUS_MASK
}

impl Flip {
    /// The generator started by `seed`, of which only the low 31 bits count.
    pub(super) fn new(seed: i64) -> Self {
        let mut state = [0; 56];
        let mut seed = seed as u32 & MODULUS_MASK;
        let mut previous = seed;
        let mut next = 1;
        state[55] = seed;
        let mut i = 21;
        while i != 0 {
            state[i] = next;
            next = minus(previous, next);
            seed = (seed >> 1) + if seed & 1 == 1 { 1 << 30 } else { 0 };
            next = minus(next, seed);
            previous = state[i];
            i = (i + 21) % 55;
        }
        let mut flip = Self { state, next: 54 };
        for _ in 0..5 {
            flip.cycle();
        }
        flip
    }

    fn cycle(&mut self) {
        for i in 1..=24 {
            self.state[i] = minus(self.state[i], self.state[i + 31]);
        }
        for i in 25..=55 {
            self.state[i] = minus(self.state[i], self.state[i - 24]);
        }
    }

    /// The next number, from 0 to 2³¹ − 1.
    pub(super) fn next(&mut self) -> u32 {
        if self.next == 0 {
            self.cycle();
            self.next = 55;
        }
        let value = self.state[self.next];
        self.next -= 1;
        value
    }

    /// The next number modulo `n` (`n` ≥ 1). Consumes a number even for `n` = 1.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    /// The next number as a fraction; 1 is possible.
    pub(super) fn unit(&mut self) -> f64 {
        f64::from(self.next()) / f64::from(MODULUS_MASK)
    }
}

/// The C library's `random()` in the state in which a process finds it: the second generator of
/// the original, which never seeds it. It places stub domains, and goes on from graph to graph.
#[derive(Debug, Clone)]
pub struct PlacementRandom {
    state: [u32; 31],
    front: usize,
    back: usize,
}

impl PlacementRandom {
    /// The generator at the start of a process.
    pub fn new(placement: Placement) -> Self {
        let mut state = [1_u32; 31];
        for i in 1..31 {
            let last = state[i - 1];
            state[i] = match placement {
                Placement::Glibc => (16_807 * u64::from(last) % 0x7FFF_FFFF) as u32,
                Placement::Bsd => last.wrapping_mul(1_103_515_245).wrapping_add(12_345),
            };
        }
        let mut random = Self {
            state,
            front: 3,
            back: 0,
        };
        for _ in 0..310 {
            random.next();
        }
        random
    }

    /// The next number, from 0 to 2³¹ − 1.
    pub(super) fn next(&mut self) -> u32 {
        let sum = self.state[self.front].wrapping_add(self.state[self.back]);
        self.state[self.front] = sum;
        self.front = (self.front + 1) % 31;
        self.back = (self.back + 1) % 31;
        sum >> 1
    }
}

/// `size` numbers ≥ 1 (all 0 if `mean` is 0) whose mean is exactly `mean`: `moves` times one is
/// taken from a random element and given to another.
pub(super) fn randomize(flip: &mut Flip, size: usize, mean: usize, moves: usize) -> Vec<usize> {
    let mut sizes = vec![mean; size];
    if size < 2 {
        return sizes;
    }
    for _ in 0..moves {
        let from = flip.below(size);
        if sizes[from] > 1 {
            sizes[from] -= 1;
            sizes[flip.below(size)] += 1;
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first<const N: usize>(seed: i64) -> [u32; N] {
        let mut flip = Flip::new(seed);
        [(); N].map(|()| flip.next())
    }

    #[test]
    fn flip_gives_the_published_numbers() {
        assert_eq!(
            first(47),
            [
                704_410_307,
                1_488_666_437,
                1_054_440_798,
                1_329_426_296,
                683_637_359,
                1_741_996_651
            ]
        );
        assert_eq!(first::<1000>(47)[999], 346_800_132);
        assert_eq!(
            first(417_890_326),
            [1_083_250_033, 596_287_242, 137_987_599, 1_088_995_319]
        );
        assert_eq!(first(1), [275_547_501, 20_608_703, 63_752_066]);
        // Knuth's own test of gb_flip.
        assert_eq!(first(-314_159), [119_318_998, 1_301_097_714]);
    }

    #[test]
    fn only_the_low_31_bits_of_a_seed_count() {
        assert_eq!(first::<60>(47), first::<60>(47 + (1 << 31)));
        assert_eq!(first::<60>(-314_159), first::<60>((1 << 31) - 314_159));
        assert_eq!(first::<60>(0), first::<60>(i64::MIN));
    }

    #[test]
    fn random_gives_the_numbers_of_both_c_libraries() {
        let first = |placement| {
            let mut random = PlacementRandom::new(placement);
            [(); 4].map(|()| random.next())
        };
        assert_eq!(
            first(Placement::Glibc),
            [1_804_289_383, 846_930_886, 1_681_692_777, 1_714_636_915]
        );
        assert_eq!(
            first(Placement::Bsd),
            [2_078_917_053, 143_302_914, 1_027_100_827, 1_953_210_302]
        );
    }

    #[test]
    fn randomize_spreads_as_the_original_does() {
        let spread = |seed| randomize(&mut Flip::new(seed), 4, 3, 12);
        assert_eq!(spread(47), [4, 4, 3, 1]);
        assert_eq!(spread(48), [1, 5, 5, 1]);
        assert_eq!(spread(1), [3, 2, 2, 5]);
    }

    #[test]
    fn randomize_draws_nothing_where_nothing_can_move() {
        let mut flip = Flip::new(5);
        let untouched = flip.clone().next();
        assert_eq!(randomize(&mut flip, 1, 9, 3), [9]);
        assert!(randomize(&mut flip, 0, 9, 3).is_empty());
        assert_eq!(flip.clone().next(), untouched);
        // With a mean of 1 each move draws once, and never the receiver.
        assert_eq!(randomize(&mut flip, 2, 1, 6), [1, 1]);
        assert_eq!(flip.next(), first::<7>(5)[6]);
    }
}
