//! Programs that a cell starts: what they see, what comes back, and what cannot be started.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use plim_host::{Command, ExitStatus, Happened, HostError, Signal, Waker};
use support::{LONG, cell, finish, first_line, follow, is_alive, run, sh, wait_until};

#[test]
fn output_and_exit_code_come_back() {
    let whole = run(&cell(), "echo out; echo err >&2; exit 7");
    assert_eq!((whole.stdout.as_str(), whole.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(whole.status, Some(ExitStatus::Code(7)));
}

#[test]
fn death_by_a_signal_is_told_as_such() {
    let whole = run(&cell(), "kill -SEGV $$");
    assert_eq!(whole.status, Some(ExitStatus::Signal(11)));
}

#[test]
fn the_environment_is_exactly_what_was_given() {
    let command = Command::new("/usr/bin/env", "/").variable("B", "2").variable("A", "1 =x\n");
    let whole = finish(&mut cell().spawn(&command).unwrap());
    assert_eq!(whole.stdout, "B=2\nA=1 =x\n\n");
}

#[test]
fn stdin_is_empty_and_there_is_no_terminal() {
    let whole = run(&cell(), "cat; readlink /proc/self/fd/0; : 2>/dev/null </dev/tty || echo none");
    assert!(whole.stdout.starts_with("/dev/null\n"), "{}", whole.stdout);
    assert!(whole.stdout.ends_with("none\n") || whole.status != Some(ExitStatus::Code(0)));
}

#[test]
fn a_step_leads_a_session_and_holds_no_other_descriptor() {
    let script = "i=0; while [ $i -lt 99 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done
                  cut -d' ' -f6 /proc/$$/stat; echo $$";
    let whole = run(&cell(), script);
    let lines: Vec<_> = whole.stdout.lines().collect();
    assert_eq!(lines[..3], ["0", "1", "2"]);
    assert_eq!(lines[3], lines[4], "session and number of {lines:?}");
}

#[test]
fn signals_and_mask_are_as_a_shell_would_leave_them() {
    let whole = run(&cell(), "grep -E 'Sig(Blk|Ign)' /proc/self/status; umask");
    let expected = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0022\n";
    assert_eq!(whole.stdout, expected);
}

#[test]
fn the_working_folder_is_the_one_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let mut command = sh("pwd");
    command.directory = path.clone();
    assert_eq!(
        finish(&mut cell().spawn(&command).unwrap()).stdout.trim_end(),
        path.to_str().unwrap()
    );
}

#[test]
fn a_missing_program_is_told_with_its_path() {
    let command = Command::new("no-such-tool", "/").variable("PATH", "/usr/bin:/bin");
    let error = cell().spawn(&command).unwrap_err();
    let message = "`no-such-tool` is in no folder of `PATH` (`/usr/bin:/bin`)";
    assert_eq!(error.to_string(), message);
    let error = cell().spawn(&Command::new("/no/such/tool", "/")).unwrap_err();
    assert!(error.to_string().starts_with("could not execute `/no/such/tool`"), "{error}");
}

#[test]
fn a_missing_interpreter_and_a_missing_first_line_have_advice() {
    let folder = tempfile::tempdir().unwrap();
    for (text, advice) in [("#!/no/such/sh\n", "interpreter"), ("echo\n", "#!/bin/sh")] {
        let file = folder.path().join("script");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let error = cell().spawn(&Command::new(&file, "/")).unwrap_err();
        assert!(error.help().unwrap().contains(advice), "{error:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = cell().spawn(&Command::new("/bin/true", "/no/such/folder")).unwrap_err();
    assert!(matches!(&error, HostError::Directory { .. }), "{error:?}");
    assert!(error.to_string().starts_with("could not enter `/no/such/folder`"), "{error}");
}

#[test]
fn a_program_that_is_still_being_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("true");
    fs::copy("/bin/true", &file).unwrap();
    let writer = fs::OpenOptions::new().append(true).open(&file).unwrap();
    let closer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        drop(writer);
    });
    let cell = cell();
    let mut process = cell.spawn(&Command::new(&file, "/")).unwrap();
    assert_eq!(finish(&mut process).status, Some(ExitStatus::Code(0)));
    closer.join().unwrap();
}

#[test]
fn a_megabyte_of_environment_arrives_whole() {
    let mut command = sh("env | wc -c");
    for i in 0..16 {
        command = command.variable(format!("V{i:02}"), "x".repeat(64 * 1024));
    }
    let whole = finish(&mut cell().spawn(&command).unwrap());
    let count: usize = whole.stdout.trim().parse().unwrap();
    assert!(count > 16 * 64 * 1024, "{count}");
}

#[test]
fn an_environment_that_the_system_refuses_names_its_largest_variable() {
    let command = sh("true").variable("SMALL", "1").variable("HUGE", "x".repeat(3 << 20));
    let error = cell().spawn(&command).unwrap_err();
    assert!(matches!(&error, HostError::TooLarge { .. }), "{error:?}");
    assert!(error.to_string().contains("variable `HUGE` takes 3145734"), "{error}");
}

#[test]
fn after_a_failed_start_the_cell_works_on() {
    let cell = cell();
    cell.spawn(&Command::new("/no/such/tool", "/")).unwrap_err();
    assert_eq!(run(&cell, "echo on").stdout, "on\n");
}

#[test]
fn a_deadline_and_a_waker_end_the_wait() {
    let cell = cell();
    let mut process = cell.spawn(&sh("sleep 100")).unwrap();
    let waker = Waker::new().unwrap();
    let soon = Instant::now() + Duration::from_millis(20);
    assert_eq!(process.next(Some(soon), &waker, &mut [0; 10]).unwrap(), Happened::Deadline);
    let other = waker.clone();
    let thread = std::thread::spawn(move || other.wake());
    assert_eq!(process.next(None, &waker, &mut [0; 10]).unwrap(), Happened::Woken);
    thread.join().unwrap();
    waker.reset();
    let soon = Instant::now() + Duration::from_millis(1);
    assert_eq!(process.next(Some(soon), &waker, &mut [0; 10]).unwrap(), Happened::Deadline);
}

#[test]
fn a_signal_reaches_the_main_process_only() {
    let script = "trap 'echo caught' INT; (trap 'echo child' INT; sleep 0.2) & echo ready; \
                  while ! wait; do :; done; wait";
    let cell = cell();
    let mut process = cell.spawn(&sh(script)).unwrap();
    assert_eq!(first_line(&mut process), "ready");
    process.signal(Signal::Interrupt).unwrap();
    assert_eq!(finish(&mut process).stdout, "caught\n");
}

#[test]
fn a_signal_that_is_not_caught_kills() {
    let cell = cell();
    for (signal, number) in [(Signal::Interrupt, 2), (Signal::Terminate, 15), (Signal::Kill, 9)] {
        let mut process = cell.spawn(&sh("echo ready; exec sleep 100")).unwrap();
        first_line(&mut process);
        process.signal(signal).unwrap();
        assert_eq!(finish(&mut process).status, Some(ExitStatus::Signal(number)));
    }
}

#[test]
fn kill_tree_reaches_other_sessions_and_orphans() {
    let script = "setsid sleep 1000 & a=$!; (setsid sh -c 'echo $$; exec sleep 1000' &); \
                  sleep 0.1; echo $a $$; sleep 1000";
    let cell = cell();
    let mut process = cell.spawn(&sh(script)).unwrap();
    let mut text = String::new();
    follow(&mut process, |event| {
        if let Happened::Output { bytes, .. } = event {
            text.push_str(&String::from_utf8_lossy(bytes));
        }
        text.lines().count() == 2
    });
    let pids: Vec<_> = text.split_whitespace().collect();
    assert!(pids.iter().all(|pid| is_alive(pid)), "{text}");
    process.kill_tree().unwrap();
    assert_eq!(finish(&mut process).status, Some(ExitStatus::Signal(9)));
    wait_until("the death of the tree", || !pids.iter().any(|pid| is_alive(pid)));
}

#[test]
fn kill_tree_spares_what_earlier_steps_left() {
    let cell = cell();
    let daemon = run(&cell, "sleep 1000 >/dev/null 2>&1 & echo $!").stdout;
    let mut process = cell.spawn(&sh("echo ready; sleep 1000")).unwrap();
    first_line(&mut process);
    process.kill_tree().unwrap();
    assert_eq!(finish(&mut process).status, Some(ExitStatus::Signal(9)));
    assert!(is_alive(&daemon));
}

#[test]
fn a_dropped_process_dies() {
    let cell = cell();
    let mut process = cell.spawn(&sh("echo $$; sleep 1000")).unwrap();
    let pid = first_line(&mut process);
    drop(process);
    wait_until("the death of a dropped process", || !is_alive(&pid));
}

#[test]
fn several_processes_of_one_cell_are_followed_by_several_threads() {
    let cell = cell();
    std::thread::scope(|scope| {
        for i in 0..8 {
            let cell = &cell;
            scope.spawn(move || {
                let whole = run(cell, &format!("sleep 0.0{i}; echo {i}; exit {i}"));
                assert_eq!(whole.stdout, format!("{i}\n"));
                assert_eq!(whole.status, Some(ExitStatus::Code(i)));
            });
        }
    });
}

#[test]
fn output_is_read_on_after_the_main_process_ended() {
    let cell = cell();
    let mut process = cell.spawn(&sh("(sleep 0.1; echo late) & exit 3")).unwrap();
    let mut order = Vec::new();
    follow(&mut process, |event| {
        match event {
            Happened::Exited(status) => order.push(status.to_string()),
            Happened::Output { bytes, .. } => {
                order.push(String::from_utf8_lossy(bytes).trim_end().to_owned());
            }
            _ => {}
        }
        false
    });
    assert_eq!(order, ["returned 3", "late"]);
}

#[test]
fn a_program_says_whether_it_was_the_last_of_its_job() {
    let cell = cell();
    let was_last = |script: &str| {
        let mut process = cell.spawn(&sh(script)).unwrap();
        finish(&mut process);
        process.was_last()
    };
    assert!(was_last("true"));
    assert!(was_last("sleep 0 & wait"));
    assert!(!was_last("setsid sleep 100 > /dev/null 2>&1 & :"));
    assert!(!was_last("true"));
}

#[test]
fn leftovers_are_killed_and_named_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lingerer");
    fs::write(&file, "#!/bin/sh\necho here\nexec >&- 2>&-\nkill -STOP $$\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let cell = cell();
    let command = sh("(setsid \"$0\" &); setsid \"$0\" & exit 0").argument(&file);
    assert_eq!(finish(&mut cell.spawn(&command).unwrap()).stdout, "here\nhere\n");
    let left = cell.end().unwrap();
    let names: Vec<_> = left.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["lingerer", "lingerer"]);
    assert!(left.iter().all(|one| !one.alive && !is_alive(&one.pid.to_string())));
}

#[test]
fn a_cell_without_leftovers_ends_with_none() {
    let cell = cell();
    run(&cell, "sleep 0.01 & wait");
    assert_eq!(cell.end().unwrap(), []);
}

#[test]
fn a_process_that_flees_by_forking_is_caught() {
    let cell = cell();
    let script = "import os\nwhile True:\n    if os.fork(): os._exit(0)\n    os.setsid()\n";
    let mut process = cell.spawn(&sh("exec python3 -c \"$0\"").argument(script)).unwrap();
    let end = Instant::now() + LONG;
    let waker = Waker::new().unwrap();
    while !matches!(process.next(Some(end), &waker, &mut [0; 99]).unwrap(), Happened::Exited(_)) {}
    let left = cell.end().unwrap();
    assert!(left.iter().all(|one| !one.alive), "{left:?}");
}
