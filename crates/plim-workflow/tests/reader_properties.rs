//! What holds of every file that is read as a workflow or an action.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use plim_workflow::{JobBody, StepBody, Workflow};
use proptest::prelude::*;

#[path = "../../../fuzz/properties/workflow.rs"]
mod property;

#[test]
fn the_seeds_of_the_fuzz_target_hold() {
    plim_test::seeds::replay("workflow", property::holds);
}

#[test]
fn what_github_would_do_is_said_in_lower_case_too() {
    for text in [
        "\u{85}",
        "on: {schedule: [{cron: '* * * * *'}]}",
        "runs: {using: composite, steps: [{uses: 'https://x/a/b@c'}]}",
    ] {
        property::holds(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        property::holds(&bytes);
    }

    #[test]
    fn any_arrangement_of_words_is_read_without_a_panic(lines in proptest::collection::vec(line(), 0..25)) {
        property::holds(lines.concat().as_bytes());
    }

    #[test]
    fn a_broken_step_leaves_its_siblings(
        before in 0_usize..4, after in 0_usize..4, key in word(), value in value(),
    ) {
        let step = |name: &str| format!("      - {{id: {name}, run: script of {name}}}\n");
        let mut text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n".to_owned();
        (0..before).for_each(|at| text.push_str(&step(&format!("before{at}"))));
        text.push_str(&format!("      - {{{key}: {value}, no-such-key: 1}}\n"));
        (0..after).for_each(|at| text.push_str(&step(&format!("after{at}"))));
        let read = Workflow::read(".github/workflows/a.yml", &text);
        prop_assert!(read.has_errors());
        let JobBody::Steps(machine) = &read.value.jobs[0].body else { panic!("{text}") };
        prop_assert_eq!(machine.steps.len(), before + 1 + after);
        for (at, step) in machine.steps.iter().enumerate().filter(|(at, _)| *at != before) {
            let StepBody::Run(run) = &step.body else { panic!("step {at} of {text}") };
            let script = format!("script of {}", step.id);
            prop_assert_eq!(run.script.template.is_literal(), Some(script.as_str()));
        }
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "on",
        "push",
        "jobs",
        "a",
        "runs-on",
        "steps",
        "run",
        "uses",
        "with",
        "env",
        "if",
        "needs",
        "id",
        "strategy",
        "matrix",
        "include",
        "exclude",
        "container",
        "services",
        "image",
        "permissions",
        "concurrency",
        "group",
        "outputs",
        "parallel",
        "wait",
        "cancel",
        "background",
        "schedule",
        "cron",
        "workflow_call",
        "inputs",
        "type",
        "default",
        "branches",
        "paths",
        "defaults",
        "shell",
        "name",
    ])
}

fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "x",
        "[]",
        "{}",
        "[a, b]",
        "{a: b}",
        "5",
        "true",
        "null",
        "'${{ matrix.os }}'",
        "'${{ insert }}'",
        "'${{'",
        "'${{ }}'",
        "\"${{ 'a' }} \\t ${{ b }}\"",
        "'*/5 * * * *'",
        "a/b@c",
        "'!x'",
        "'[z-a]'",
    ])
}

fn line() -> impl Strategy<Value = String> {
    (0_usize..6, any::<bool>(), word(), value()).prop_map(|(indent, item, key, value)| {
        format!("{}{}{key}: {value}\n", "  ".repeat(indent), if item { "- " } else { "" })
    })
}
