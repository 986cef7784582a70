//! How the original tells stub domains apart: by comparing labels in memory.
//!
//! It looks for the last full stop of the second label within the length of the first one. Where
//! the second label is shorter, it so reads on into the label that lies behind it in memory, and
//! may take two stub domains for one. Labels lie in blocks of the GraphBase's string storage.

use crate::topology::Router;

/// The size of one block of strings, in bytes.
const BLOCK_BYTES: usize = 1016;

/// Where labels lie in memory.
#[derive(Debug)]
pub(super) struct Labels {
    /// For each router, the router whose label follows its own in the same block.
    next: Vec<Option<u32>>,
}

impl Labels {
    /// The labels of `routers`, stored in the order of the numbers in `stored`.
    pub(super) fn of(routers: &[Router], stored: &[u32]) -> Self {
        let mut next = vec![None; routers.len()];
        let mut last: Option<u32> = None;
        let mut used = BLOCK_BYTES;
        for &router in stored {
            // A byte of value 0 ends each label.
            let size = routers[router as usize].label.len() + 1;
            if used + size <= BLOCK_BYTES {
                if let Some(last) = last {
                    next[last as usize] = Some(router);
                }
                used += size;
            } else {
                used = size;
            }
            last = Some(router);
        }
        Self { next }
    }

    /// Whether the original takes the stub routers `a` and `b` to be in different stub domains.
    pub(super) fn differ(&self, routers: &[Router], a: usize, b: usize) -> bool {
        let name = |router: usize| routers[router].label.bytes();
        let first: Vec<u8> = name(a).collect();
        let mut memory: Vec<u8> = name(b).chain([0]).collect();
        if let Some(next) = self.next[b] {
            memory.extend(name(next as usize).chain([0]));
        }
        memory.truncate(first.len() + 1);
        let last_stop = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'.');
        let compared = last_stop(&first).min(last_stop(&memory)).unwrap_or(0);
        first[..compared] != memory[..compared]
    }
}
