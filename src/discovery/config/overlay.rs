//! The overlay when requests begin, by terms and rules of the colony calculus.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know which units there are, nor the rules.

use super::{Disconnection, DisconnectionMode, World};
use crate::calculus::{Rule, uncommented};
use crate::parameters::number::{Fraction, NonNegative};
use crate::parameters::{Problem, members};

members! {
    /// The overlay when requests begin, by the colony calculus: broker 3 is `B3` and GCU 5 is `g5`. Who is free
    /// in the end is disconnected.
    pub struct Overlay {
        /// A term of all brokers and GCUs; null: the complete overlay.
        pub term: Option<String> = None;
        /// Labels that are applied to it one after another, such as `leave g5 B3` or `unregister B3 B0`. Those with times come
        /// last and while requests run, such as `12.5s leave g5 B3` or `20s fail B3`.
        pub script: Vec<String> = Vec::new();
        /// Then, the fraction of the free GCUs that join a colony of their domain: their own, if they can.
        pub join_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the GCUs that are members of a colony and leave it.
        pub leave_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the free brokers whose colony is registered with another one of its domain: their own super-broker's,
        /// if it can be.
        pub register_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the brokers whose colony is a member of another one and is unregistered.
        pub unregister_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the free GCUs and brokers that go to a colony of another domain.
        pub migrate_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the members of colonies, GCUs and brokers, that go to another colony.
        pub move_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the brokers that fail; they crash as the requests begin.
        pub fail_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the failed brokers that come back.
        pub restart_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the members of colonies, GCUs and brokers, that are logged out by force.
        pub fire_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the brokers whose colony is linked to one of another domain.
        pub link_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the links that are cut.
        pub unlink_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the GCUs and brokers that are registered with a colony of another domain by a friend.
        pub friend_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the GCUs and brokers that are registered with a colony of another domain by a clone.
        pub clone_rate: Fraction = Fraction(0.0);
        /// Then, the fraction of the tunnels that are closed.
        pub close_rate: Fraction = Fraction(0.0);
        /// How many times a second each rule is applied while requests run.
        pub rates_per_s: RatesPerS = RatesPerS::default();
    }
}

members! {
    /// How many times a second each rule is applied while requests run, at the instants of a Poisson process: each time to one of those
    /// to whom it can be applied then, all alike. It is left out when there are none.
    pub struct RatesPerS {
        /// A free GCU joins a colony of its domain: its own, if it can.
        pub join: NonNegative = NonNegative(0.0);
        /// A GCU leaves its colony.
        pub leave: NonNegative = NonNegative(0.0);
        /// A free broker's colony is registered with another one of its domain: its own super-broker's, if it can be.
        pub register: NonNegative = NonNegative(0.0);
        /// A broker's colony is unregistered.
        pub unregister: NonNegative = NonNegative(0.0);
        /// A free GCU or broker goes to a colony of another domain.
        pub migrate: NonNegative = NonNegative(0.0);
        /// A GCU or broker goes from its colony to another one.
        pub r#move: NonNegative = NonNegative(0.0);
        /// The colonies of two brokers of different domains are linked.
        pub link: NonNegative = NonNegative(0.0);
        /// A link is cut.
        pub unlink: NonNegative = NonNegative(0.0);
        /// A broker fails.
        pub fail: NonNegative = NonNegative(0.0);
        /// A broker that has failed comes back.
        pub restart: NonNegative = NonNegative(0.0);
        /// A GCU or broker is logged out by force.
        pub fire: NonNegative = NonNegative(0.0);
        /// A GCU that is a member of a colony is registered with one of another domain by a friend.
        pub friend: NonNegative = NonNegative(0.0);
        /// A GCU that is a member of a colony is registered with one of another domain by a clone.
        pub clone: NonNegative = NonNegative(0.0);
        /// A tunnel is closed.
        pub close: NonNegative = NonNegative(0.0);
    }
}

impl RatesPerS {
    /// The rules that can be applied while requests run, at a rate or by a script with times.
    pub fn rules() -> [Rule; 14] {
        Self::default().each().map(|(rule, _)| rule)
    }

    /// Of each rule.
    pub(in crate::discovery) fn each(&self) -> [(Rule, f64); 14] {
        [
            (Rule::Join, self.join),
            (Rule::Leave, self.leave),
            (Rule::Register, self.register),
            (Rule::Unregister, self.unregister),
            (Rule::Migrate, self.migrate),
            (Rule::Move, self.r#move),
            (Rule::Link, self.link),
            (Rule::Unlink, self.unlink),
            (Rule::Fail, self.fail),
            (Rule::Restart, self.restart),
            (Rule::Fire, self.fire),
            (Rule::Friend, self.friend),
            (Rule::Clone, self.clone),
            (Rule::Close, self.close),
        ]
        .map(|(rule, per_s)| (rule, per_s.0))
    }
}

impl Overlay {
    /// The rates, in the order in which they are applied: of which rule, how much, and what its member is called.
    pub(in crate::discovery) fn rates(&self) -> [(Rule, f64, &'static str); 14] {
        [
            (Rule::Join, self.join_rate, "join_rate"),
            (Rule::Leave, self.leave_rate, "leave_rate"),
            (Rule::Register, self.register_rate, "register_rate"),
            (Rule::Unregister, self.unregister_rate, "unregister_rate"),
            (Rule::Migrate, self.migrate_rate, "migrate_rate"),
            (Rule::Move, self.move_rate, "move_rate"),
            (Rule::Fail, self.fail_rate, "fail_rate"),
            (Rule::Restart, self.restart_rate, "restart_rate"),
            (Rule::Fire, self.fire_rate, "fire_rate"),
            // Links and tunnels last, for the tree that is there then.
            (Rule::Link, self.link_rate, "link_rate"),
            (Rule::Unlink, self.unlink_rate, "unlink_rate"),
            (Rule::Friend, self.friend_rate, "friend_rate"),
            (Rule::Clone, self.clone_rate, "clone_rate"),
            (Rule::Close, self.close_rate, "close_rate"),
        ]
        .map(|(rule, rate, member)| (rule, rate.0, member))
    }

    /// The labels of its script: the number of each in the list, its time, if it has one, and its text. Comments, and what is
    /// empty without them, count for nothing.
    pub(in crate::discovery) fn steps(&self) -> impl Iterator<Item = (usize, Option<&str>, &str)> {
        self.script.iter().enumerate().filter_map(|(number, text)| {
            let text = uncommented(text).trim_ascii();
            let is_time = text.starts_with(|letter: char| letter.is_ascii_digit());
            let is_blank = |letter: char| letter.is_ascii_whitespace();
            let (time, label) = if is_time {
                let (time, label) = text.split_once(is_blank).unwrap_or((text, ""));
                (Some(time), label)
            } else {
                (None, text)
            };
            (!text.is_empty()).then_some((number, time, label))
        })
    }

    /// Whether something happens while requests run. Brokers that have failed before crash as these begin.
    pub(super) fn has_times(&self) -> bool {
        let mut rates = self.rates_per_s.each().into_iter();
        let is_timed = rates.any(|(_, per_s)| per_s > 0.0);
        is_timed || self.has_failures() || self.has_timed_labels()
    }

    /// Whether its script has labels with times.
    fn has_timed_labels(&self) -> bool {
        self.steps().any(|(_, time, _)| time.is_some())
    }

    /// Whether brokers have failed, or fail while requests run.
    pub fn has_failures(&self) -> bool {
        // Outside of comments it is nothing but that mark.
        let mut lines = self.term.iter().flat_map(|term| term.lines());
        lines.any(|line| uncommented(line).contains('!'))
            || self.applied(&[Rule::Fail.name()]).is_some()
    }

    /// Which one of the rules with these names it applies, at a rate or by its script, before the requests or while they run.
    pub(crate) fn applied<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let rates = self.rates().map(|(rule, rate, _)| (rule, rate));
        let is_at_rate = |name: &str| {
            let mut all = rates.iter().copied().chain(self.rates_per_s.each());
            all.any(|(rule, rate)| rate > 0.0 && rule.name() == name)
        };
        let is_label = |name: &str| {
            let mut labels = self.steps().map(|(.., label)| label);
            labels.any(|label| label.split_ascii_whitespace().next() == Some(name))
        };
        let mut names = names.iter().copied();
        names.find(|name| is_at_rate(name) || is_label(name))
    }

    /// Checks that nothing else disconnects units, nor lets them come and go if this does.
    pub(super) fn check(&self, world: &World, pointer: &str) -> Result<(), Problem> {
        let others = [
            ("sessions", world.sessions.is_some()),
            ("faults", world.faults.is_some()),
            (
                "classes",
                world
                    .classes
                    .iter()
                    .any(|it| matches!(it.sessions, Some(Some(_)))),
            ),
        ];
        let mut others = others.into_iter().filter(|(_, is_given)| *is_given);
        if let Some((other, _)) = others.next().filter(|_| self.has_times()) {
            let what = "`overlay` says already who comes and goes";
            let problem = Problem::new(format!("{pointer}/{other}"), what);
            return Err(problem.help(
                "leave out `rates_per_s`, the times of its script and failed brokers, or what lets units come and go besides",
            ));
        }
        let mut rates = self.rates_per_s.each().into_iter();
        if self.has_timed_labels() && rates.any(|(_, per_s)| per_s > 0.0) {
            let what = "labels with times in `script` say already what happens while requests run";
            let problem = Problem::new(format!("{pointer}/overlay/rates_per_s"), what);
            return Err(problem.help("leave out one of the two"));
        }
        Self::check_alone(&world.disconnection, pointer)
    }

    fn check_alone(disconnection: &Disconnection, pointer: &str) -> Result<(), Problem> {
        let problem = |member: &str, what: &str| {
            Problem::new(format!("{pointer}/disconnection/{member}"), what)
                .help("leave out `overlay`, or `disconnection`")
        };
        if disconnection.mode != DisconnectionMode::Unregister {
            let what =
                "with `overlay` units unregister, and brokers crash that have failed by its rules";
            return Err(problem("mode", what));
        }
        if disconnection.rate.0 > 0.0 {
            return Err(problem(
                "rate",
                "`overlay` says already who is disconnected",
            ));
        }
        Ok(())
    }
}
