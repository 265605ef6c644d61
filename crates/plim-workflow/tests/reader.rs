//! What the reader says about workflows that GitHub would refuse, and where exactly.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use plim_diag::Severity;
use plim_workflow::{ActionReference, JobBody, Queue, Setting, Step, StepBody, Workflow};
use support::{check, check_at};

fn steps(workflow: &Workflow) -> &[Step] {
    match &workflow.jobs[0].body {
        JobBody::Steps(machine) => &machine.steps,
        other => panic!("{other:?}"),
    }
}

fn scripts(workflow: &Workflow) -> Vec<&str> {
    let mut scripts = Vec::new();
    for step in steps(workflow) {
        if let StepBody::Run(run) = &step.body {
            scripts.extend(run.script.template.is_literal());
        }
    }
    scripts
}

#[test]
fn a_key_that_does_not_exist_is_pointed_at_with_the_one_that_was_meant() {
    let read = check(
        "
        name: CI
        on: push
        job: {}
        #^^ unknown-key: `job` is not a key of a workflow
        jobs:
          a:
            runs_on: x
           #^^^^^^^ unknown-key: `runs_on` is not a key of a job that runs steps
            runs-on: x
            steps:
              - rum: echo
               #^^^ unknown-key: `rum` is not a key of a step that runs a script
                run: echo
                env:
                  ANY: key
        ",
    );
    let helps: Vec<_> = read.diagnostics.iter().filter_map(|d| d.help.as_deref()).collect();
    assert_eq!(helps, ["write `jobs`", "write `runs-on`", "write `run`"]);
}

#[test]
fn a_value_of_another_type_is_pointed_at() {
    check(
        "
        on: push
        env: text
            #^^^^ wrong-type: `env` must be a mapping, not a string
        jobs:
          a:
            runs-on: {group: g, labels: {x: y}}
                                       #^^^^^^ wrong-type: `labels` must be a string or a list of strings, not a mapping
            timeout-minutes: '10'
                            #^^^^ wrong-type: `timeout-minutes` must be a number or an expression, not a string
            continue-on-error: 1
                              #^ wrong-type: `continue-on-error` must be `true`, `false` or an expression, not a number
            needs: {a: b}
                  #^^^^^^ wrong-type: `needs` must be a string or a list of strings, not a mapping
            strategy:
              fail-fast: no
                        #^^ wrong-type: `fail-fast` must be `true`, `false` or an expression, not a string
            steps:
              - just text
               #^^^^^^^^^ wrong-type: `a step` must be a mapping, not a string
              - run: [a, b]
                    #^^^^^^ wrong-type: `run` must be a string, not a list
              - uses: a/b@c
                with:
                    #^ wrong-type: `with` must be a mapping, not nothing
        ",
    );
}

#[test]
fn what_must_be_there_is_missed() {
    check("on: push\n#^^^^^^^ missing-key: the workflow has no `jobs`\n");
    check(
        "
        jobs:
        #^^^^ missing-key: the workflow has no `on`
          a:
            steps: [{run: x}]
           #^^^^^^^^^^^^^^^^^ missing-key: the job `a` has no `runs-on`
          b:
         #^ missing-steps: the job `b` has no `steps`
            runs-on: x
          c:
            runs-on: ''
                    #^^ empty-value: `runs-on` is empty
            environment: {url: x}
                        #^^^^^^^^ missing-key: `environment` has no `name`
            concurrency: {queue: max}
                        #^^^^^^^^^^^^ missing-key: `concurrency` has no `group`
            steps:
              - with: {a: b}
               #^^^^^^^^^^^^ missing-key: a step with `with` has no `uses`
              - shell: bash
               #^^^^^^^^^^^ missing-key: a step with a shell or folder has no `run`
              - name: nothing
               #^^^^^^^^^^^^^ missing-key: a step does nothing
          d: {uses: ./.github/workflows/d.yml, runs-on: x}
                                              #^^^^^^^ conflicting-keys: `runs-on` is not a key of a job that calls a workflow
        ",
    );
}

#[test]
fn a_step_does_one_thing() {
    check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps:
              - uses: a/b@c
                run: x
               #^^^ conflicting-keys: a step cannot have both `uses` and `run`
              - run: x
                with: {a: b}
               #^^^^ conflicting-keys: `with` is not a key of a step that runs a script
              - uses: a/b@c
                shell: bash
               #^^^^^ conflicting-keys: `shell` is not a key of a step that uses an action
              - uses: checkout@v4
                     #^^^^^^^^^^^ invalid-action-reference: `checkout@v4` names no action
              - uses: docker://
                     #^^^^^^^^^ invalid-action-reference: `docker://` names no image
              - uses: https://code.example/a/b@c
                     #^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-action-reference: no action is taken from `https://code.example` on GitHub
        ",
    );
}

#[test]
fn ids_are_valid_and_unique() {
    check(
        "
        on: push
        jobs:
          my.job: {runs-on: x, steps: [{run: x}]}
         #^^^^^^ invalid-id: `my.job` is not a valid id
          __a: {runs-on: x, steps: [{run: x}]}
         #^^^ invalid-id: `__a` begins with `__`, which is reserved
          b:
            runs-on: x
            steps:
              - {id: one, run: x}
              - {id: ONE, run: x}
                    #^^^ duplicate-id: `ONE` is the id of another step
              - {id: 1st, run: x}
                    #^^^ invalid-id: `1st` is not a valid id
          B: {runs-on: x, steps: [{run: x}]}
         #^ yaml-duplicate-key: `B` is already defined
        ",
    );
}

#[test]
fn one_broken_step_leaves_its_siblings() {
    let read = check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps:
              - run: before
              - {uses: 5, run: [], id: '', if: '${{', env: 1}
                      #^ invalid-action-reference: `5` names no action
                         #^^^ conflicting-keys: a step cannot have both `uses` and `run`
                                      #^^ empty-value: `id` is empty
                                               #^^^ expression-syntax: ~
                                                          #^ wrong-type: `env` must be a mapping, not a number
              - run: after
          b:
            runs-on: x
            steps: [{run: other}]
        ",
    );
    assert_eq!(scripts(&read.value), ["before", "after"]);
    assert!(matches!(steps(&read.value)[1].body, StepBody::Unreadable));
    assert_eq!(read.value.jobs.len(), 2);
}

#[test]
fn after_a_syntax_error_nothing_is_concluded_from_absence() {
    let read = Workflow::read(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    needs: b\n    steps:\n      - run: x\n  b\n    runs-on: [\n",
    );
    assert!(read.value.partly_read);
    assert_eq!(scripts(&read.value), ["x"]);
    let codes: Vec<_> = read.diagnostics.iter().map(|d| d.code.0).collect();
    assert!(codes.iter().all(|code| code.starts_with("yaml-")), "{codes:?}");
}

#[test]
fn semantic_44_a_context_is_refused_where_it_is_read() {
    check(
        "
        on: push
        run-name: ${{ env.A }}
                     #^^^ context-not-allowed: the context `env` cannot be read here
        env:
          A: ${{ secrets.A }}
        jobs:
          a:
            if: secrets.A != '' && github.ref
               #^^^^^^^ context-not-allowed: the context `secrets` cannot be read here
            runs-on: ${{ env.RUNNER || github.x }}
                        #^^^ context-not-allowed: the context `env` cannot be read here
            env:
              B: ${{ secrets.A }} ${{ steps.x.outputs.y }}
                                     #^^^^^ context-not-allowed: the context `steps` cannot be read here
            strategy:
              matrix:
                os: ['${{ matrix.os }}']
                         #^^^^^^ context-not-allowed: the context `matrix` cannot be read here
            steps:
              - if: env.A && secrets.B
                            #^^^^^^^ context-not-allowed: the context `secrets` cannot be read here
                run: |
                  first line
                  echo ${{ secrets.A }} ${{ githb.ref }} ${{ hashFiles('x') }}
                                           #^^^^^ unknown-context: there is no context `githb`
                  last line ${{ always() }}
                               #^^^^^^ function-not-allowed: the function `always` cannot be called here
        ",
    );
}

#[test]
fn a_misspelt_function_has_its_near_one() {
    let text = "on: push\njobs:\n  a:\n    runs-on: x\n    if: sucess() || startWith(github.ref, 'a')\n    steps: [{run: a}]\n";
    let read = Workflow::read("ci.yml", text);
    let [first] = &*read.diagnostics else { panic!("{:?}", read.diagnostics) };
    assert_eq!(first.help.as_deref(), Some("write `success`"));
    let far = Workflow::read("ci.yml", &text.replace("sucess", "other"));
    assert_eq!(far.diagnostics[0].help, None);
}

#[test]
fn a_broken_expression_is_pointed_at_inside_every_kind_of_text() {
    check(
        r#"
        on: push
        jobs:
          a:
            runs-on: x
            name: ${{ }}
                    #^ expression-syntax: ~
            steps:
              - if: github.ref == "main"
                                 #^ expression-syntax: ~
                run: x
              - run: "quoted \t ${{ a b }}"
                                   #^ expression-syntax: ~
              - run: >
                  folded ${{ 1 }}
                  text ${{ fromJson(1,2) }}
                          #^^^^^^^^ expression-syntax: ~
              - run: echo ${{ github.ref
                         #^^^ expression-syntax: ~
              - if: ${{ github.ref
                   #^^^ expression-syntax: ~
                run: x
        "#,
    );
}

#[test]
fn an_expression_cannot_stand_everywhere() {
    check(
        "
        on: ${{ github.event_name }}
           #^^^^^^^^^^^^^^^^^^^^^^^^ expression-not-allowed: `on` cannot hold an expression
        name: ${{ github.ref }}
             #^^^^^^^^^^^^^^^^^ expression-not-allowed: this key cannot hold an expression
        jobs:
          ${{ github.ref }}:
         #^^^^^^^^^^^^^^^^^ expression-not-allowed: a key of `jobs` cannot be an expression
            runs-on: x
          a:
            needs: ${{ github.ref }}
                  #^^^^^^^^^^^^^^^^^ expression-not-allowed: `needs` cannot hold an expression
            runs-on: x
            steps:
              - uses: ${{ matrix.action }}
                     #^^^^^^^^^^^^^^^^^^^^ expression-not-allowed: `uses` cannot hold an expression
              - shell: ${{ matrix.shell }}
                      #^^^^^^^^^^^^^^^^^^^ expression-not-allowed: this key cannot hold an expression
                run: x
        ",
    );
}

#[test]
fn needs_name_jobs_and_go_in_no_circle() {
    let read = check(
        "
        on: push
        jobs:
          start: {runs-on: x, steps: [{run: x}]}
          a: {needs: [START, c], runs-on: x, steps: [{run: x}]}
                            #^ needs-cycle: `needs` goes in a circle: `a` needs `c` needs `b` needs `a`
          b: {needs: a, runs-on: x, steps: [{run: x}]}
          c: {needs: b, runs-on: x, steps: [{run: x}]}
          d: {needs: [strat], runs-on: x, steps: [{run: x}]}
                     #^^^^^ unknown-need: the job `d` needs `strat`, which is no job
          e: {needs: e, runs-on: x, steps: [{run: x}]}
                    #^ needs-cycle: `needs` goes in a circle: `e` needs `e`
        ",
    );
    assert_eq!(read.diagnostics[0].related.len(), 2, "the other two needs of the circle");
    check(
        "
        on: push
        jobs:
          a: {needs: b, runs-on: x, steps: [{run: x}]}
         #^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no-first-job: no job can be the first: `a` needs `b` needs `a`
          b: {needs: a, runs-on: x, steps: [{run: x}]}
        ",
    );
    check("on: push\njobs: {}\n     #^^ no-first-job: there are no jobs\n");
}

#[test]
fn a_matrix_is_checked_as_far_as_it_is_written_out() {
    check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps: [{run: x}]
            strategy:
              matrix:
                os: []
                   #^^ invalid-matrix: the axis `os` has no values
                version: 5
                        #^ wrong-type: `version` must be a list, not a number
                include: [5]
                         #^ wrong-type: `include` must be a list of mappings, not a number
          b:
            runs-on: x
            steps: [{run: x}]
            strategy:
              matrix: {os: [a, b], exclude: [{so: a}]}
                     #^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ invalid-matrix: `exclude` names `so`, which is no axis of the matrix
          c:
            runs-on: x
            steps: [{run: x}]
            strategy:
              matrix: {os: '${{ fromJSON(x) }}', exclude: [{so: a}]}
                                        #^ unknown-context: there is no context `x`
          d:
            runs-on: x
            steps: [{run: x}]
            strategy: ${{ fromJSON(needs.plan.outputs.strategy) }}
        ",
    );
    let axis = (0..20).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    let text = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{{run: x}}]\n    strategy:\n      matrix:\n        a: [{axis}]\n        b: [{axis}]\n"
    );
    let read = Workflow::read(".github/workflows/ci.yml", &text);
    assert_eq!(read.diagnostics[0].message, "the matrix has 400 legs, and at most 256 are allowed");
}

#[test]
fn containers_and_services_are_checked() {
    check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            container:
              images: node
             #^^^^^^ unknown-key: `images` is not a key of a container
              image: node
              env: {TOKEN: '${{ secrets.T }}'}
              credentials: {username: a, pass: b}
                                        #^^^^ unknown-key: `pass` is not a key of `credentials`
              ports: 80
                    #^^ wrong-type: `ports` must be a list, not a number
            services:
              db: {image: postgres, command: a, entrypoint: b, options: --x}
              cache: docker://
                    #^^^^^^^^^ empty-value: the container has no image
              none: {options: x}
                   #^^^^^^^^^^^^ empty-value: the container has no image
            steps: [{run: x}]
        ",
    );
}

#[test]
fn the_language_of_2026_is_read() {
    let read = check(
        "
        name: All
        description: what is new
        run-name: ${{ github.actor }} runs
        on:
          push:
          image_version: {names: ['ubuntu-*'], versions: '1.*', types: [ready]}
        concurrency: {group: g, queue: max}
        jobs:
          a:
            runs-on: {group: org/big, labels: [linux]}
            environment: {name: prod, deployment: false}
            cancel-timeout-minutes: 3
            snapshot: {image-name: mine, version: 2.*, if: always()}
            steps:
              - {id: server, run: serve, background: true}
              - {id: other, uses: $/tools/x, background: true}
              - parallel:
                  - run: left
                  - {id: right, uses: a/b@c}
              - wait: [server, right]
              - wait: other
              - wait-all:
              - {name: Stop, cancel: server, continue-on-error: true}
        ",
    );
    let workflow = &read.value;
    assert_eq!(workflow.description.as_deref(), Some("what is new"));
    assert_eq!(workflow.concurrency.as_ref().unwrap().queue, Queue::Max);
    let job = &workflow.jobs[0];
    assert!(matches!(
        job.environment.as_ref().unwrap().deployment,
        Some(Setting::Literal(ref literal)) if !literal.value
    ));
    let ids: Vec<&str> = steps(workflow).iter().map(|step| &*step.id).collect();
    assert_eq!(
        ids,
        ["server", "other", "__parallel", "__wait", "__wait_2", "__wait-all", "__cancel"]
    );
    let StepBody::Parallel(inner) = &steps(workflow)[2].body else { panic!() };
    assert_eq!(inner.iter().map(|step| &*step.id).collect::<Vec<_>>(), ["__run", "right"]);
    let StepBody::Uses(uses) = &steps(workflow)[1].body else { panic!() };
    let local = ActionReference::Local { path: "tools/x".into(), of_repository: true };
    assert_eq!(uses.action.value, local);
}

#[test]
fn steps_in_the_background_are_named_before_they_are_waited_for() {
    check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps:
              - {id: server, run: x, background: yes}
                                                #^^^ wrong-type: `background` must be `true` or `false`, not a string
              - wait: sevrer
                     #^^^^^^ unknown-step: no step before this one has the id `sevrer`
              - {id: me, cancel: me}
                                #^^ unknown-step: the step `me` cannot cancel itself
              - wait-all: false
                         #^^^^^ wrong-type: `wait-all` must be `true` or nothing, not a boolean
              - {wait-all: true, if: always()}
                                #^^ conflicting-keys: `if` is not a key of a step that waits for all
              - parallel:
                  - {run: x, background: true}
                            #^^^^^^^^^^ conflicting-keys: `background` cannot stand inside `parallel`
                  - wait-all:
                   #^^^^^^^^ conflicting-keys: `wait-all` cannot stand inside `parallel`
                  - parallel: []
                   #^^^^^^^^ conflicting-keys: `parallel` cannot stand inside `parallel`
        ",
    );
}

#[test]
fn small_words_are_held_against_their_lists() {
    check(
        "
        on: push
        permissions: read
                    #^^^^ invalid-value: `read` is no `permissions`
        concurrency: {group: g, queue: many}
                                      #^^^^ invalid-value: `many` is no `queue`
        jobs:
          a:
            permissions: {content: read, models: write, id-token: write}
                         #^^^^^^^ unknown-permission: there is no permission `content`
                                                #^^^^^ invalid-value: `models` cannot be `write`
            runs-on: {group: team/big}
                            #^^^^^^^^ invalid-value: `team/big` is no group of runners
            snapshot: {image-name: x, version: '2'}
                                              #^^^ invalid-value: this is no version of an image
            steps: [{run: x}]
          b: {uses: ./ci/b.yml}
                   #^^^^^^^^^^ invalid-workflow-reference: `ci/b.yml` is not directly in the folder of workflows
          c: {uses: ./.github/workflows/c.yml, secrets: all}
                                                       #^^^ invalid-value: `all` is no `secrets`
        ",
    );
}

#[test]
fn an_anchor_is_read_wherever_it_is_named_and_its_mistakes_are_said_once() {
    let read = check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps: &steps
              - {run: one, shel: bash}
                          #^^^^ unknown-key: `shel` is not a key of a step that runs a script
              - run: two
          b:
            runs-on: x
            steps: *steps
        ",
    );
    let JobBody::Steps(second) = &read.value.jobs[1].body else { panic!() };
    assert_eq!(second.steps.len(), 2);
}

#[test]
fn semantic_19_a_local_action_need_not_exist_when_the_file_is_read() {
    let read = check(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {if: false, uses: ./nowhere}\n",
    );
    let StepBody::Uses(uses) = &steps(&read.value)[0].body else { panic!() };
    assert!(matches!(uses.action.value, ActionReference::Local { of_repository: false, .. }));
}

#[test]
fn semantic_03_a_condition_is_completed_unless_it_calls_a_status_function() {
    let read = check(
        "
        on: push
        jobs:
          a:
            runs-on: x
            steps:
              - {if: github.ref == 'x', run: x}
              - {if: \"failure() || 'x'\", run: x}
              - {if: \"'always()'\", run: x}
        ",
    );
    let sources: Vec<&str> = steps(&read.value)
        .iter()
        .map(|step| step.condition.as_ref().unwrap().condition.expression().source())
        .collect();
    assert_eq!(
        sources,
        ["success() && (github.ref == 'x')", "failure() || 'x'", "success() && ('always()')"]
    );
}

#[test]
fn semantic_31_numbers_in_texts_are_canonical() {
    let read = check(
        "on: push\nenv: {A: 1.10, B: 012, C: '1.10', D: True}\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n",
    );
    let env = read.value.env.as_ref().unwrap().written();
    let values: Vec<_> = env.iter().map(|(_, text)| text.template.is_literal().unwrap()).collect();
    assert_eq!(values, ["1.1", "12", "1.10", "true"]);
}

#[test]
fn other_forges_tolerate_what_github_refuses() {
    let text = "
        on:
          push:
          schedule:
            - cron: '@daily'
          pull_request_opened:
         #^^^^^^^^^^^^^^^^^^^ unknown-event: there is no event `pull_request_opened`
        surprise: 1
        #^^^^^^^ unknown-key: `surprise` is not a key of a workflow
        jobs:
          a:
            runs-on: x
            steps:
              - uses: https://code.example/a/b@c
              - run: ${{ gitea.ref }} ${{ forgejo.sha }}
        ";
    for path in [".gitea/workflows/a.yml", ".forgejo/workflows/a.yml"] {
        let read = check_at(path, text);
        assert!(read.diagnostics.iter().all(|d| d.severity == Severity::Note));
        assert_eq!(read.value.triggers.len(), 3);
        let StepBody::Uses(uses) = &steps(&read.value)[0].body else { panic!() };
        assert!(matches!(uses.action.value, ActionReference::Remote { host: Some(_), .. }));
    }
    assert!(
        Workflow::read(".github/workflows/a.yml", "on: push\nsurprise: 1\njobs: {}").has_errors()
    );
}
