//! Checks of credentials: how many, what they showed, and how soon revocations take effect.
//!
//! It does *not* know who checks, nor what follows from it.

use std::collections::BTreeMap;

use super::{CredentialStatus, Mechanism};
use crate::measure::{Cell, Named, absent};
use crate::time::Span;
use crate::unit::UnitId;

/// What is observed of the checks of a run.
#[derive(Debug, Default)]
pub(super) struct Checks {
    counts: BTreeMap<CredentialStatus, u64>,
    /// When each revoked credential was refused for the first time.
    refused: BTreeMap<UnitId, Span>,
}

impl Checks {
    /// A check of the credential of `unit` has shown `status`.
    pub(super) fn add(&mut self, at: Span, unit: UnitId, status: CredentialStatus) {
        *self.counts.entry(status).or_default() += 1;
        if status == CredentialStatus::Revoked {
            let first = self.refused.entry(unit).or_insert(at);
            *first = at.min(*first);
        }
    }

    /// Takes in what was observed in another part of the run.
    pub(super) fn merge(&mut self, other: Self) {
        for (status, count) in other.counts {
            *self.counts.entry(status).or_default() += count;
        }
        for (unit, at) in other.refused {
            let first = self.refused.entry(unit).or_insert(at);
            *first = at.min(*first);
        }
    }

    /// The cells of the columns, of a run in which `issued` requests were issued.
    pub(super) fn cells<M: Mechanism>(&self, mechanism: &M, issued: u64) -> Vec<Named> {
        if !mechanism.features().trusts {
            return absent([
                "checks_per_request",
                "refused_forged",
                "refused_expired",
                "refused_revoked",
                "refused_ratio",
                "revocation_s_mean",
            ])
            .into();
        }
        let all = self.counts.values().sum();
        let reasons = [
            CredentialStatus::Forged,
            CredentialStatus::Expired,
            CredentialStatus::Revoked,
        ];
        let counts = reasons.map(|status| self.counts.get(&status).copied().unwrap_or(0));
        let refused = Cell::ratio(counts.iter().sum(), all);
        let [forged, expired, revoked] = counts.map(Cell::Count);
        let waits = self.refused.iter().filter_map(|(unit, at)| {
            let revoked = mechanism.crossings().revoked_at(unit.index())?;
            Some(at.saturating_sub(revoked).as_ns() as f64 / 1e9)
        });
        let waits: Vec<f64> = waits.collect();
        let mean = (!waits.is_empty()).then(|| waits.iter().sum::<f64>() / waits.len() as f64);
        vec![
            ("checks_per_request", Cell::ratio(all, issued)),
            ("refused_forged", forged),
            ("refused_expired", expired),
            ("refused_revoked", revoked),
            ("refused_ratio", refused),
            ("revocation_s_mean", mean.into()),
        ]
    }
}
