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
    let open_room = Room::default();
    let room = Room { hide: hidden, ..Room::default() };
    let number = number_of(&keeper);
    println!("{:<36} {:>9} {:>9}", "", "cpu µs", "wall µs");
    for (name, room) in
        [("cell, started and ended", &open_room), ("the same, ten things hidden", &room)]
    {
        measure(name, number, 1000, |_| drop(open(&keeper, room).end()));
    }
    let command = Command {
        environment: Environment::of_this_process()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..Command::new("/bin/bash", "/").argument("-e").argument(&script)
    };
    const STEPS: u32 = 1000;
    let bare = measure("bash -e FILE by std", number, STEPS, |_| {
        std::process::Command::new("/bin/bash").arg("-e").arg(&script).output().unwrap();
    });
    for (name, room) in
        [("bash -e FILE in a cell", &open_room), ("the same, ten things hidden", &room)]
    {
        let mut cell = Some(open(&keeper, room));
        let ours = measure(name, number, STEPS, |i| {
            step(cell.as_ref().unwrap(), &command);
            if i == STEPS {
                cell.take().unwrap().end().unwrap();
            }
        });
        println!(
            "{:>36} {:>9}",
            "above std",
            ours.as_micros().cast_signed() - bare.as_micros().cast_signed()
        );
    }
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

/// Prints and returns the mean cost of `action`, which is handed a number from 0 to `times`.
fn measure(name: &str, keeper: i32, times: u32, mut action: impl FnMut(u32)) -> Duration {
    action(0);
    let (cpu, wall) = (processor_time(keeper), Instant::now());
    for i in 1..=times {
        action(i);
    }
    let wall = wall.elapsed() / times;
    // What a cell used counts once the keeper has reaped it.
    std::thread::sleep(Duration::from_millis(100));
    let cpu = (processor_time(keeper) - cpu) / times;
    println!("{name:<36} {:>9} {:>9}", cpu.as_micros(), wall.as_micros());
    cpu
}

/// What this process, the keeper, and all that either has reaped used; in steps of 10 ms.
fn processor_time(keeper: i32) -> Duration {
    let ticks = |pid: String| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(4);
        fields.map(|field| field.parse::<u64>().unwrap()).sum::<u64>()
    };
    Duration::from_millis(10 * (ticks("self".into()) + ticks(keeper.to_string())))
}

/// The number of the keeper: the parent of the parent of a step.
fn number_of(keeper: &Keeper) -> i32 {
    let cell = open(keeper, &Room::default());
    let command = Command::new("/bin/sh", "/").arguments(["-c", "cut -d' ' -f4 /proc/$PPID/stat"]);
    let mut process = cell.spawn(&command.variable("PATH", "/usr/bin:/bin")).unwrap();
    let (waker, mut buffer) = (Waker::new().unwrap(), [0; 4096]);
    let mut number = String::new();
    loop {
        match process.next(None, &waker, &mut buffer).unwrap() {
            Happened::Output { bytes, .. } => number.push_str(std::str::from_utf8(bytes).unwrap()),
            Happened::Finished => return number.trim().parse().unwrap(),
            _ => {}
        }
    }
}
