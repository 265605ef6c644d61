//! What the processes of a job see of the files, as root and as an ordinary user.
//!
//! When run by root, this executable runs itself once more as an ordinary user; that is why it has
//! a `main` of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use plim_host::{Bind, Cell, Isolation, Keeper, Overlay, Room, User};
use plim_test::sandbox::Sandbox;
use support::{finish, run, sh};

/// The number of `nobody`.
const ORDINARY: u32 = 65534;

/// The variable that gives this executable another part than that of the tests.
const PART: &str = "PLIM_TEST_PART";

fn main() -> ExitCode {
    if std::env::var_os(PART).is_some() {
        return tell_of_a_cell();
    }
    let trials: [(&str, fn()); 14] = [
        (
            "a_hidden_file_is_empty_and_cannot_be_written",
            a_hidden_file_is_empty_and_cannot_be_written,
        ),
        (
            "a_hidden_folder_is_empty_and_cannot_be_written",
            a_hidden_folder_is_empty_and_cannot_be_written,
        ),
        ("a_hidden_link_hides_what_it_points_to", a_hidden_link_hides_what_it_points_to),
        ("what_is_not_there_needs_no_hiding", what_is_not_there_needs_no_hiding),
        ("a_folder_appears_inside_a_hidden_one", a_folder_appears_inside_a_hidden_one),
        ("a_protected_folder_cannot_be_written", a_protected_folder_cannot_be_written),
        ("an_overlay_takes_writes_elsewhere", an_overlay_takes_writes_elsewhere),
        (
            "what_cannot_be_done_is_named_and_the_job_runs",
            what_cannot_be_done_is_named_and_the_job_runs,
        ),
        ("rooms_on_one_base_differ_in_what_they_add", rooms_on_one_base_differ_in_what_they_add),
        ("what_a_base_lacks_every_room_on_it_tells", what_a_base_lacks_every_room_on_it_tells),
        ("the_view_is_the_cells_alone", the_view_is_the_cells_alone),
        ("a_step_keeps_its_user", a_step_keeps_its_user),
        ("a_step_gains_no_privileges_unless_allowed", a_step_gains_no_privileges_unless_allowed),
        ("without_isolation_the_reason_is_told", without_isolation_the_reason_is_told),
    ];
    let trial = |(name, check): (&str, fn())| {
        Trial::test(name, move || {
            check();
            Ok::<_, Failed>(())
        })
    };
    let mut trials: Vec<_> = trials.map(trial).into();
    let again = Trial::test("the_same_as_an_ordinary_user", as_an_ordinary_user);
    trials.push(again.with_ignored_flag(!User::this().is_root()));
    let lost = Trial::test("a_room_that_fails_half_way_costs_no_user", a_room_that_fails_half_way);
    trials.push(lost.with_ignored_flag(!User::this().is_root()));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn as_an_ordinary_user() -> Result<(), Failed> {
    let sandbox = Sandbox::new();
    let copy = sandbox.at("room");
    support::copy_this_program(&copy);
    sandbox.chmod("", 0o755).chmod("room", 0o755);
    let mut command = Command::new(&copy);
    command.uid(ORDINARY).gid(ORDINARY).env("HOME", "/").current_dir("/");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(()) } else { Err(text.into()) }
}

/// The part of a `plim` that prints how its room came out, and who its step is.
#[expect(clippy::print_stdout, reason = "a part prints what it sees")]
fn tell_of_a_cell() -> ExitCode {
    let cell = Keeper::start().unwrap().cell(&hide(&["/etc".into()])).unwrap();
    println!("{:?} {}", cell.isolation(), run(&cell, "id -u").stdout);
    ExitCode::SUCCESS
}

fn a_room_that_fails_half_way() -> Result<(), Failed> {
    let sandbox = Sandbox::new();
    support::copy_this_program(&sandbox.at("room"));
    sandbox.chmod("", 0o755).chmod("room", 0o755);
    // Without `/proc` a user namespace can be entered, but not be told who we are in it.
    let script = "umount -l /proc; exec setpriv --reuid 65534 --regid 65534 --clear-groups $0";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script]).arg(sandbox.at("room")).env(PART, "tell");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = "None(\"this machine allows no private mounts: No such file or directory";
    if text.starts_with(expected) && text.ends_with("65534\n\n") {
        return Ok(());
    }
    Err(format!("{text} {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// A cell with this room, of which everything could be made.
fn cell(room: &Room) -> Cell {
    let cell = Keeper::start().unwrap().cell(room).unwrap();
    assert_eq!(*cell.isolation(), Isolation::Complete);
    cell
}

fn hide(paths: &[PathBuf]) -> Room {
    Room { hide: paths.to_vec(), ..Room::default() }
}

fn a_hidden_file_is_empty_and_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "secret").write("beside", "seen");
    let cell = cell(&hide(&[sandbox.at("token")]));
    let script = format!(
        "cd {}; cat token; test -f token && echo file; echo x 2>/dev/null >token; \
         chmod 777 token 2>/dev/null || echo fixed; rm -f token 2>/dev/null || echo stays; cat beside",
        sandbox.path().display()
    );
    assert_eq!(run(&cell, &script).stdout, "file\nfixed\nstays\nseen");
    assert_eq!(sandbox.read("token"), "secret");
}

fn a_hidden_folder_is_empty_and_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("keys/id", "secret").write("keys/deep/id", "secret");
    let cell = cell(&hide(&[sandbox.at("keys"), sandbox.at("keys/deep/id")]));
    let script = format!(
        "cd {}; ls -A keys; touch keys/new 2>/dev/null || echo fixed; test -d keys && echo folder",
        sandbox.path().display()
    );
    assert_eq!(run(&cell, &script).stdout, "fixed\nfolder\n");
    assert_eq!(sandbox.read("keys/deep/id"), "secret");
}

fn a_hidden_link_hides_what_it_points_to() {
    let sandbox = Sandbox::new();
    sandbox.write("real/token", "secret").symlink("link", "real/token");
    let cell = cell(&hide(&[sandbox.at("link")]));
    let script = format!("cd {}; cat link real/token; echo end", sandbox.path().display());
    assert_eq!(run(&cell, &script).stdout, "end\n");
}

fn what_is_not_there_needs_no_hiding() {
    let sandbox = Sandbox::new();
    let mut room = hide(&[sandbox.at("missing"), sandbox.at("missing/too")]);
    room.read_only.push(sandbox.at("missing"));
    assert_eq!(run(&cell(&room), "echo on").stdout, "on\n");
    assert!(!sandbox.exists("missing"));
}

fn a_folder_appears_inside_a_hidden_one() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.ssh/id", "secret").write("home/.rustup/bin/rustc", "tool");
    sandbox.write("home/config", "plain").write("elsewhere/work", "mine");
    let mut room = hide(&[sandbox.at("home")]);
    let shown = [(".rustup", "home/.rustup"), ("config", "home/config")];
    room.bind.extend(
        shown.map(|(to, from)| Bind { from: sandbox.at(from), to: sandbox.at("home").join(to) }),
    );
    room.bind.push(Bind { from: sandbox.at("elsewhere"), to: sandbox.at("home/a/work") });
    let script = format!(
        "cd {}/home; find . -type f | sort; echo done >a/work/result; cat .rustup/bin/rustc",
        sandbox.path().display()
    );
    let whole = run(&cell(&room), &script);
    assert_eq!(whole.stdout, "./.rustup/bin/rustc\n./a/work/work\n./config\ntool", "{whole:?}");
    assert_eq!(sandbox.read("elsewhere/result"), "done\n");
}

fn a_protected_folder_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/file", "1").write("other", "1");
    let room = Room { read_only: vec![sandbox.at("tree")], ..Room::default() };
    let script = format!(
        "cd {}; echo 2 2>/dev/null >tree/file; touch tree/new 2>/dev/null; rm -rf tree/file 2>/dev/null; \
         echo 2 >other; cat tree/*",
        sandbox.path().display()
    );
    assert_eq!(run(&cell(&room), &script).stdout, "1");
    assert_eq!(sandbox.read("other"), "2\n");
}

fn an_overlay_takes_writes_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("lower/file", "1").write("lower/gone", "1").folder("upper").folder("work");
    sandbox.folder("target, with: odd name");
    let room = Room {
        overlay: vec![Overlay {
            lower: sandbox.at("lower"),
            upper: sandbox.at("upper"),
            work: sandbox.at("work"),
            target: sandbox.at("target, with: odd name"),
        }],
        ..Room::default()
    };
    let script = "cd \"$0\"; echo 2 >file; rm gone; echo 3 >new; cat *";
    let command = sh(script).argument(sandbox.at("target, with: odd name"));
    let whole = finish(&mut cell(&room).spawn(&command).unwrap());
    assert_eq!(whole.stdout, "2\n3\n", "{whole:?}");
    assert_eq!(sandbox.read("lower/file"), "1");
    assert_eq!(sandbox.read("upper/new"), "3\n");
    assert!(sandbox.exists("lower/gone") && !sandbox.exists("lower/new"));
}

fn what_cannot_be_done_is_named_and_the_job_runs() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "secret").folder("from");
    let mut room = hide(&[sandbox.at("token")]);
    room.bind.push(Bind { from: sandbox.at("from"), to: sandbox.at("missing") });
    let cell = Keeper::start().unwrap().cell(&room).unwrap();
    let Isolation::Partial(failures) = cell.isolation() else { panic!("{:?}", cell.isolation()) };
    let start = format!("could not show `{}`: ", sandbox.at("missing").display());
    assert!(failures.len() == 1 && failures[0].starts_with(&start), "{failures:?}");
    assert_eq!(run(&cell, &format!("cat {}", sandbox.at("token").display())).stdout, "");
}

/// A room that sees one of the folders in `work`, on a base that hides `home` but for `work`.
fn on_base(sandbox: &Sandbox, own: &str) -> Room {
    let bind = |path: &str| Bind { from: sandbox.at(path), to: sandbox.at(path) };
    let base = Room {
        bind: vec![bind("home/work")],
        read_only: vec![sandbox.at("home/work/tool")],
        ..hide(&[sandbox.at("home")])
    };
    Room {
        base: Some(Box::new(base)),
        bind: vec![bind(own), bind("home/work/tool")],
        ..hide(&[sandbox.at("home/work")])
    }
}

fn rooms_on_one_base_differ_in_what_they_add() {
    let sandbox = Sandbox::new();
    sandbox.write("home/token", "secret").write("home/work/tool/t", "tool");
    let names = ["home/work/a", "home/work/b", "home/work/c"];
    for name in names {
        sandbox.write(format!("{name}/own"), name);
    }
    let keeper = Keeper::start().unwrap();
    let script = "cd \"$0\"; find . -type f | sort; echo 1 >new; \
                  echo 1 2>/dev/null >../tool/t || echo fixed; cat ../tool/t; ls ../..";
    // The first cell lives on beside the others, and the third comes when the first is gone.
    let mut cells = Vec::new();
    for (i, name) in names.into_iter().enumerate() {
        if i == 2 {
            cells.clear();
        }
        let cell = keeper.cell(&on_base(&sandbox, name)).unwrap();
        assert_eq!(*cell.isolation(), Isolation::Complete);
        let command = sh(script).argument(sandbox.at(name));
        let whole = finish(&mut cell.spawn(&command).unwrap());
        assert_eq!(whole.stdout, "./own\nfixed\ntoolwork\n", "{whole:?}");
        let siblings = run(&cell, &format!("ls {}", sandbox.at("home/work").display()));
        let own = name.rsplit('/').next().unwrap();
        assert_eq!(siblings.stdout, format!("{own}\ntool\n"));
        assert_eq!(sandbox.read(format!("{name}/new")), "1\n");
        cells.push(cell);
    }
    // Another base is laid where one is known already, and a room without any is open.
    sandbox.write("token", "secret");
    let other = Room { base: Some(Box::new(hide(&[sandbox.at("token")]))), ..Room::default() };
    let read =
        format!("cat {} {}", sandbox.at("token").display(), sandbox.at("home/token").display());
    assert_eq!(run(&keeper.cell(&other).unwrap(), &read).stdout, "secret");
    assert_eq!(run(&keeper.cell(&Room::default()).unwrap(), &read).stdout, "secretsecret");
}

fn what_a_base_lacks_every_room_on_it_tells() {
    let sandbox = Sandbox::new();
    sandbox.folder("from").write("token", "secret");
    let bind = Bind { from: sandbox.at("from"), to: sandbox.at("missing") };
    let base = Room { bind: vec![bind], ..Room::default() };
    let room = Room { base: Some(Box::new(base)), ..hide(&[sandbox.at("token")]) };
    let keeper = Keeper::start().unwrap();
    for _ in 0..2 {
        let cell = keeper.cell(&room).unwrap();
        let Isolation::Partial(failures) = cell.isolation() else {
            panic!("{:?}", cell.isolation())
        };
        assert!(failures.len() == 1 && failures[0].starts_with("could not show"), "{failures:?}");
    }
}

fn the_view_is_the_cells_alone() {
    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count();
    let sandbox = Sandbox::new();
    sandbox.write("token", "secret");
    let before = mounts();
    let cell = cell(&hide(&[sandbox.at("token")]));
    assert_eq!(run(&cell, "ls /tmp | grep -x 0").stdout, "");
    assert_eq!((mounts(), sandbox.read("token").as_str()), (before, "secret"));
    cell.end().unwrap();
    assert_eq!(mounts(), before);
}

fn a_step_keeps_its_user() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "secret");
    let cell = cell(&hide(&[sandbox.at("token")]));
    let whole = run(&cell, &format!("cd {}; echo 1 >new; id -u", sandbox.path().display()));
    assert_eq!(whole.stdout, format!("{}\n", User::this().uid));
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(sandbox.at("new")).unwrap());
    assert_eq!(owner, User::this().uid);
}

fn a_step_gains_no_privileges_unless_allowed() {
    let script = "grep NoNewPrivs /proc/self/status";
    assert_eq!(run(&cell(&Room::default()), script).stdout, "NoNewPrivs:\t1\n");
    let room = Room { allow_setuid: true, ..Room::default() };
    // What we may not ourselves, as in a job of `plim`, no step of ours may.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let own = status.lines().find(|line| line.starts_with("NoNewPrivs")).unwrap();
    assert_eq!(run(&cell(&room), script).stdout, format!("{own}\n"));
}

fn without_isolation_the_reason_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("token", "secret");
    let room = Room { allow_setuid: true, ..hide(&[sandbox.at("token")]) };
    let cell = Keeper::start().unwrap().cell(&room).unwrap();
    let seen = run(&cell, &format!("cat {}", sandbox.at("token").display())).stdout;
    match cell.isolation() {
        Isolation::Complete => assert!(User::this().is_root() && seen.is_empty()),
        Isolation::None(reason) => {
            assert!(reason.starts_with("this machine allows no private mounts: "), "{reason}");
            assert_eq!(seen, "secret");
        }
        Isolation::Partial(failures) => panic!("{failures:?}"),
    }
}
