//! Reads a list of ships and says where each lies.

use berth::{Berth, Refusal, Ship, assign};
use tide::Tide;

/// Reads one ship a line, `NAME LENGTH DRAUGHT ARRIVES LEAVES`; empty lines and `#` lines are left out.
///
/// Errors name the line and the part of it that could not be read.
pub fn ships(text: &str) -> Result<Vec<Ship>, String> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| ship(line).map_err(|error| format!("line {number}: {error}")))
        .collect()
}

fn ship(line: &str) -> Result<Ship, String> {
    let mut words = line.split_whitespace();
    let name = words.next().ok_or("no name")?.to_owned();
    let mut number = |what: &str| -> Result<u32, String> {
        let word = words
            .next()
            .ok_or_else(|| format!("`{name}` has no {what}"))?;
        word.parse().map_err(|_| format!("`{word}` is no {what}"))
    };
    let (length, draught) = (number("length")?, number("draught")?);
    let (arrives, leaves) = (number("arrival")?, number("departure")?);
    let draught = i32::try_from(draught).map_err(|_| "the draught is no ship's".to_owned())?;
    if leaves < arrives {
        return Err(format!("`{name}` leaves before it arrives"));
    }
    Ok(Ship {
        name,
        length,
        draught,
        arrives,
        leaves,
    })
}

/// The berths of this harbour.
pub fn berths() -> Vec<Berth> {
    let berth = |name: &str, length, depth| Berth {
        name: name.to_owned(),
        length,
        depth,
    };
    vec![
        berth("inner", 60, 250),
        berth("pier", 120, 600),
        berth("deep", 250, 1400),
    ]
}

/// One line for each ship: its berth, or why it stays outside.
pub fn report(ships: &[Ship], tide: &Tide) -> String {
    let berths = berths();
    let lines = ships
        .iter()
        .zip(assign(ships, &berths, tide))
        .map(|(ship, place)| match place {
            Ok(berth) => format!("{}: {}\n", ship.name, berths[berth].name),
            Err(Refusal::TooLong) => {
                format!(
                    "{}: outside, no berth is {} m long\n",
                    ship.name, ship.length
                )
            }
            Err(Refusal::TooDeep) => format!("{}: outside, too deep for low water\n", ship.name),
            Err(Refusal::Taken) => format!("{}: outside until a berth is free\n", ship.name),
        });
    lines.collect()
}
