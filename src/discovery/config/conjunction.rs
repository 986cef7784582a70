//! Requests for several things at once: what each part asks for, and what that means for a query.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who serves a part.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Descriptor, Matching};
use super::{Popularity, Requests, Services, World};
use crate::constraint::Constraint;
use crate::parameters::Problem;
use crate::parameters::number::{Count, ServiceNumber};
use crate::words::counted;

/// A part of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartOfRequest {
    /// The number of the service that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceNumber>,
    /// The constraint that it asks for, where services are constraints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// The number of instances that it asks for; it may exceed what there is.
    pub instances: Count,
    /// It is accepted if at least so many instances are found; null: all of them.
    #[serde(default)]
    pub at_least: Option<Count>,
}

impl PartOfRequest {
    /// How many instances are enough.
    pub fn enough(&self) -> u32 {
        self.at_least.unwrap_or(self.instances).0
    }
}

impl World {
    /// What the parts of every request ask for; nothing, if each asks for something that is drawn. `matching` has
    /// [`Self::constraints_of_parts`].
    pub(in crate::discovery) fn demands(
        &self,
        matching: &Matching,
    ) -> Result<Vec<Descriptor>, Problem> {
        if let Some(all) = matching.constraints() {
            let parts = self.constraints_of_parts()?;
            return Ok(parts.iter().filter_map(|part| all.find(part)).collect());
        }
        let parts = self.requests.parts().iter();
        let services = parts.filter_map(|part| part.service);
        Ok(services.map(|service| Descriptor(service.0)).collect())
    }

    /// The constraints that the parts of every request ask for, if they ask for constraints.
    ///
    /// # Errors
    /// If one is malformed or contradictory.
    pub(in crate::discovery) fn constraints_of_parts(&self) -> Result<Vec<Constraint>, Problem> {
        self.parsed("/system/*")
    }

    /// The constraints that the parts ask for, where the world's parameters stand at `pointer`.
    fn parsed(&self, pointer: &str) -> Result<Vec<Constraint>, Problem> {
        let Some(constraints) = &self.services.constraints else {
            return Ok(Vec::new());
        };
        let parts = self.requests.parts().iter().zip(0_u32..);
        let texts = parts.filter_map(|(part, number)| Some((part.constraint.as_ref()?, number)));
        let parsed = texts.map(|(text, number)| {
            let place = format!("{pointer}/requests/all/{number}/constraint");
            constraints.parse(text, &place)
        });
        parsed.collect()
    }
}

impl Requests {
    /// The parts of every request; none, if each asks for one service that is drawn.
    pub fn parts(&self) -> &[PartOfRequest] {
        self.all.as_deref().unwrap_or_default()
    }

    /// How many queries one request is: one for each part, unless one computer must serve all of them.
    pub fn queries(&self) -> u32 {
        if self.same {
            1
        } else {
            self.parts().len().max(1) as u32
        }
    }

    /// How many instances a request asks for, those of all parts together.
    pub fn instances_all(&self) -> u32 {
        let instances = self.instances.unwrap_or(Count(1)).0;
        match self.parts() {
            [] => instances,
            parts => parts.iter().map(|part| part.instances.0).sum(),
        }
    }

    /// How many agreements the query of a part asks for (of the first one, if nothing is said of parts): one for
    /// each instance, but where one computer must serve all parts, one for all of them.
    pub fn wanted(&self, part: usize) -> u32 {
        match self.parts().get(part) {
            Some(_) if self.same => 1,
            Some(part) => part.instances.0,
            None => self.instances_all(),
        }
    }

    /// How many of these are enough for it to be accepted.
    pub fn enough(&self, part: usize) -> u32 {
        match self.parts().get(part) {
            Some(_) if self.same => 1,
            Some(part) => part.enough(),
            None => self
                .at_least
                .map_or_else(|| self.instances_all(), |enough| enough.0),
        }
    }

    /// How many slots of a computer one agreement takes.
    pub fn slots_each(&self) -> u32 {
        if self.same { self.instances_all() } else { 1 }
    }

    /// What is said if it is left out.
    pub(super) fn complete(&mut self) {
        let enough = Count(self.enough(0));
        match &mut self.all {
            None => self.at_least = Some(enough),
            Some(parts) => {
                for part in parts {
                    part.at_least = Some(Count(part.enough()));
                }
            }
        }
    }
}

/// Whether the members that are about parts fit the others; the object stands at `pointer`.
pub(super) fn check(requests: &Requests, pointer: &str) -> Result<(), Problem> {
    let Some(parts) = &requests.all else {
        if requests.same {
            let what = "`same` is about the parts of `all`, which is not given";
            return Err(
                Problem::new(format!("{pointer}/same"), what).help("leave it out, or write `all`")
            );
        }
        return Ok(());
    };
    if parts.is_empty() {
        let what = "a request without parts asks for nothing";
        return Err(
            Problem::new(format!("{pointer}/all"), what).help("list its parts, or use null")
        );
    }
    if requests.instances.is_some() {
        return Err(super::not_one(pointer, ["all", "instances"], true));
    }
    if requests.at_least.is_some() {
        let what = "`at_least` stands in each part where `all` is given";
        return Err(
            Problem::new(format!("{pointer}/at_least"), what).help("move it into the parts")
        );
    }
    for (part, number) in parts.iter().zip(0..) {
        let place = format!("{pointer}/all/{number}/at_least");
        check_at_least(part.at_least, part.instances, &place)?;
    }
    let sum = parts
        .iter()
        .map(|part| u64::from(part.instances.0))
        .sum::<u64>();
    if sum > u64::from(u32::MAX) {
        let what = format!("{sum} instances of all parts are more than {}", u32::MAX);
        return Err(Problem::new(format!("{pointer}/all"), what).help("ask for fewer"));
    }
    Ok(())
}

/// A note that no computer can give all instances that it must, where none has enough slots.
pub(super) fn note(world: &World) -> Option<String> {
    let requests = &world.requests;
    let classes = || world.classes.iter().map(Some);
    let slots: Option<Vec<u32>> = if world.classes.is_empty() {
        world.slots(None).map(|slots| vec![slots])
    } else {
        classes().map(|class| world.slots(class)).collect()
    };
    let most = slots?.into_iter().max()?;
    let wanted = requests.instances_all();
    (requests.same && wanted > most).then(|| {
        let slots = counted(most.into(), "slot");
        format!(
            "no request can be accepted, since with `same` one GCU must give all {wanted} instances, and none has more \
             than {slots}"
        )
    })
}

/// Whether no more are enough than are asked for; the member stands at `pointer`.
pub(super) fn check_at_least(
    at_least: Option<Count>,
    instances: Count,
    pointer: &str,
) -> Result<(), Problem> {
    let (at_least, instances) = (at_least.unwrap_or(instances).0, instances.0);
    if at_least <= instances {
        return Ok(());
    }
    let what = format!("{at_least} instances are more than the {instances} asked for");
    Err(Problem::new(pointer, what).help("lower it, or raise `instances`"))
}

/// Whether what the parts ask for exists, and one computer can give what it must; the world stands at `pointer`.
pub(super) fn check_services(world: &World, pointer: &str) -> Result<(), Problem> {
    let Services {
        constraints,
        instances,
        popularity,
        ..
    } = &world.services;
    let requests = &world.requests;
    world.parsed(pointer)?;
    if requests.all.is_some() && *popularity != Popularity::Uniform {
        let what =
            "the parts of `requests.all` say what is asked for, so nothing is drawn by popularity";
        return Err(
            Problem::new(format!("{pointer}/services/popularity"), what).help("use \"uniform\"")
        );
    }
    for (part, number) in requests.parts().iter().zip(0..) {
        let here = format!("{pointer}/requests/all/{number}");
        let place = |member: &str| format!("{here}/{member}");
        let by_constraint = constraints.is_some();
        check_asked(part, by_constraint, &here)?;
        let count = world.services.kinds();
        if let Some(ServiceNumber(service)) = part.service.filter(|service| service.0 >= count) {
            let what = format!("there is no service {service}: there are {count}, numbered from 0");
            let problem = Problem::new(place("service"), what);
            return Err(problem.help(format!("use at most {}", count.saturating_sub(1))));
        }
        let asked = part.instances.0;
        if requests.same && asked > instances.0 {
            let what = format!(
                "{asked} instances are more than one computer offers, {}",
                instances.0
            );
            let problem = Problem::new(place("instances"), what);
            return Err(problem.help("lower it, raise `services.instances`, or leave `same` out"));
        }
    }
    Ok(())
}

/// Whether a part asks for what is offered: a service, or a constraint; it stands at `pointer`.
fn check_asked(part: &PartOfRequest, by_constraint: bool, pointer: &str) -> Result<(), Problem> {
    let given = [part.service.is_some(), part.constraint.is_some()];
    let members = if by_constraint {
        ["constraint", "service"]
    } else {
        ["service", "constraint"]
    };
    if given == [!by_constraint, by_constraint] {
        return Ok(());
    }
    if given[0] == given[1] {
        let problem = super::not_one(pointer, members, given[0]);
        let [wanted, other] = members;
        return Err(problem.help(if given[0] {
            format!("keep `{wanted}`, and leave `{other}` out")
        } else {
            format!("write `{wanted}`")
        }));
    }
    let what = if by_constraint {
        "services are constraints here, and have no numbers"
    } else {
        "services are numbers here: there is no `services.constraints`"
    };
    let problem = Problem::new(format!("{pointer}/{}", members[1]), what);
    Err(problem.help(format!("write `{}` instead", members[0])))
}
