//! The semantics of steps: shells, conditions, results, cancellation, post parts, the background.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, and looks at the clock to see how long something was waited for"
)]

mod support;

use support::Harbour;

#[test]
fn semantic_01_an_unnamed_shell_has_no_pipefail_and_a_named_bash_has() {
    let ran = Harbour::with_steps(
        "
        - run: |
            true | false | true
            case $- in *e*) echo stops at errors;; esac
            set -o | grep -q 'pipefail.*off' && echo no pipefail
        - shell: bash
          run: |
            set -o | grep -q 'pipefail.*on' && echo pipefail
            false | true
            echo not reached
        ",
    )
    .run()
    .failed();
    ran.prints("stops at errors").prints("no pipefail").prints("pipefail");
    ran.never_prints("not reached");
}

#[test]
fn semantic_02_job_defaults_do_not_reach_into_composite_actions() {
    let harbour = Harbour::with_jobs(
        "
        job:
          runs-on: ubuntu-latest
          defaults: {run: {working-directory: sub, shell: 'bash -x {0}'}}
          steps:
            - uses: actions/checkout@v4
            - run: echo \"outside ${PWD##*/}\"
            - uses: ./action
        ",
    );
    harbour.file("sub/keep", "").file(
        "action/action.yml",
        "runs:\n  using: composite\n  steps:\n    - shell: sh\n      run: echo \"inside ${PWD##*/}\"\n",
    );
    harbour.run().passed().prints("outside sub").prints("inside repo");

    harbour.file("action/action.yml", "runs:\n  using: composite\n  steps:\n    - run: echo hi\n");
    let ran = harbour.run();
    assert_ne!(ran.code, 0, "a composite step needs a shell of its own");
    ran.never_prints("hi");
}

#[test]
fn semantic_03_a_condition_without_a_status_function_also_asks_for_success() {
    let ran = Harbour::with_steps(
        "
        - run: exit 1
        - if: true
          run: echo plain condition
        - if: ${{ 'always()' != 'x' }}
          run: echo a text that looks like a call
        - if: always() && true
          run: echo a call
        ",
    )
    .run()
    .failed();
    ran.prints("a call");
    ran.never_prints("plain condition").never_prints("a text that looks like a call");
}

#[test]
fn semantic_04_a_condition_with_text_around_expressions_is_a_text_and_holds() {
    let ran = Harbour::with_steps(
        "
        - if: ${{ false }} && ${{ false }}
          run: echo always true
        - if: ${{ false && false }}
          run: echo never
        ",
    )
    .run()
    .passed();
    ran.prints("always true").never_prints("never");
}

#[test]
fn semantic_05_a_tolerated_failure_is_a_success_with_the_outcome_failure() {
    let ran = Harbour::with_steps(
        "
        - id: first
          continue-on-error: true
          run: exit 3
        - run: echo '${{ steps.first.outcome }} ${{ steps.first.conclusion }} ${{ job.status }}'
        - id: second
          name: second
          continue-on-error: ${{ fromJSON('nonsense') }}
          run: exit 4
        ",
    )
    .run()
    .failed();
    ran.prints("failure success success");
    assert_eq!(ran.step("second"), "failure", "an error in it counts as false");
}

#[test]
fn semantic_06_an_expression_that_fails_in_env_or_if_fails_the_step_alone() {
    let ran = Harbour::with_steps(
        "
        - name: env
          env: {A: \"${{ fromJSON('{') }}\"}
          run: echo not reached
        - name: if
          if: fromJSON('{') && always()
          run: echo not reached
        - if: always()
          run: echo the rest runs
        ",
    )
    .run()
    .failed();
    assert_eq!([ran.step("env"), ran.step("if")], ["failure", "failure"]);
    ran.prints("the rest runs").never_prints("not reached");
}

#[test]
fn semantic_07_a_cancellation_looks_at_the_running_condition_again() {
    let ran = Harbour::with_steps(
        "
        - if: always()
          run: |
            echo started
            sleep 0.3
            echo finished
        - name: default
          run: echo default
        - if: cancelled()
          run: echo cleaned up
        ",
    )
    .start_until("started");
    ran.interrupt();
    let ran = ran.finish();
    assert_eq!(ran.code, 130, "{}", ran.everything());
    ran.prints("finished").prints("cleaned up").never_prints("default");

    let ran = Harbour::with_steps(
        "
        - run: |
            trap 'exit 7' INT
            echo started
            while :; do sleep 0.05; done
        ",
    )
    .start_until("started");
    ran.interrupt();
    let ran = ran.finish();
    assert_eq!(ran.code, 130);
    assert_eq!(ran.job("job"), "cancelled");
}

#[test]
fn semantic_08_a_step_is_interrupted_then_terminated_then_killed() {
    let ran = Harbour::with_steps(
        "
        - run: |
            trap 'echo interrupted' INT
            trap 'echo terminated' TERM
            (trap '' INT TERM; echo $BASHPID > $SHARED/child; exec sleep 300 > /dev/null 2>&1) &
            until [ -s $SHARED/child ]; do sleep 0.02; done
            echo \"child $(cat $SHARED/child)\"
            echo started
            while :; do sleep 0.05; done
        ",
    )
    .start_until("started");
    let interrupted = std::time::Instant::now();
    ran.interrupt();
    let ran = ran.finish();
    // 7.5 and 2.5 seconds: that they are not cut short can be told on a slow machine too.
    assert!(interrupted.elapsed() >= std::time::Duration::from_secs(10));
    let printed = ran.printed();
    let signals: Vec<_> = printed.iter().filter(|line| line.ends_with("ed")).collect();
    assert_eq!(signals, [&"started", &"interrupted", &"terminated"]);
    assert_eq!((ran.code, ran.job("job")), (130, "cancelled"));
    let child = printed.iter().find_map(|line| line.strip_prefix("child ")).unwrap();
    assert!(!support::lives(child), "the whole tree is killed");
}

#[test]
fn a_second_interruption_kills_at_once() {
    let ran = Harbour::with_steps(
        "
        - run: |
            trap 'echo interrupted' INT
            trap '' TERM
            echo started
            while :; do sleep 0.05; done
        - if: always()
          run: echo not reached
        ",
    )
    .start_until("started");
    ran.interrupt();
    std::thread::sleep(std::time::Duration::from_millis(300));
    ran.interrupt();
    let ran = ran.finish();
    assert_eq!(ran.code, 130);
    ran.prints("interrupted").never_prints("not reached");
}

#[test]
fn a_step_that_takes_too_long_fails_and_says_so() {
    let ran = Harbour::with_steps(
        "
        - name: slow
          timeout-minutes: ${{ fromJSON('0.005') }}
          run: |
            trap 'exit 0' INT
            while :; do sleep 0.05; done
        - if: failure()
          run: echo told
        ",
    )
    .run()
    .failed();
    assert_eq!(ran.step("slow"), "failure");
    ran.prints("told");
    assert!(ran.annotations("error").iter().any(|text| text.contains("timed out")));
}

#[test]
fn a_job_that_takes_too_long_is_cancelled() {
    let ran = Harbour::with_jobs(
        "
        job:
          runs-on: ubuntu-latest
          timeout-minutes: ${{ fromJSON('0.005') }}
          steps:
            - run: |
                trap 'exit 0' INT
                while :; do sleep 0.05; done
            - if: always()
              run: echo cleaned up
        ",
    )
    .run()
    .failed();
    assert_eq!(ran.job("job"), "cancelled");
    ran.prints("cleaned up");
    assert!(ran.notices().iter().any(|text| text.contains("maximum execution time")));
}

#[test]
fn semantic_16_entries_of_a_steps_env_do_not_see_each_other() {
    let ran = Harbour::with_jobs(
        "
        job:
          runs-on: ubuntu-latest
          env: {A: global}
          steps:
            - env:
                A: own
                B: \"${{ env.A }}\"
              run: echo \"$A $B\"
        ",
    )
    .run()
    .passed();
    ran.prints("own global");
}

#[test]
fn semantic_20_and_21_post_parts_run_backwards_and_their_failure_fails_the_job() {
    let action =
        "runs: {using: node20, main: main.js, post: post.js}\ninputs: {word: {default: ''}}\n";
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - {uses: ./action, with: {word: one}}
        - {uses: ./action, with: {word: two}}
        - {uses: ./action, if: false, with: {word: three}}
        ",
    );
    harbour.file("action/action.yml", action).file(
        "action/main.js",
        "require('fs').appendFileSync(process.env.GITHUB_STATE, `word=${process.env.INPUT_WORD}\\n`)",
    );
    harbour.file("action/post.js", "console.log(`post ${process.env.STATE_word}`)");
    let ran = harbour.run().passed();
    let posts: Vec<_> = ran.printed().into_iter().filter(|line| line.starts_with("post")).collect();
    assert_eq!(posts, ["post two", "post one"]);

    harbour.file("action/post.js", "console.log('post'); process.exit(1)");
    let ran = harbour.run().failed();
    assert_eq!(ran.job("job"), "failure");
    assert_eq!(ran.printed().iter().filter(|line| **line == "post").count(), 2);
}

#[test]
fn semantic_35_unnamed_steps_get_ids_that_scripts_can_see() {
    let ran = Harbour::with_steps(
        "
        - run: echo \"$GITHUB_ACTION\"
        - run: echo \"$GITHUB_ACTION\"
        - id: mine
          run: echo \"$GITHUB_ACTION ${{ toJSON(steps) }}\"
        ",
    )
    .run()
    .passed();
    ran.prints("__run").prints("__run_2").prints("mine {}");
}

#[test]
fn semantic_42_what_background_steps_set_waits_until_they_are_waited_for() {
    let ran = Harbour::with_steps(
        "
        - id: aside
          background: true
          run: |
            echo ANSWER=42 >> $GITHUB_ENV
            echo found=yes >> $GITHUB_OUTPUT
        - run: |
            sleep 0.3
            echo \"before: $ANSWER ${{ steps.aside.outputs.found }}.\"
        - wait: aside
        - run: |
            echo \"after: $ANSWER ${{ steps.aside.outputs.found }} ${{ steps.aside.outcome }}\"
        ",
    )
    .run()
    .passed();
    ran.prints("before:  .").prints("after: 42 yes success");
}

#[test]
fn semantic_42_a_cancelled_background_step_is_no_failure_and_an_unwaited_one_counts() {
    let ran = Harbour::with_steps(
        "
        - id: server
          background: true
          run: |
            trap 'exit 1' INT
            while :; do sleep 0.05; done
        - cancel: server
        - run: echo '${{ job.status }}'
        ",
    )
    .run()
    .passed();
    ran.prints("success");

    let ran = Harbour::with_steps(
        "
        - id: broken
          background: true
          run: sleep 0.2; exit 1
        - run: echo done
        ",
    )
    .run()
    .failed();
    ran.prints("done");
}

#[test]
fn semantic_42_ten_background_steps_run_at_once_and_the_next_one_waits() {
    let begin = "
            touch $RUNNER_TEMP/begun-$NUMBER
            until [ -e $RUNNER_TEMP/go ]; do sleep 0.02; done
    ";
    let aside = |number| {
        format!(
            "        - background: true\n          env: {{NUMBER: {number}}}\n          run: |{begin}\n"
        )
    };
    let steps: String = (1..=11).map(aside).collect();
    let rest = "
        - run: |
            begun() { ls $RUNNER_TEMP | grep -c begun-; }
            until [ $(begun) -ge 10 ]; do sleep 0.02; done
            sleep 0.3
            echo \"$(begun) at once\"
            touch $RUNNER_TEMP/go
        - wait-all: true
        - run: echo \"$(ls $RUNNER_TEMP | grep -c begun-) in all\"
";
    let ran = Harbour::with_steps(&(steps + rest)).run().passed();
    ran.prints("10 at once").prints("11 in all");
}

#[test]
fn semantic_42_what_nobody_waited_for_is_over_before_the_post_parts() {
    let harbour = Harbour::with_steps(
        "
        - uses: actions/checkout@v4
        - uses: ./action
        - background: true
          run: |
            until [ -e $RUNNER_TEMP/go ]; do sleep 0.02; done
            echo aside
        - run: (sleep 0.3; touch $RUNNER_TEMP/go) > /dev/null 2>&1 &
        ",
    );
    harbour
        .file("action/action.yml", "runs: {using: node20, main: main.js, post: post.js}\n")
        .file("action/main.js", "")
        .file("action/post.js", "console.log('post')");
    assert!(harbour.run().passed().printed().ends_with(&["aside", "post"]));
}

#[test]
fn parallel_steps_run_at_once_and_are_waited_for() {
    let ran = Harbour::with_steps(
        "
        - parallel:
            - run: |
                touch $RUNNER_TEMP/one
                until [ -e $RUNNER_TEMP/two ]; do sleep 0.02; done
                echo one
            - run: |
                touch $RUNNER_TEMP/two
                until [ -e $RUNNER_TEMP/one ]; do sleep 0.02; done
                echo two
        - run: echo both
        ",
    )
    .run()
    .passed();
    ran.prints("one").prints("two").prints("both");
}

#[test]
fn semantic_45_only_listed_properties_of_github_become_variables() {
    let harbour = Harbour::with_steps(
        "
        - run: |
            echo \"token:${GITHUB_TOKEN-unset} event:${GITHUB_EVENT-unset}\"
            echo \"$GITHUB_EVENT_NAME $GITHUB_JOB $GITHUB_ACTIONS $CI $RUNNER_OS\"
            test \"$GITHUB_WORKSPACE\" = \"$PWD\"
            test -s \"$GITHUB_EVENT_PATH\"
        - run: test \"$GIVEN\" = the-token-of-a-user && echo given
          env: {GIVEN: \"${{ github.token }}\"}
        ",
    )
    .variable("GITHUB_TOKEN", "the-token-of-a-user");
    let ran = harbour.run_with(&["-s", "GITHUB_TOKEN"]).passed();
    ran.prints("token:unset event:unset").prints("push job true true Linux").prints("given");
}

#[test]
fn steps_have_no_input_and_no_terminal() {
    let ran = Harbour::with_steps(
        "
        - run: |
            cat; echo \"cat: $?\"
            if (: < /dev/tty) 2>/dev/null; then echo terminal; else echo no terminal; fi
        ",
    )
    .run()
    .passed();
    ran.prints("cat: 0").prints("no terminal");
}

#[test]
fn what_a_step_leaves_running_ends_with_its_job() {
    let ran = Harbour::with_steps(
        "
        - run: |
            setsid sh -c 'sleep 300 & echo $! > pid; wait' > /dev/null 2>&1 &
            (setsid sleep 301 > /dev/null 2>&1 & echo $! > other) &
            until [ -s pid ] && [ -s other ]; do sleep 0.02; done
            echo \"left $(cat pid) $(cat other)\"
        ",
    )
    .run()
    .passed();
    let left = ran.printed().into_iter().find_map(|line| line.strip_prefix("left ")).unwrap();
    for pid in left.split(' ') {
        assert!(!support::lives(pid), "{pid} lives");
    }
    assert!(ran.notices().iter().any(|text| text.contains("left behind")), "{}", ran.everything());
}

#[test]
fn a_log_that_is_not_utf_8_is_shown_as_well_as_it_can_be() {
    let ran = Harbour::with_steps("- run: printf 'caf\\xe9\\n\\xff\\xfe ok\\n'").run().passed();
    ran.prints("caf\u{fffd}").prints("\u{fffd}\u{fffd} ok");
}
