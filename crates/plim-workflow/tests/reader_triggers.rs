//! What the reader says about `on`: events, filters, schedules, inputs, outputs and secrets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod support;

use plim_workflow::{InputKind, Read, Workflow};
use support::check;

/// Checks what stands under `on:`; the rest of the workflow is in order.
fn check_on(text: &str) -> Read<Workflow> {
    let lines = text.strip_prefix('\n').unwrap_or(text).lines();
    let mut whole = String::from("jobs: {a: {runs-on: x, steps: [{run: x}]}}\n");
    for line in lines.filter(|line| !line.trim().is_empty()) {
        whole.push_str(line.strip_prefix("        ").unwrap_or(line));
        whole.push('\n');
    }
    check(&whole)
}

#[test]
fn events_exist_and_have_activities() {
    check_on(
        "
        on: [push, pul_request, Push]
                  #^^^^^^^^^^^ unknown-event: there is no event `pul_request`
                               #^^^^ unknown-event: there is no event `Push`
        ",
    );
    let read = check_on(
        "
        on:
          pull_request:
            types: [opened, synchronise]
                           #^^^^^^^^^^^ invalid-value: `pull_request` has no activity type `synchronise`
          issues: {types: closed}
          repository_dispatch: {types: [anything]}
          fork: {types: [x]}
               #^^^^^^^^^^^^ wrong-type: `fork` takes no filters
          workflow_run:
            types: [completed]
           #^^^^^^^^^^^^^^^^^^ missing-key: `workflow_run` has no `workflows`
        ",
    );
    assert_eq!(read.diagnostics[0].help.as_deref(), Some("write `synchronize`"));
    assert_eq!(read.value.triggers.len(), 5);
}

#[test]
fn filters_belong_to_events_and_exclude_their_opposite() {
    check_on(
        "
        on:
          push:
            branches: [main]
            branches-ignore: [next]
           #^^^^^^^^^^^^^^^ conflicting-keys: `branches` and `branches-ignore` cannot both be there
            tags:
           #^^^^ empty-value: `tags` is empty and filters nothing
            types: [opened]
           #^^^^^ unknown-key: `types` is not a key of `push`
            paths: ['src/**', 'v[0-9', 'x[z-a]', '']
                             #^^^^^^^ invalid-pattern: the set that `[` opens has no `]`
                                      #^^^^^^^^ invalid-pattern: the range `z-a` runs backward
                                                #^^ empty-value: `paths` is empty
          pull_request:
            tags: [v1]
           #^^^^ unknown-key: `tags` is not a key of `pull_request`
        ",
    );
}

#[test]
fn schedules_have_five_fields_and_a_zone() {
    check_on(
        "
        on:
          schedule:
            - cron: '0 5 * * 1-5'
              timezone: Europe/Berlin
            - cron: '*/2 * * * *'
                   #^^^^^^^^^^^^^ frequent-cron: a schedule starts at most every 5 minutes on GitHub, and this asks for every 2
            - cron: '@daily'
                   #^^^^^^^^ invalid-cron: a cron line has five fields, and this has 1
            - cron: '0 25 * * *'
                   #^^^^^^^^^^^^ invalid-cron: the hour `25` is not in 0 to 23
              timezone: Europe/Atlantis
                       #^^^^^^^^^^^^^^^ unknown-timezone: there is no time zone `Europe/Atlantis`
            - timezone: UTC
             #^^^^^^^^^^^^^ missing-key: the schedule has no `cron`
        ",
    );
}

#[test]
fn inputs_of_workflow_dispatch_are_typed() {
    let read = check_on(
        "
        on:
          workflow_dispatch:
            surprise: 1
           #^^^^^^^^ unknown-key: `surprise` is not a key of `workflow_dispatch`, and GitHub ignores it
            inputs:
              plain:
              flag: {type: boolean, default: 'true'}
                                            #^^^^^^ invalid-input: the default of a boolean is of another type
              level: {type: choice, options: [info, debug], default: trace}
                                                                    #^^^^^ invalid-input: the default is none of the options
              none: {type: choice}
             #^^^^ invalid-input: a `choice` has no options
              extra: {type: string, options: [a]}
                                   #^^^^^^^ invalid-input: only an input of `type: choice` has options
              count: {type: int, required: 'true'}
                           #^^^ invalid-value: `int` is no `type`
                                          #^^^^^^ wrong-type: `required` must be `true` or `false`, not a string
              where: {type: environment, requird: true}
                                        #^^^^^^^ unknown-key: `requird` is not a key of an input
        ",
    );
    let kinds: Vec<_> =
        read.value.triggers[0].inputs.iter().map(|input| input.kind.name()).collect();
    assert_eq!(kinds, ["string", "boolean", "choice", "choice", "string", "string", "environment"]);
}

#[test]
fn inputs_outputs_and_secrets_of_workflow_call_are_checked() {
    let read = check_on(
        "
        on:
          workflow_call:
            inputs:
              flag: {description: x}
                   #^^^^^^^^^^^^^^^^ missing-key: the input `flag` has no `type`
              level: {type: choice}
                           #^^^^^^ invalid-value: `choice` is no `type`
              name: {type: string, default: '${{ github.ref }}', deprecationMessage: x}
                                                                #^^^^^^^^^^^^^^^^^^ unknown-key: `deprecationMessage` is not a key of an input
            outputs:
              url: {value: '${{ jobs.a.outputs.url }}'}
              bad: {value: '${{ steps.a.outputs.url }}'}
                               #^^^^^ context-not-allowed: the context `steps` cannot be read here
              none: {description: x}
                   #^^^^^^^^^^^^^^^^ missing-key: the output `none` has no `value`
            secrets:
              TOKEN: {required: true}
              PLAIN:
              ODD: {type: string}
                   #^^^^ unknown-key: `type` is not a key of a secret
        ",
    );
    let call = read.value.trigger("workflow_call").unwrap();
    assert_eq!(call.inputs[2].kind, InputKind::String);
    assert_eq!(
        call.secrets.iter().map(|secret| secret.required).collect::<Vec<_>>(),
        [true, false, false]
    );
}
