//! The rules: what each is called, what it is about, its premises and its effect.
//!
//! The page `docs/calculus.md` states them as formulas. It does *not* know how a label is read.

use super::community::Community;
use super::effects;
use super::name::Name;
use super::premise::Premise as P;

/// What may stand at a place of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A computer.
    Computer,
    /// A broker.
    Broker,
    /// Any of them.
    Individual,
}

/// What is known of a rule.
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Its variables, and what each may be.
    pub(super) variables: &'static [(&'static str, Sort)],
    /// In the order in which they are checked.
    pub(super) premises: &'static [P],
    pub(super) effect: fn(&mut Community, &[Name]),
}

/// Makes [`Rule`] and all its definitions from a list in which each rule stands once: its name, its variables, what it says,
/// its premises, its effect.
macro_rules! define {
    ($($rule:ident $name:literal ($($variable:ident: $sort:ident),+), $about:literal:
        $($premise:ident $places:tt),+ => $effect:expr;)*) => {
        /// A rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = concat!("`", $name, "`: ", $about, ".")] $rule,)*
        }

        impl Rule {
            /// All rules, in their order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$rule),*];
        }

        /// All rules, in their order.
        static DEFINITIONS: [Definition; Rule::ALL.len()] = [$(Definition {
            name: $name,
            about: $about,
            variables: &[$((stringify!($variable), Sort::$sort)),+],
            premises: &[$(P::$premise $places),+],
            effect: $effect,
        }),*];
    };
}

define! {
    Join "join" (g: Computer, B: Broker), "a free computer joins a colony of its own domain":
        Free(0), Alive(1), SameDomain(0, 1), NoTunnel(0, 1) => effects::enter;
    Leave "leave" (g: Computer, B: Broker), "a computer leaves its colony":
        Member(0, 1), Alive(1), Idle(0), Intact(0, 1) => effects::free;
    Register "register" (A: Broker, B: Broker), "a free colony is registered with another one of its own domain":
        Free(0), Alive(1), Outside(0, 1), SameDomain(0, 1), NoTunnel(0, 1) => effects::enter;
    Unregister "unregister" (A: Broker, B: Broker), "a colony is unregistered":
        Member(0, 1), Alive(0), Alive(1), Idle(0) => effects::free;
    Migrate "migrate" (x: Individual, B: Broker),
        "a free individual goes to a colony of another domain, and into that domain":
        Free(0), Alive(1), Outside(0, 1), OtherDomain(0, 1), NoTunnel(0, 1) => effects::immigrate;
    Move "move" (x: Individual, A: Broker, B: Broker),
        "an individual goes from one colony to another, and into its domain":
        Member(0, 1), Distinct(1, 2), Alive(1), Alive(2), Idle(0), Intact(0, 1), Outside(0, 2), NoTunnel(0, 2)
        => effects::change_colony;
    Link "link" (A: Broker, B: Broker), "two colonies of different domains are linked":
        Distinct(0, 1), Alive(0), Alive(1), OtherDomain(0, 1), NoLink(0, 1) => effects::link;
    Unlink "unlink" (A: Broker, B: Broker), "the link of two colonies ends":
        Link(0, 1) => effects::unlink;
    Friend "friend" (x: Individual, B: Broker, f: Computer),
        "an individual is registered with a colony of another domain by a member of it":
        Alive(0), Alive(1), Outside(0, 1), OtherDomain(0, 1), Stranger(0, 1), NoTunnel(0, 1), Distinct(0, 2), Member(2, 1)
        => effects::tunnel;
    Clone "clone" (x: Individual, B: Broker),
        "an individual is registered with a colony of another domain by a clone that its leader has made":
        Alive(0), Alive(1), Outside(0, 1), OtherDomain(0, 1), Stranger(0, 1), NoTunnel(0, 1) => effects::tunnel;
    Close "close" (x: Individual, B: Broker), "a registration with a colony of another domain ends":
        Tunnel(0, 1), Idle(0) => effects::close;
    Begin "begin" (x: Individual), "a service is demanded by an individual, or of it":
        Alive(0), Led(0), Idle(0) => effects::begin;
    End "end" (x: Individual), "no service of an individual is pending any more":
        Busy(0) => effects::end;
    Fail "fail" (B: Broker), "a broker fails":
        Alive(0) => effects::fail;
    Restart "restart" (B: Broker), "a broker comes back, and has forgotten its colony and its leader":
        Faulty(0) => effects::restart;
    Desert "desert" (x: Individual, B: Broker), "a member leaves a colony whose leader has failed":
        Member(0, 1), Alive(0), Faulty(1) => effects::expel;
    Strike "strike" (A: Broker, B: Broker),
        "a leader that has failed is taken out of the colony to which its own belongs":
        Member(0, 1), Faulty(0) => effects::expel;
    Disappear "disappear" (B: Broker), "a colony whose leader has failed and that has no members disappears":
        Faulty(0), Free(0), Empty(0), Unused(0) => effects::disappear;
    Elect "elect" (A: Broker, B: Broker), "the leader of a subcolony takes the place of the leader that has failed":
        Member(0, 1), Alive(0), Faulty(1) => effects::elect;
    Fire "fire" (x: Individual, B: Broker), "a leader logs a member out by force, such as a free rider":
        Member(0, 1), Alive(0), Alive(1) => effects::expel;
    Cut "cut" (x: Individual, B: Broker), "a leader ends a registration from another domain by force":
        Tunnel(0, 1), Alive(1) => effects::close;
}

impl Rule {
    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Its name and its variables: `join g B`.
    pub(super) fn form(self) -> String {
        let Definition {
            name, variables, ..
        } = self.definition();
        let variables = variables.iter().map(|(variable, _)| format!(" {variable}"));
        variables.fold((*name).to_owned(), |form, variable| form + &variable)
    }

    /// Whether the second name is the leader of the first one.
    pub(super) fn is_about_leader(self) -> bool {
        self.definition().premises.contains(&P::Member(0, 1))
    }

    pub(super) fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }
}

/// A rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSummary {
    /// The form of its labels: `join g B`.
    pub form: String,
    /// What it says, as a sentence without a full stop.
    pub about: &'static str,
    /// Its premises, in the order in which they are checked: `free(g)`.
    pub premises: Vec<String>,
}

/// All rules in words.
pub fn rules() -> Vec<RuleSummary> {
    let summary = |rule: Rule| {
        let Definition {
            about,
            variables,
            premises,
            ..
        } = rule.definition();
        let premises = premises.iter();
        RuleSummary {
            form: rule.form(),
            about,
            premises: premises.map(|it| it.text(variables)).collect(),
        }
    };
    Rule::ALL.into_iter().map(summary).collect()
}
