//! Files and steps that are broken, hostile or too much: one clear message, and nothing left behind.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and a shell limits the memory of what it starts"
)]

mod support;

use std::fmt::Write;

use support::Harbour;

const JOB: &str = "jobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: echo ran }] }\n";

/// Runs a file that GitHub refuses. All of `words` are said, and where; nothing runs, and nothing is left behind.
#[track_caller]
fn refused(workflow: &str, place: &str, words: &[&str]) {
    let harbour = Harbour::new();
    harbour.workflow("ci.yml", workflow);
    let output = harbour.command(&["run"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let place = format!(".github/workflows/ci.yml:{place}");
    for word in words.iter().chain([&&*place]) {
        assert!(stderr.contains(word), "{word} is not in {stderr}");
    }
    assert!(!stderr.contains("panicked") && stderr.len() < 4_000, "{stderr}");
    assert!(!harbour.root().join(".plimsoll").exists());
    assert_eq!(std::fs::read_dir(harbour.home()).unwrap().count(), 0);
}

#[test]
fn what_is_not_yaml_has_one_place() {
    refused(
        &format!("on: push\n{JOB}x: [a\n  b: {{{{\n"),
        "5:4",
        &["error[yaml-syntax]", "help: "],
    );
    refused(
        "\0\u{1}garbage",
        "1:1",
        &["error[yaml-syntax]: the character U+0000 cannot stand in YAML"],
    );
}

#[test]
fn jobs_that_wait_for_one_another_are_shown() {
    let job = |id: &str, needs: &str| {
        format!("  {id}: {{ needs: {needs}, runs-on: x, steps: [{{ run: echo }}] }}\n")
    };
    let jobs = [job("a", "c"), job("b", "a"), job("c", "b")].concat();
    let said = "no job can be the first: `a` needs `c` needs `b` needs `a`";
    refused(&format!("on: push\njobs:\n{jobs}"), "3:3", &[said, "remove one of these needs"]);
}

#[test]
fn an_unknown_event_has_a_suggestion() {
    refused(&format!("on: psuh\n{JOB}"), "1:5", &["there is no event `psuh`", "write `push`"]);
    let harbour = Harbour::with_steps("- run: echo ran");
    let output = harbour.command(&["run", "--event", "psuh"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("there is no event `psuh`") && stderr.contains("write `push`"));
}

#[test]
fn three_hundred_legs_are_too_many() {
    let numbers: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    let matrix = format!("strategy: {{ matrix: {{ n: [{}] }} }}", numbers.join(", "));
    let workflow = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    {matrix}\n    steps: [{{ run: echo }}]\n"
    );
    refused(&workflow, "5:25", &["the matrix has 300 legs, and at most 256 are allowed"]);
}

#[test]
fn an_expression_of_two_mebibytes_is_not_read() {
    let workflow = |length: usize| {
        let expression = "a".repeat(length);
        format!("on: push\nname: ${{{{ {expression} }}}}\n{JOB}")
    };
    let too_long = "the file has 2097241 characters, and no more than 1048576 are read";
    refused(&workflow(2 << 20), "1:1", &[too_long, "split the file"]);
    let expression = workflow(900_000).replace("name:", "run-name:");
    refused(
        &expression,
        "2:15",
        &["the expression has 900000 characters, and GitHub allows 21000"],
    );
}

#[test]
fn a_bomb_of_aliases_does_not_go_off() {
    let mut workflow = "on: push\nenv:\n  A: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let ten = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(workflow, "  A{level}: &a{level} [{ten}]").unwrap();
    }
    let said = "the file has more than 50000 nodes, counting what its aliases repeat";
    refused(&(workflow + JOB), "7:", &[said, "repeat less through aliases"]);
}

#[test]
fn a_repository_without_commits_runs_as_one_commit() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - run: git log --format=%s && echo \"$GITHUB_REF ${{ github.event.before }}\"
        ",
    );
    harbour.git(&["init", "-q", "-b", "main"]);
    let ran = harbour.run().passed();
    ran.prints("uncommitted changes");
    ran.prints(&format!("refs/heads/main {}", "0".repeat(40)));
    assert_eq!(harbour.git(&["for-each-ref"]), "");
}

#[test]
fn a_folder_without_git_runs_as_one_commit_and_says_so() {
    let steps = "- uses: actions/checkout@v4\n- run: git rev-list --count HEAD";
    let ran = Harbour::with_steps(steps).run().passed();
    ran.prints("1");
    let said = "without git the folder is run as one commit that has no history";
    assert!(ran.notices().contains(&said), "{:?}", ran.notices());
}

#[test]
fn a_repository_inside_the_tree_is_left_out_and_named() {
    let harbour = Harbour::with_steps("- uses: actions/checkout@v4\n- run: ls");
    harbour.commit().file("vendored/file", "x");
    let inside = ["-C", "vendored", "init", "-q", "."];
    harbour.git(&inside);
    let said = "`vendored/` is a repository of its own and no submodule: it is missing from this run, as it is from a push";
    let clean = harbour.run().passed();
    clean.never_prints("vendored");
    assert!(clean.notices().contains(&said), "{:?}", clean.notices());
    let dirty = harbour.file("new", "").run().passed();
    dirty.prints("new").never_prints("vendored");
    assert!(dirty.notices().contains(&said), "{:?}", dirty.notices());
}

#[test]
fn a_step_that_closes_its_streams_ends_as_its_exit_code_says() {
    let ran = Harbour::with_steps(
        "
        - run: exec 0<&- 1>&- 2>&-; sleep 0.05; exit 0
        - run: echo last words; exec 0<&- 1>&- 2>&-; sleep 0.05; exit 3
        - if: always()
          run: echo next
        ",
    )
    .run()
    .failed();
    let ends: Vec<_> = ran.steps().into_iter().map(|(_, outcome, _)| outcome).collect();
    assert_eq!(ends, ["success", "failure", "success"]);
    ran.prints("last words").prints("next");
}

#[test]
fn a_background_process_that_holds_the_streams_does_not_hold_the_job() {
    let ran = Harbour::with_steps(
        "
        - run: |
            sleep 300 &
            echo $! > \"$SHARED/pid\"
            echo started
        - run: cat \"$SHARED/pid\"
        ",
    )
    .run()
    .passed();
    ran.prints("started");
    let number = |line: &&str| line.parse::<u32>().is_ok();
    let pid = ran.printed().into_iter().find(number).unwrap();
    let stat = support::read(format!("/proc/{pid}/stat").as_ref());
    assert!(!stat.contains("(sleep)") || stat.contains(") Z "), "{stat}");
}

#[test]
fn a_gigabyte_on_stdout_passes_through_little_memory() {
    // Lines of a mebibyte, and one that never ends.
    let harbour = Harbour::with_steps(
        "
        - run: |
            line=$(head -c 1048575 /dev/zero | tr '\\0' x)
            for _ in $(seq 512); do echo \"$line\"; done
        - run: head -c 536870912 /dev/zero | tr '\\0' y
        - run: echo after
        ",
    );
    let plim = env!("CARGO_BIN_EXE_plim");
    let mut command = harbour.command(&[]);
    // What it and each of its steps may have for data: a quarter of what is printed.
    let script = format!("ulimit -d 262144 && exec {plim} run --format concise");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).current_dir(harbour.root()).env_clear();
    shell.envs(command.env("LANG", "C").get_envs().filter_map(|(k, v)| Some((k, v?))));
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("passed 1"), "{said}");
}
