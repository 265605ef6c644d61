//! `plim run --shell` and `--break`: a person at a terminal looks at a step, in the step's own surroundings.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test starts the program as a user would, and fails by a panic"
)]

mod support;

use std::process::Command;

use support::{Harbour, seat::Seat};

const FAILING: &str = "
- run: echo word=kept >> $GITHUB_ENV
- id: check
  name: look for it
  working-directory: sub
  env: {OWN: 'of the step'}
  run: test -e mended
- run: echo \"after $word\"
";

fn failing() -> Harbour {
    let harbour = Harbour::with_steps(&format!("- uses: actions/checkout@v4{FAILING}"));
    harbour.file("sub/file", "");
    harbour
}

#[test]
fn a_step_is_mended_in_its_shell_and_tried_again() {
    let harbour = failing();
    let mut seat = Seat::take(&harbour, &["run", "--shell"]);
    seat.wait_for("look for it")
        .wait_for("failed with exit code 1")
        .wait_for("script")
        .wait_for("then");
    seat.type_in("echo \"<$OWN> <$word> <${PWD##*/}> <$(tty | cut -c1-8)>\"\n");
    seat.wait_for("<of the step> <kept> <sub> <");
    seat.type_in("touch mended\n").type_in("exit\n");
    seat.wait_for("[r]etry the step, [c]ontinue as failed, [s]hell again, [a]bort the run? ");
    assert!(seat.echoes(), "the terminal is as it was");
    seat.type_in("r\n").wait_for("after kept");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(5), "what a person had a hand in has not passed:\n{shown}");
    assert!(shown.contains("somebody worked in its workspace"), "{shown}");
}

#[test]
fn the_workspace_and_room_are_those_of_the_step() {
    let harbour = failing();
    std::fs::write(harbour.home().join(".secret-of-the-user"), "x").unwrap();
    let mut seat = Seat::take(&harbour, &["run", "--shell"]);
    seat.wait_for("then");
    seat.type_in("echo \"home=$HOME\"; ls -a ~ | grep -c secret-of; echo made > here\n");
    seat.wait_for("\n0");
    let home = format!("home={}", harbour.home().display());
    assert!(!seat.shown.contains(&format!("{home}\r")), "{}", seat.shown);
    seat.type_in("exit 3\n").wait_for("? ").type_in("c\n");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(1), "{shown}");
    assert!(!harbour.root().join("sub/here").exists(), "the user's tree is not written");
}

#[test]
fn going_on_as_failed_opens_no_further_shell() {
    let harbour = Harbour::with_steps(
        "
        - run: exit 7
        - if: always()
          run: exit 8
        ",
    );
    let mut seat = Seat::take(&harbour, &["run", "--shell"]);
    seat.wait_for("failed with exit code 7").wait_for("then").type_in("exit\n");
    seat.wait_for("? ").type_in("nonsense\n").wait_for("? ").type_in("c\n");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(1), "{shown}");
    assert_eq!(shown.matches("leave the shell with").count(), 1, "{shown}");
}

#[test]
fn aborting_cancels_the_run() {
    let harbour = failing();
    let mut seat = Seat::take(&harbour, &["run", "--shell"]);
    seat.wait_for("then").type_in("exit\n").wait_for("? ").type_in("a\n");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(130), "{shown}");
    assert!(!shown.contains("after kept"), "{shown}");
}

#[test]
fn ctrl_c_belongs_to_the_shell_and_the_window_has_its_size() {
    let harbour = failing();
    let mut seat = Seat::take(&harbour, &["run", "--shell"]);
    // The command is shown before it runs: it says itself that it does.
    seat.wait_for("then").type_in("sh -c 'echo up-$((1+1)); exec sleep 600'\n");
    seat.wait_for("up-2").type_in("\u{3}").wait_for("^C");
    seat.type_in("echo still-$((40+2))\n").wait_for("still-42");
    seat.resize(101);
    seat.type_in(
        "while test \"$(stty size)\" != '24 101'; do sleep 0.05; done; echo size-$((1+1))\n",
    );
    seat.wait_for("size-2").type_in("exit\n").wait_for("? ").type_in("c\n");
    assert_eq!(seat.leave().1, Some(1));
}

#[test]
fn a_run_stops_before_and_after_a_chosen_step() {
    let harbour = Harbour::with_steps("- run: echo one\n- id: second\n  run: touch it; echo two\n");
    let mut seat = Seat::take(&harbour, &["run", "--break", "job/second", "--break-after", "2"]);
    seat.wait_for("has not begun").wait_for("then").type_in("ls | wc -l\n").wait_for("\n0");
    seat.type_in("exit\n")
        .wait_for("[c]ontinue with the step, [s]hell again")
        .wait_for("? ")
        .type_in("c\n");
    seat.wait_for("ended with exit code 0").wait_for("then").type_in("ls\n").wait_for("it\r");
    seat.type_in("exit\n").wait_for("? ").type_in("c\n");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(5), "{shown}");
    let missed = harbour.run_at(&["run", "--break", "third"]);
    assert!(missed.0.contains("the run did not stop at `third`"), "{}", missed.0);
    assert_eq!(missed.1, Some(0));
}

#[test]
fn secrets_are_left_out_unless_asked_for() {
    let harbour = Harbour::with_steps(
        "- env: {TOKEN: '${{ secrets.TOKEN }}'}\n  run: 'echo ${{ secrets.TOKEN }} > /dev/null; exit 1'\n",
    )
    .variable("TOKEN", "hunter2hunter2");
    let look =
        "grep -rl hunter2 \"$RUNNER_TEMP\" | wc -l; echo \"<$TOKEN>\"; env | grep -c hunter2\n";
    let mut seat = Seat::take(&harbour, &["run", "--shell", "-s", "TOKEN"]);
    seat.wait_for("with *** for secrets").wait_for("without  TOKEN").wait_for("then").type_in(look);
    seat.wait_for("\n0")
        .wait_for("<>")
        .wait_for("\n0")
        .type_in("exit\n")
        .wait_for("? ")
        .type_in("c\n");
    assert!(!seat.leave().0.contains("hunter2hunter2"));
    let mut seat = Seat::take(&harbour, &["run", "--shell", "--shell-secrets", "-s", "TOKEN"]);
    seat.wait_for("then").type_in("echo \"<$TOKEN>\"\n").wait_for("<hunter2hunter2>");
    seat.type_in("exit\n").wait_for("? ").type_in("c\n");
    assert_eq!(seat.leave().1, Some(1));
}

#[test]
fn other_jobs_go_on_while_a_shell_is_open() {
    let harbour = Harbour::with_jobs(
        "
        one:
          runs-on: ubuntu-latest
          steps: [{run: exit 1}]
        two:
          runs-on: ubuntu-latest
          steps: [{run: 'while ! test -e \"$SHARED/go\"; do sleep 0.05; done; touch \"$SHARED/gone\"; echo went'}]
        ",
    );
    let shared = harbour.shared_folder();
    let variable = format!("SHARED={}", shared.display());
    let mut seat = Seat::take(&harbour, &["run", "--shell", "--jobs", "2", "--env", &variable]);
    seat.wait_for("then");
    seat.type_in(
        "touch $SHARED/go; while ! test -e $SHARED/gone; do sleep 0.05; done; echo seen-$((1+1))\n",
    );
    seat.wait_for("seen-2").type_in("exit\n").wait_for("? ").type_in("c\n");
    let (shown, code) = seat.leave();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("passed 1 · failed 1"), "{shown}");
}

#[test]
fn without_a_terminal_a_shell_is_refused() {
    let harbour = failing();
    for arguments in [vec!["--shell"], vec!["--break", "1"], vec!["--shell-secrets"]] {
        let plain = harbour.command(&[&["run"], &arguments[..]].concat());
        let mut command = Command::new("setsid");
        command.arg("--wait").arg(plain.get_program()).args(plain.get_args()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.current_dir(harbour.root()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("error[shell]"), "{said}");
    }
}
