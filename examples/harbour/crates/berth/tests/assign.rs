//! Assigns ships to the berths of a small harbour.

use berth::{Berth, Refusal, Ship, UNDER_KEEL, assign, floats};
use tide::Tide;

fn ship(name: &str, length: u32, draught: i32, arrives: u32, leaves: u32) -> Ship {
    Ship {
        name: name.to_owned(),
        length,
        draught,
        arrives,
        leaves,
    }
}

fn berth(name: &str, length: u32, depth: i32) -> Berth {
    Berth {
        name: name.to_owned(),
        length,
        depth,
    }
}

/// Water that never moves.
fn still() -> Tide {
    Tide::semidiurnal(0.0, 0.0, 0.0)
}

#[test]
fn a_ship_takes_the_shortest_berth_that_will_do() {
    let berths = [berth("long", 200, 900), berth("short", 80, 900)];
    let ships = [ship("Anna", 60, 400, 0, 9), ship("Bertha", 150, 400, 0, 9)];
    assert_eq!(assign(&ships, &berths, &still()), [Ok(1), Ok(0)]);
}

#[test]
fn a_berth_is_given_again_once_it_is_free() {
    let berths = [berth("only", 100, 900)];
    let ships = [
        ship("early", 60, 400, 0, 5),
        ship("meanwhile", 60, 400, 3, 8),
        ship("late", 60, 400, 6, 9),
    ];
    let expected = [Ok(0), Err(Refusal::Taken), Ok(0)];
    assert_eq!(assign(&ships, &berths, &still()), expected);
}

#[test]
fn the_reason_of_a_refusal_is_the_first_that_no_berth_can_mend() {
    let berths = [berth("shallow", 100, 300)];
    let ships = [ship("long", 101, 100, 0, 1), ship("deep", 100, 400, 0, 1)];
    let expected = [Err(Refusal::TooLong), Err(Refusal::TooDeep)];
    assert_eq!(assign(&ships, &berths, &still()), expected);
}

#[test]
fn a_keel_needs_its_water_to_the_centimetre() {
    let berth = berth("exact", 100, 400 + UNDER_KEEL);
    assert!(floats(&ship("fits", 50, 400, 0, 1), &berth, &still()));
    assert!(!floats(&ship("touches", 50, 401, 0, 1), &berth, &still()));
}

#[test]
fn low_water_decides_and_not_the_water_on_arrival() {
    let tide = Tide::semidiurnal(200.0, 120.0, 40.0);
    let berth = berth("tidal", 100, 200);
    let draught = 200 + tide.height(0) - UNDER_KEEL;
    assert!(floats(&ship("brief", 50, draught, 0, 0), &berth, &tide));
    assert!(!floats(&ship("stays", 50, draught, 0, 6), &berth, &tide));
}
