//! Asking the processor for memory before it is needed, without waiting for it.
//!
//! The only `unsafe` code of the project, because the instruction takes a pointer. Where units or
//! pending events outgrow the processor's caches, an event would wait for memory two or three
//! times; asked for a little ahead, the memory is there when the event's turn comes. What is asked
//! for is never read here, so nothing depends on it: results are the same with and without. This
//! module does *not* know what lies in that memory. `CONTRIBUTING.md` has the command that runs its
//! tests under Miri.

/// Bytes in a cache line, on the processors of our time.
const LINE: usize = 64;

/// Asks for the first two cache lines of `place`: for all of a small value, wherever in a line it
/// begins.
#[inline]
pub fn prefetch<T>(place: &T) {
    let start = std::ptr::from_ref(place);
    prefetch_line(start.cast());
    if size_of::<T>() > align_of::<T>().min(LINE) {
        let last = size_of::<T>().min(LINE + 1) - 1;
        prefetch_line(start.cast::<u8>().wrapping_add(last));
    }
}

/// Asks for all of `place`.
#[inline]
pub fn prefetch_all<T>(place: &T) {
    let start = std::ptr::from_ref(place).cast::<u8>();
    let bytes = (0..size_of::<T>()).step_by(LINE);
    bytes.for_each(|offset| prefetch_line(start.wrapping_add(offset)));
}

/// Asks for the cache line of `address`, which may be invalid.
#[inline]
#[allow(unsafe_code, reason = "the instruction takes a pointer")]
fn prefetch_line(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the instruction is part of every x86-64 processor. It is a hint: it reads nothing that
    // the program could see, changes nothing, and does not fault on any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    // Elsewhere the standard library offers no stable hint: memory is waited for.
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_changes_nothing() {
        let values = [[7_u8; 200]; 3];
        for value in &values {
            prefetch(value);
            prefetch_all(value);
        }
        prefetch(&());
        prefetch(&1_u8);
        prefetch_all(&());
        assert_eq!(values, [[7; 200]; 3]);
    }
}
