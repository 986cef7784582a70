//! A computer where packets get lost.
//!
//! It does *not* know what they carry.

use super::Gcu;
use crate::arigatoni::Context;
use crate::arigatoni::link::{Happening, Retransmission};
use crate::arigatoni::message::ArigatoniProtocol;
use crate::arigatoni::policy::{Given, Policy};
use crate::unit::Input;

impl Gcu {
    /// Does what [`Self::handle`] does where packets get lost. Out of line, since it would only slow down runs
    /// in which none are.
    #[cold]
    pub(super) fn handle_packets<P: Policy>(
        &mut self,
        rules: Retransmission,
        given: &Given<P>,
        input: Input<ArigatoniProtocol>,
        context: &mut Context<'_>,
    ) {
        let mut links = std::mem::take(&mut self.rare().links);
        links.handle(
            input,
            rules,
            context,
            |happening, context| match happening {
                Happening::Input(input) if given.rules.has_detours() => {
                    self.act_with_detours(given, input, context);
                }
                Happening::Input(input) => self.act(given, input, context),
                Happening::Silent(peer) => self.detoured(given, context, |it, context| {
                    it.lose_carrier(peer, given, context);
                    it.lose(peer, given, context);
                }),
                Happening::Restarted(peer) => {
                    if self.membership.declares_to(peer) {
                        self.register(given, context);
                    }
                }
            },
        );
        self.rare().links = links;
    }
}
