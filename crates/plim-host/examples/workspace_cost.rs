//! Measures what a status, a snapshot and a checkout take in processor and wall time.
//!
//! `cargo run --release -p plim-host --example workspace_cost [FILES]`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and is of no use when something fails"
)]

use std::num::NonZero;
use std::time::{Duration, Instant};

use plim_host::Environment;
use plim_host::git::{Checkout, Git, Head, Layout, Source, Store, Workspace};
use plim_test::sandbox::{Repository, Sandbox};

fn main() {
    let count = std::env::args().nth(1).map_or(300, |count| count.parse().unwrap());
    let (repository, ours) = (Repository::new(), Sandbox::new());
    repository.write(".gitignore", "/target\n");
    for i in 0..count {
        repository
            .write(format!("src/{}/{i}.rs", i % 30), format!("fn number_{i}() {{}}\n").repeat(40));
    }
    repository.commit("first");
    let environment = Environment::of_this_process();
    let layout = Layout::discover(repository.path()).unwrap().unwrap();
    let store = || {
        let source = Source::Repository(layout.clone());
        Store::open(&ours.at("store"), source, &environment).unwrap()
    };
    let git = || Git::open(layout.clone(), &environment).unwrap();
    println!("{:<30} {:>9} {:>9}", format!("{count} files"), "cpu µs", "wall µs");
    measure("discover", || drop(Layout::discover(repository.path()).unwrap()));
    measure("status", || drop(git().status().unwrap()));
    measure("configuration", || drop(git().config().unwrap().clone()));
    measure("refs", || drop(git().refs().unwrap()));
    measure("commits", || drop(git().commits(&["HEAD", "HEAD^"]).unwrap()));
    measure("open a store", || drop(store()));
    measure("snapshot, nothing changed", || drop(store().snapshot().unwrap()));
    repository.write("src/0/0.rs", "changed\n");
    measure("snapshot, one file changed", || drop(store().snapshot().unwrap()));
    let store = store();
    let workspace = Workspace { tree: ours.at("tree"), memory: ours.at("memory") };
    let checkout = || Checkout {
        commit: store.snapshot().unwrap().commit,
        head: Head::Branch("main".into()),
        refs: Vec::new(),
        remote: Some("https://example.com/o/r".into()),
        depth: NonZero::new(1),
        clean: true,
    };
    let check_out = |checkout: &Checkout| drop(store.check_out(&workspace, checkout).unwrap());
    let same = checkout();
    measure_once("first checkout", || check_out(&same));
    measure("checkout, nothing changed", || check_out(&same));
    repository.write("src/0/0.rs", "changed again\n");
    let other = checkout();
    let mut turn = false;
    measure("checkout, one file changed", || {
        turn = !turn;
        check_out(if turn { &other } else { &same });
    });
}

fn measure(name: &str, mut action: impl FnMut()) {
    const TIMES: u32 = 60;
    action();
    let (cpu, start) = (processor_time(), Instant::now());
    (0..TIMES).for_each(|_| action());
    let (cpu, wall) = ((processor_time() - cpu) / TIMES, start.elapsed() / TIMES);
    println!("{name:<30} {:>9} {:>9}", cpu.as_micros(), wall.as_micros());
}

fn measure_once(name: &str, action: impl FnOnce()) {
    let (cpu, start) = (processor_time(), Instant::now());
    action();
    let (cpu, wall) = (processor_time() - cpu, start.elapsed());
    println!("{name:<30} {:>9} {:>9}", cpu.as_micros(), wall.as_micros());
}

/// What this process and the processes it has waited for used; in steps of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(4);
    Duration::from_millis(10 * fields.map(|field| field.parse::<u64>().unwrap()).sum::<u64>())
}
