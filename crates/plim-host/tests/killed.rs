//! Whatever kills `plim` or its keepers, no process of a job is left.
//!
//! The tests run this executable again, in the part of a `plim` that can be killed; that is why it
//! has a `main` of its own.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and a part prints what it does"
)]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use plim_host::{Cell, Happened, HostError, Keeper, Process, Room, Signals, Waker};
use plim_test::sandbox::Sandbox;
use support::{finish, first_line, is_alive, run, sh, wait_until};

/// The variable that gives this executable its part.
const PART: &str = "PLIM_TEST_PART";

/// A step that leaves a child, one in another session, and an orphan of a double fork, and prints
/// the number of each and its own.
const FAMILY: &str = "sleep 1000 & a=$!; setsid sleep 1000 & b=$!; \
    (setsid sh -c 'echo $$; exec sleep 1000' & ) | { read c; echo $a $b $c $$; exec cat; }; wait";

fn main() -> ExitCode {
    match std::env::var(PART).as_deref() {
        Ok("hold") => hold(1),
        Ok("hold two") => hold(2),
        Ok("closed") => run_without_streams(),
        Ok("signals") => wait_for_signals(),
        _ => return test(),
    }
    ExitCode::SUCCESS
}

fn test() -> ExitCode {
    let trials: [(&str, fn()); 10] = [
        ("kill_9_of_plim_leaves_no_process", kill_9_of_plim_leaves_no_process),
        ("kill_9_of_plim_reaches_every_cell", kill_9_of_plim_reaches_every_cell),
        ("kill_9_of_the_keeper_leaves_no_process", kill_9_of_the_keeper_leaves_no_process),
        ("kill_9_of_a_cell_by_its_step_is_told", kill_9_of_a_cell_by_its_step_is_told),
        ("other_cells_outlive_a_killed_cell", other_cells_outlive_a_killed_cell),
        ("signals_at_keeper_and_cell_change_nothing", signals_at_keeper_and_cell_change_nothing),
        ("a_keeper_without_cells_ends_with_plim", a_keeper_without_cells_ends_with_plim),
        (
            "a_closed_stdin_stdout_and_stderr_do_no_harm",
            a_closed_stdin_stdout_and_stderr_do_no_harm,
        ),
        ("ctrl_c_reaches_plim_but_no_step", ctrl_c_reaches_plim_but_no_step),
        ("termination_signals_are_received", termination_signals_are_received),
    ];
    let trial = |(name, check): (&str, fn())| {
        Trial::test(name, move || {
            check();
            Ok::<_, Failed>(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).into()).exit_code()
}

/// Starts this executable in a part.
fn play(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(PART, part).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The part of a `plim` that runs a family in each of `count` cells and waits for ever.
fn hold(count: usize) {
    let keeper = Keeper::start().unwrap();
    let cells: Vec<Cell> = (0..count).map(|_| keeper.cell(&Room::default()).unwrap()).collect();
    let mut processes: Vec<Process> = Vec::new();
    for cell in &cells {
        let mut process = cell.spawn(&sh(FAMILY)).unwrap();
        println!("{}", first_line(&mut process));
        processes.push(process);
    }
    loop {
        std::thread::sleep(Duration::from_secs(1000));
    }
}

/// Reads the processes of `count` families from a `plim` that holds them.
fn families(plim: &mut Child, count: usize) -> Vec<String> {
    let lines = BufReader::new(plim.stdout.as_mut().unwrap()).lines().take(count);
    let text = lines.map(|line| line.unwrap() + " ").collect::<String>();
    let pids: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    assert_eq!(pids.len(), 4 * count, "{text}");
    assert!(pids.iter().all(|pid| is_alive(pid)), "{text}");
    pids
}

fn await_death(pids: &[String]) {
    wait_until("the death of a family", || !pids.iter().any(|pid| is_alive(pid)));
}

fn parent(pid: &str) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

fn kill_9_of_plim_leaves_no_process() {
    let mut plim = play("hold").spawn().unwrap();
    let pids = families(&mut plim, 1);
    let cell = parent(&pids[3]);
    let keeper = parent(&cell);
    plim.kill().unwrap();
    plim.wait().unwrap();
    await_death(&pids);
    await_death(&[cell, keeper]);
}

fn kill_9_of_plim_reaches_every_cell() {
    let mut plim = play("hold two").spawn().unwrap();
    let pids = families(&mut plim, 2);
    plim.kill().unwrap();
    plim.wait().unwrap();
    await_death(&pids);
}

fn kill_9_of_the_keeper_leaves_no_process() {
    let mut plim = play("hold two").spawn().unwrap();
    let pids = families(&mut plim, 2);
    kill("-KILL", &parent(&parent(&pids[3])));
    await_death(&pids);
    plim.kill().unwrap();
    plim.wait().unwrap();
}

fn kill_9_of_a_cell_by_its_step_is_told() {
    let keeper = Keeper::start().unwrap();
    let cell = keeper.cell(&Room::default()).unwrap();
    let script = "setsid sleep 1000 & echo $! $$; sleep 0.3; kill -9 $PPID; sleep 1000";
    let mut process = cell.spawn(&sh(script)).unwrap();
    let pids: Vec<_> = first_line(&mut process).split(' ').map(str::to_owned).collect();
    let waker = Waker::new().unwrap();
    let error = loop {
        match process.next(None, &waker, &mut [0; 99]) {
            Ok(Happened::Finished) => unreachable!("the end of the process was never told"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(error, HostError::CellGone), "{error:?}");
    await_death(&pids);
    assert!(matches!(cell.spawn(&sh("true")), Err(HostError::CellGone)));
    assert!(matches!(cell.end(), Err(HostError::CellGone)));
}

fn other_cells_outlive_a_killed_cell() {
    let keeper = Keeper::start().unwrap();
    let [one, two] = [(); 2].map(|()| keeper.cell(&Room::default()).unwrap());
    let mut survivor = two.spawn(&sh("echo ready; sleep 0.2; echo alive")).unwrap();
    first_line(&mut survivor);
    // The cell may die before it can tell that the step was started.
    if let Ok(mut killer) = one.spawn(&sh("kill -9 $PPID; sleep 1000")) {
        let waker = Waker::new().unwrap();
        while killer.next(None, &waker, &mut [0; 99]).is_ok() {}
    }
    assert_eq!(finish(&mut survivor).stdout, "alive\n");
    assert_eq!(run(&keeper.cell(&Room::default()).unwrap(), "echo new").stdout, "new\n");
}

fn signals_at_keeper_and_cell_change_nothing() {
    let keeper = Keeper::start().unwrap();
    let cell = keeper.cell(&Room::default()).unwrap();
    let script = "k=$(cut -d' ' -f4 /proc/$PPID/stat); for s in INT TERM HUP USR2 CHLD PIPE; do \
                  kill -$s $PPID $k; done; echo sent";
    assert_eq!(run(&cell, script).stdout, "sent\n");
    assert_eq!(run(&cell, "echo on").stdout, "on\n");
    assert_eq!(run(&keeper.cell(&Room::default()).unwrap(), "echo new").stdout, "new\n");
}

fn a_keeper_without_cells_ends_with_plim() {
    let keeper = Keeper::start().unwrap();
    let cell = keeper.cell(&Room::default()).unwrap();
    let pid = run(&cell, "cut -d' ' -f4 /proc/$PPID/stat").stdout;
    assert!(is_alive(&pid));
    cell.end().unwrap();
    drop(keeper);
    wait_until("the end of the keeper", || !is_alive(&pid));
}

/// The part of a `plim` that was started with closed streams; its result goes to a file.
fn run_without_streams() {
    let result = File::create(std::env::var_os("PLIM_TEST_RESULT").unwrap()).unwrap();
    let keeper = Keeper::start().unwrap();
    let cell = keeper.cell(&Room::default()).unwrap();
    let whole = run(&cell, "echo out; echo err >&2; cat");
    let left = cell.end().unwrap();
    std::io::Write::write_all(&mut &result, format!("{whole:?} {left:?}").as_bytes()).unwrap();
}

fn a_closed_stdin_stdout_and_stderr_do_no_harm() {
    let sandbox = Sandbox::new();
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" <&- >&- 2>&-"]).arg(std::env::current_exe().unwrap());
    command.env(PART, "closed").env("PLIM_TEST_RESULT", sandbox.at("result"));
    assert!(command.status().unwrap().success());
    let expected = r#"Whole { stdout: "out\n", stderr: "err\n", status: Some(Code(0)) } []"#;
    assert_eq!(sandbox.read("result"), expected);
}

fn ctrl_c_reaches_plim_but_no_step() {
    // A terminal sends Ctrl-C to its whole foreground group; a group of its own stands in for it.
    let mut command = play("hold");
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut plim = command.spawn().unwrap();
    let pids = families(&mut plim, 1);
    let group = |pid: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(2).unwrap().to_owned()
    };
    let foreground = group(&plim.id().to_string());
    let cell = parent(&pids[3]);
    let others = [&pids[0], &pids[1], &pids[2], &pids[3], &cell, &parent(&cell)];
    assert!(others.iter().all(|pid| group(pid) != foreground));
    plim.kill().unwrap();
    plim.wait().unwrap();
    await_death(&pids);
}

/// The part of a `plim` that tells which signals it received, until the fourth.
fn wait_for_signals() {
    let (sender, receiver) = std::sync::mpsc::channel();
    Signals::install(move |signal| sender.send(signal).unwrap()).unwrap();
    println!("ready");
    for signal in receiver.iter().take(3) {
        println!("{signal:?}");
    }
}

fn termination_signals_are_received() {
    let mut plim = play("signals").spawn().unwrap();
    let mut lines = BufReader::new(plim.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "ready");
    let pid = plim.id().to_string();
    for (signal, told) in [("-INT", "Interrupt"), ("-TERM", "Terminate"), ("-HUP", "HangUp")] {
        kill(signal, &pid);
        assert_eq!(lines.next().unwrap(), told);
    }
    assert!(plim.wait().unwrap().success());
}
