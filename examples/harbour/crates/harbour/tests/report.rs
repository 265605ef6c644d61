//! Reads lists of ships and looks at the report.

use harbour::{report, ships};
use tide::Tide;

fn tide() -> Tide {
    Tide::semidiurnal(200.0, 120.0, 40.0)
}

#[test]
fn every_ship_has_a_line() {
    let ships = ships("Anna 55 180 0 5\n\n# not today\nGiant 300 1200 1 2\n").unwrap();
    assert_eq!(
        report(&ships, &tide()),
        "Anna: inner\nGiant: outside, no berth is 300 m long\n"
    );
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    assert_eq!(
        ships("Anna 55 180 0 5\nBertha x").unwrap_err(),
        "line 2: `x` is no length"
    );
    assert_eq!(
        ships("Bertha 80").unwrap_err(),
        "line 1: `Bertha` has no draught"
    );
    assert_eq!(
        ships("Bertha 80 1 5 4").unwrap_err(),
        "line 1: `Bertha` leaves before it arrives"
    );
}
