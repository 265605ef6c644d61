//! The semantics of jobs: needs, matrix, reusable workflows, results, concurrency.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

use support::Harbour;

#[test]
fn semantic_33_include_extends_only_the_legs_that_it_does_not_contradict() {
    let ran = Harbour::with_jobs(
        "
        job:
          strategy:
            matrix:
              fruit: [apple, pear]
              animal: [cat, dog]
              exclude: [{fruit: pear, animal: dog}]
              include:
                - color: green
                - {color: pink, animal: cat}
                - {fruit: apple, shape: circle}
                - {fruit: banana}
                - {fruit: banana, animal: cat}
          runs-on: ubuntu-latest
          steps:
            - run: echo '${{ join(matrix.*, ',') }}'
        ",
    )
    .run()
    .passed();
    let mut legs = ran.printed();
    legs.sort_unstable();
    assert_eq!(
        legs,
        [
            "apple,cat,pink,circle",
            "apple,dog,green,circle",
            "banana",
            "banana,cat",
            "pear,cat,pink"
        ]
    );
}

#[test]
fn semantic_34_legs_are_named_by_their_values() {
    let ran = Harbour::with_jobs(
        "
        plain:
          strategy: {matrix: {os: [a], with: [{deep: [1, true]}]}}
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        named:
          name: build ${{ matrix.os }}
          strategy: {matrix: {os: [b]}}
          runs-on: ubuntu-latest
          steps: [{run: 'true'}]
        ",
    )
    .run()
    .passed();
    let mut names = ran.started();
    names.sort_unstable();
    assert_eq!(names, ["build b", "plain (a, 1, true)"]);
}

#[test]
fn a_matrix_can_come_from_a_job() {
    let ran = Harbour::with_jobs(
        "
        list:
          runs-on: ubuntu-latest
          outputs: {all: \"${{ steps.l.outputs.all }}\"}
          steps:
            - id: l
              run: echo 'all=[\"x\",\"y\"]' >> $GITHUB_OUTPUT
        each:
          needs: list
          strategy: {matrix: {one: \"${{ fromJSON(needs.list.outputs.all) }}\"}}
          runs-on: ubuntu-latest
          steps:
            - run: echo '${{ matrix.one }} ${{ strategy.job-index }} of ${{ strategy.job-total }}'
        ",
    )
    .run()
    .passed();
    ran.prints("x 0 of 2").prints("y 1 of 2");
}

#[test]
fn semantic_36_a_called_workflow_sees_typed_inputs_and_nothing_of_its_callers_env() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on: push\nenv: {OUTER: seen}\njobs:\n  call:\n    permissions: {contents: read}\n    uses: ./.github/workflows/called.yml\n    with: {flag: true, count: 3}\n    secrets: {key: 'x-secret-x'}\n  after:\n    needs: call\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo 'got ${{ needs.call.outputs.word }}'\n",
    );
    harbour.workflow(
        "called.yml",
        "on:\n  workflow_call:\n    inputs:\n      flag: {type: boolean, required: true}\n      count: {type: number, default: 1}\n      other: {type: string, default: fine}\n    secrets: {key: {required: true}}\n    outputs:\n      word: {value: \"${{ jobs.inner.outputs.word }}\"}\njobs:\n  inner:\n    runs-on: ubuntu-latest\n    outputs: {word: \"${{ steps.w.outputs.word }}\"}\n    steps:\n      - run: echo \"env[$OUTER] ${{ inputs.flag == true }} ${{ inputs.count + 0 == 3 || inputs.count == 3 }} ${{ inputs.other }}\"\n        if: inputs.flag\n      - run: echo '${{ github.event_name }}'\n      - id: w\n        run: echo word=hello >> $GITHUB_OUTPUT\n".replace("${{ inputs.count + 0 == 3 || inputs.count == 3 }}", "${{ inputs.count == 3 }}").as_str(),
    );
    let ran = harbour.run().passed();
    ran.prints("env[] true true fine").prints("push").prints("got hello");
    assert_eq!(ran.job("call / inner"), "success");
}

#[test]
fn semantic_36_permissions_only_shrink_on_the_way_down() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on: push\npermissions: {contents: read}\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n",
    );
    harbour.workflow(
        "called.yml",
        "on: workflow_call\njobs:\n  inner:\n    permissions: {contents: write}\n    runs-on: ubuntu-latest\n    steps: [{run: echo ran}]\n",
    );
    let ran = harbour.run();
    assert_ne!(ran.code, 0, "{}", ran.everything());
    ran.never_prints("ran");
}

#[test]
fn semantic_37_a_dispatched_boolean_is_one_in_inputs_and_a_text_in_the_event() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on:\n  workflow_dispatch:\n    inputs:\n      flag: {type: boolean, default: false}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo '${{ inputs.flag == true }} ${{ toJSON(inputs.flag) }} ${{ toJSON(github.event.inputs.flag) }}'\n",
    );
    let ran = harbour.run_with(&["-e", "workflow_dispatch", "--input", "flag=true"]).passed();
    ran.prints("true true \"true\"");
}

#[test]
fn semantic_38_success_asks_all_ancestors_and_a_skipped_one_is_no_success() {
    let ran = Harbour::with_jobs(
        "
        first: {if: false, runs-on: ubuntu-latest, steps: [{run: 'true'}]}
        second: {needs: first, if: always(), runs-on: ubuntu-latest, steps: [{run: echo second}]}
        third: {needs: second, runs-on: ubuntu-latest, steps: [{run: echo third}]}
        fourth: {needs: third, if: '!failure()', runs-on: ubuntu-latest, steps: [{run: echo fourth}]}
        ",
    )
    .run()
    .passed();
    ran.prints("second").prints("fourth").never_prints("third");
    assert_eq!(ran.job("third"), "skipped");

    let ran = Harbour::with_jobs(
        "
        first: {runs-on: ubuntu-latest, steps: [{run: exit 1}]}
        second: {needs: first, if: always(), runs-on: ubuntu-latest, steps: [{run: 'true'}]}
        third: {needs: second, runs-on: ubuntu-latest, steps: [{run: echo third}]}
        cleanup: {needs: second, if: failure(), runs-on: ubuntu-latest, steps: [{run: \"echo '${{ needs.second.result }}'\"}]}
        ",
    )
    .run()
    .failed();
    ran.never_prints("third").prints("success");
}

#[test]
fn semantic_39_a_tolerated_job_counts_as_success_and_cancels_no_leg() {
    let ran = Harbour::with_jobs(
        "
        job:
          strategy: {matrix: {n: [1, 2]}}
          continue-on-error: ${{ matrix.n == 1 }}
          runs-on: ubuntu-latest
          steps:
            - run: test ${{ matrix.n }} = 2
            - run: sleep 0.3; echo leg two lives
        after: {needs: job, runs-on: ubuntu-latest, steps: [{run: \"echo '${{ needs.job.result }}'\"}]}
        ",
    )
    .run()
    .passed();
    ran.prints("leg two lives").prints("success");
}

#[test]
fn a_failing_leg_cancels_its_siblings_unless_told_otherwise() {
    let jobs = "
        job:
          strategy: {fail-fast: FAST, matrix: {n: [1, 2]}}
          runs-on: ubuntu-latest
          steps:
            - if: matrix.n == 1
              run: |
                until [ -e $SHARED/two ]; do sleep 0.02; done
                exit 1
            - if: matrix.n == 2
              run: |
                trap 'exit 1' INT
                touch $SHARED/two
                for i in $(seq 100); do sleep 0.02; done
                echo survived
        after: {needs: job, if: always(), runs-on: ubuntu-latest, steps: [{run: \"echo '${{ needs.job.result }}'\"}]}
        ";
    let ran = Harbour::with_jobs(&jobs.replace("FAST", "true")).run_with(&["--jobs", "2"]).failed();
    ran.never_prints("survived").prints("failure");
    assert_eq!(ran.job("job (2)"), "cancelled");

    let ran =
        Harbour::with_jobs(&jobs.replace("FAST", "false")).run_with(&["--jobs", "2"]).failed();
    ran.prints("survived").prints("failure");
}

#[test]
fn semantic_41_a_service_with_an_empty_image_is_not_started() {
    let ran = Harbour::with_jobs(
        "
        job:
          runs-on: ubuntu-latest
          services:
            database: {image: \"${{ '' }}\"}
          steps: [{run: echo ran}]
        ",
    )
    .run()
    .passed();
    ran.prints("ran");
}

#[test]
fn semantic_44_a_context_can_be_read_only_where_github_gives_it() {
    for (jobs, wrong) in [
        ("job: {if: env.A == '', runs-on: ubuntu-latest, steps: [{run: echo ran}]}", "env"),
        ("job: {runs-on: \"${{ env.A }}\", steps: [{run: echo ran}]}", "env"),
        (
            "job: {runs-on: ubuntu-latest, steps: [{if: \"secrets.A == ''\", run: echo ran}]}",
            "secrets",
        ),
        (
            "job: {runs-on: ubuntu-latest, env: {A: \"${{ env.B }}\"}, steps: [{run: echo ran}]}",
            "env",
        ),
    ] {
        let ran = Harbour::with_jobs(jobs).run();
        assert_ne!(ran.code, 0, "{jobs}");
        ran.never_prints("ran");
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
    }
}

#[test]
fn needs_give_results_and_outputs() {
    let ran = Harbour::with_jobs(
        "
        make:
          runs-on: ubuntu-latest
          outputs: {word: \"${{ steps.w.outputs.word }}\"}
          steps:
            - {id: w, run: echo word=hello >> $GITHUB_OUTPUT}
        use:
          needs: [make]
          runs-on: ubuntu-latest
          steps: [{run: \"echo '${{ needs.make.outputs.word }} ${{ needs.make.result }}'\"}]
        ",
    )
    .run()
    .passed();
    ran.prints("hello success");
}

#[test]
fn what_cannot_run_here_makes_its_dependants_undetermined_and_the_run_incomplete() {
    let harbour = Harbour::with_jobs(
        "
        here: {runs-on: ubuntu-latest, steps: [{run: echo here}]}
        elsewhere: {runs-on: windows-latest, steps: [{run: echo elsewhere}]}
        gate: {needs: [here, elsewhere], if: always(), runs-on: ubuntu-latest, steps: [{run: echo gate}]}
        mixed:
          strategy: {matrix: {os: [ubuntu-latest, macos-latest]}}
          runs-on: ${{ matrix.os }}
          steps: [{run: echo mixed}]
        after: {needs: mixed, runs-on: ubuntu-latest, steps: [{run: \"echo after ${{ needs.mixed.result }}\"}]}
        ",
    );
    let ran = harbour.run();
    assert_eq!(ran.code, 3, "{}\n{}", ran.everything(), ran.stderr);
    ran.prints("here").prints("mixed").prints("after success");
    ran.never_prints("gate").never_prints("elsewhere");
    assert_eq!(ran.job("gate"), "blocked");

    harbour.file("plimsoll.toml", "[run]\nexpect-elsewhere = [\"windows-*\", \"macos-*\"]\n");
    harbour.run().passed().never_prints("gate");
}

#[test]
fn jobs_that_publish_are_withheld_until_they_are_allowed() {
    let harbour = Harbour::with_jobs(
        "
        publish:
          runs-on: ubuntu-latest
          steps:
            - run: |
                cargo() { echo \"pretended $*\"; }
                cargo publish
        ",
    );
    let ran = harbour.run();
    assert_ne!(ran.code, 0);
    ran.never_prints("pretended publish");
    let cause = ran.of("job-blocked").next().unwrap();
    assert_eq!(cause["cause"]["cause"], "publishes");
    harbour.run_with(&["--allow-publish", "publish"]).passed().prints("pretended publish");
}

#[test]
fn an_environment_needs_an_approval() {
    let harbour = Harbour::with_jobs(
        "job: {runs-on: ubuntu-latest, environment: production, steps: [{run: echo ran}]}",
    );
    let ran = harbour.run();
    assert_ne!(ran.code, 0);
    ran.never_prints("ran");
    assert_eq!(ran.job("job"), "blocked");
    harbour.run_with(&["--approve", "production"]).passed().prints("ran");
}

#[test]
fn the_address_of_an_environment_is_told_as_github_shows_it() {
    let environment = |more: &str| {
        let steps = "steps: [{id: d, run: 'echo host=x.example >> $GITHUB_OUTPUT'}]";
        let name = "environment: {name: staging, url: 'https://${{ steps.d.outputs.host }}/'";
        let ran = Harbour::with_jobs(&format!(
            "job: {{runs-on: ubuntu-latest, {name}{more}}}, {steps}}}"
        ));
        ran.run_with(&["--approve", "staging"]).passed()
    };
    let address = "environment `staging`: https://x.example/";
    assert!(environment("").notices().contains(&address));
    assert!(!environment(", deployment: false").notices().contains(&address));
}

#[test]
fn an_environment_whose_address_cannot_be_evaluated_fails_its_job() {
    let ran = Harbour::with_jobs(
        "job: {runs-on: ubuntu-latest, environment: {name: e, url: \"${{ fromJSON('[') }}\"}, steps: [{run: 'true'}]}",
    );
    let ran = ran.run_with(&["--approve", "e"]).failed();
    assert_eq!(ran.job("job"), "failure");
}

#[test]
fn an_image_that_is_not_made_is_told() {
    let harbour = Harbour::with_jobs(
        "job: {runs-on: ubuntu-latest, snapshot: tools, steps: [{run: 'true'}]}",
    );
    let said = "`snapshot` is left out: no image `tools` is made of this machine";
    assert!(harbour.run().passed().notices().contains(&said));
    let plan = harbour.command(&["run", "-n", "-v"]).output().unwrap();
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains("left out here: the image `tools` of `snapshot`"), "{plan}");
}

#[test]
fn a_concurrency_group_lets_one_job_run_at_a_time() {
    let ran = Harbour::with_jobs(
        "
        one: &job
          concurrency: {group: g, queue: max}
          runs-on: ubuntu-latest
          steps:
            - run: |
                mkdir $SHARED/held || { echo overlap; exit 1; }
                sleep 0.2
                rmdir $SHARED/held
        two: *job
        three: *job
        ",
    )
    .run_with(&["--jobs", "3"])
    .passed();
    ran.never_prints("overlap");
    assert_eq!(ran.started().len(), 3);
}

#[test]
fn no_more_legs_run_at_once_than_the_strategy_allows() {
    let ran = Harbour::with_jobs(
        "
        job:
          strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}
          runs-on: ubuntu-latest
          steps:
            - run: |
                mkdir $SHARED/held || { echo overlap; exit 1; }
                sleep 0.1
                rmdir $SHARED/held
        ",
    )
    .run_with(&["--jobs", "3"])
    .passed();
    assert_eq!(ran.started().len(), 3);
}

#[test]
fn each_leg_of_a_matrix_calls_a_workflow_of_its_own() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on: push\njobs:\n  call:\n    strategy: {matrix: {word: [ahoy, avast]}}\n    uses: ./.github/workflows/called.yml\n    with: {word: \"${{ matrix.word }}\"}\n",
    );
    harbour.workflow(
        "called.yml",
        "on: {workflow_call: {inputs: {word: {type: string}}}}\njobs:\n  say:\n    runs-on: ubuntu-latest\n    steps: [{run: \"echo ${{ inputs.word }}\"}]\n",
    );
    let ran = harbour.run().passed();
    ran.prints("ahoy").prints("avast");
    assert_eq!(ran.job("call (ahoy) / say"), "success");
}

#[test]
fn of_runs_that_wait_for_a_group_the_newest_takes_the_place() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on: push\nconcurrency: g\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          echo started\n          until [ -e $SHARED/go ]; do sleep 0.02; done\n",
    );
    let first = harbour.start_until("started");
    std::thread::scope(|scope| {
        let second = scope.spawn(|| harbour.run());
        let third = scope.spawn(|| harbour.run());
        // One of the two takes the place of the other; which, nobody can tell.
        while !second.is_finished() && !third.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        harbour.file("../shared/go", "");
        let mut codes = [second.join().unwrap().code, third.join().unwrap().code];
        codes.sort_unstable();
        assert_eq!(codes, [0, 1]);
    });
    first.finish().passed();
}

#[test]
fn a_newer_run_cancels_the_one_in_progress() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on: push\nconcurrency: {group: g, cancel-in-progress: true}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          trap 'exit 1' INT\n          [ -e $SHARED/again ] && { echo newer; exit 0; }\n          touch $SHARED/again\n          echo started\n          while :; do sleep 0.05; done\n",
    );
    let older = harbour.start_until("started");
    let newer = harbour.run().passed();
    newer.prints("newer");
    let older = older.finish();
    assert_eq!((older.code, older.job("job")), (1, "cancelled"), "{}", older.everything());
}

#[test]
fn nothing_triggered_has_an_exit_code_of_its_own() {
    let harbour = Harbour::new();
    harbour.workflow(
        "ci.yml",
        "on:\n  push:\n    branches: [nowhere]\njobs:\n  job: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}\n",
    );
    harbour.commit();
    assert_eq!(harbour.run().code, 4);
    harbour.run_with(&["--ignore-filters"]).passed();
}

#[test]
fn a_job_can_be_chosen_with_what_it_needs_or_alone() {
    let harbour = Harbour::with_jobs(
        "
        a: {runs-on: ubuntu-latest, steps: [{run: echo a}]}
        b: {needs: a, runs-on: ubuntu-latest, steps: [{run: echo b}]}
        c: {runs-on: ubuntu-latest, steps: [{run: echo c}]}
        ",
    );
    let ran = harbour.run_with(&["-j", "b"]).passed();
    ran.prints("a").prints("b").never_prints("c");
    let ran = harbour.run_with(&["--only", "b"]).passed();
    ran.prints("b").never_prints("a");
}

#[test]
fn an_interrupted_run_leaves_no_process_even_when_plim_is_killed() {
    let running = Harbour::with_steps(
        "
        - run: |
            (setsid sh -c 'echo $$ > ../deep; exec sleep 300' > /dev/null 2>&1 &)
            until [ -s ../deep ]; do sleep 0.02; done
            echo \"deep $(cat ../deep)\" > ../said
            cat ../said
            echo ready
            sleep 300
        ",
    );
    let run = running.start_until("ready");
    run.signal("-KILL");
    let ran = run.finish();
    let deep = ran.printed().into_iter().find_map(|line| line.strip_prefix("deep ")).unwrap();
    let stat = std::path::PathBuf::from(format!("/proc/{deep}/stat"));
    for _ in 0..200 {
        if !stat.exists() || support::read(&stat).contains(") Z ") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{deep} still runs");
}
