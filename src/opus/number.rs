//! The numbers of the utility service that carry their range in their type.
//!
//! This module does *not* know how a number is read, nor what it is for.

use crate::opus::tracking::message::CLUSTER_MAX;
use crate::parameters::number::whole;

whole! {
    /// A count of nodes all pairs of which are looked at.
    Nodes(u32): 2..=20_000
}
/// The greatest count of trees over the same nodes.
pub const TREES_MAX: u8 = 3;
whole! {
    /// A count of trees over the same nodes.
    Trees(u8): 1..=TREES_MAX
}
whole! {
    /// How many quantities a node tracks.
    Quantities(u16): 1..=256
}
whole! {
    /// How many nodes are in a cluster at most.
    ClusterSize(u32): 4..=CLUSTER_MAX
}
whole! {
    /// How many children a node of a tree takes at most; with one the tree would be a chain.
    Degree(u32): 2..=u32::MAX
}
whole! {
    /// A count of things that are alike.
    Thousand(u32): 1..=1000
}
whole! {
    /// A count of regions.
    Regions(u32): 1..=100
}
whole! {
    /// The number of a region, from 0.
    Region(u32): 0..=1_000_000
}
whole! {
    /// How many replicas must be up at once.
    Quorum(u32): 1..=16
}
