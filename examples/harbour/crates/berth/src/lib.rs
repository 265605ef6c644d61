//! Finds each ship a berth that is long enough, free, and deep enough at the lowest water of its stay.

use tide::Tide;

/// Water that must be left under a keel, in centimetres.
pub const UNDER_KEEL: i32 = if cfg!(feature = "cautious") { 100 } else { 50 };

/// A ship that wants to lie in the harbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ship {
    /// What it is called.
    pub name: String,
    /// From bow to stern, in metres.
    pub length: u32,
    /// From the load line down to the keel, in centimetres.
    pub draught: i32,
    /// The hour in which it comes.
    pub arrives: u32,
    /// The hour in which it goes.
    pub leaves: u32,
}

/// A place at the quay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Berth {
    /// What it is called.
    pub name: String,
    /// Along the quay, in metres.
    pub length: u32,
    /// Below the chart's zero, in centimetres.
    pub depth: i32,
}

/// Why a ship must stay outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No berth is as long as the ship.
    TooLong,
    /// It would touch the ground at low water.
    TooDeep,
    /// Every berth that would do is taken.
    Taken,
}

/// For each ship, in order, the index of its berth or why it gets none.
///
/// A ship takes the shortest berth that will do, so that the long ones stay free for long ships.
pub fn assign(ships: &[Ship], berths: &[Berth], tide: &Tide) -> Vec<Result<usize, Refusal>> {
    let mut assigned = Vec::with_capacity(ships.len());
    for ship in ships {
        let place = choose(ship, ships, berths, tide, &assigned);
        assigned.push(place);
    }
    assigned
}

fn choose(
    ship: &Ship,
    ships: &[Ship],
    berths: &[Berth],
    tide: &Tide,
    assigned: &[Result<usize, Refusal>],
) -> Result<usize, Refusal> {
    let long: Vec<usize> = (0..berths.len())
        .filter(|berth| berths[*berth].length >= ship.length)
        .collect();
    if long.is_empty() {
        return Err(Refusal::TooLong);
    }
    let deep: Vec<usize> = long
        .into_iter()
        .filter(|berth| floats(ship, &berths[*berth], tide))
        .collect();
    if deep.is_empty() {
        return Err(Refusal::TooDeep);
    }
    let free = |berth: &usize| {
        let others = ships.iter().zip(assigned);
        !others
            .filter(|(_, place)| **place == Ok(*berth))
            .any(|(other, _)| meet(ship, other))
    };
    deep.into_iter()
        .filter(free)
        .min_by_key(|berth| berths[*berth].length)
        .ok_or(Refusal::Taken)
}

/// Whether a ship floats at a berth during its whole stay.
pub fn floats(ship: &Ship, berth: &Berth, tide: &Tide) -> bool {
    berth.depth + tide.lowest(ship.arrives, ship.leaves) >= ship.draught + UNDER_KEEL
}

fn meet(one: &Ship, other: &Ship) -> bool {
    one.arrives <= other.leaves && other.arrives <= one.leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_that_begins_as_another_ends_meets_it() {
        let ship = |arrives, leaves| Ship {
            name: String::new(),
            length: 1,
            draught: 1,
            arrives,
            leaves,
        };
        assert!(meet(&ship(0, 5), &ship(5, 9)));
        assert!(!meet(&ship(0, 4), &ship(5, 9)));
    }
}
