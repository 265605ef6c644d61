//! Measures what a cell, a room and a step cost in processor and wall time.
//!
//! `cargo run --release -p plim-host --example cost`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and is of no use when something fails"
)]

use std::time::{Duration, Instant};

use plim_host::{Cell, Command, Environment, Happened, Keeper, Room, Waker};

fn main() {
    let keeper = Keeper::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("step.sh");
    std::fs::write(&script, "echo hello\n").unwrap();
    let hidden: Vec<_> = (0..10).map(|i| folder.path().join(i.to_string())).collect();
    for (i, path) in hidden.iter().enumerate() {
        if i % 2 == 0 {
            std::fs::create_dir(path).unwrap()
        } else {
            std::fs::write(path, "").unwrap()
        }
    }
    let room = Room { hide: hidden, ..Room::default() };
    println!("{:<36} {:>9} {:>9}", "", "cpu µs", "wall µs");
    measure("cell, started and ended", 300, || drop(open(&keeper, &Room::default()).end()));
    measure("cell with ten things hidden", 300, || drop(open(&keeper, &room).end()));
    let command = Command {
        environment: Environment::of_this_process()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..Command::new("/bin/bash", "/").argument("-e").argument(&script)
    };
    let bare = measure("bash -e FILE by std", 500, || {
        std::process::Command::new("/bin/bash").arg("-e").arg(&script).output().unwrap();
    });
    let cell = open(&keeper, &Room::default());
    let ours = measure("bash -e FILE in a cell", 500, || step(&cell, &command));
    let cell = open(&keeper, &room);
    measure("bash -e FILE in a cell with a room", 500, || step(&cell, &command));
    println!(
        "above std: {} µs of processor time a step",
        ours.as_micros().cast_signed() - bare.as_micros().cast_signed()
    );
}

fn open(keeper: &Keeper, room: &Room) -> Cell {
    keeper.cell(room).unwrap()
}

fn step(cell: &Cell, command: &Command) {
    let waker = Waker::new().unwrap();
    let mut process = cell.spawn(command).unwrap();
    let mut buffer = [0; 4096];
    while process.next(None, &waker, &mut buffer).unwrap() != Happened::Finished {}
}

fn measure(name: &str, times: u32, mut action: impl FnMut()) -> Duration {
    action();
    let (cpu, wall) = (machine_time(), Instant::now());
    for _ in 0..times {
        action();
    }
    let (cpu, wall) = ((machine_time() - cpu) / times, wall.elapsed() / times);
    println!("{name:<36} {:>9} {:>9}", cpu.as_micros(), wall.as_micros());
    cpu
}

/// The time that all processors were busy: keeper and cells are not our children, so that only the
/// machine's own count holds them all. Needs a machine that is otherwise idle.
fn machine_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let fields = stat.lines().next().unwrap().split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.map(|field| field.parse().unwrap()).collect();
    Duration::from_millis(10 * (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]))
}
