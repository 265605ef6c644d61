//! Replays the seeds of the fuzz targets of what a step runs, writes and prints.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use proptest::prelude::*;

#[path = "../../../fuzz/properties/command_line.rs"]
mod command_line;
#[path = "../../../fuzz/properties/environment_file.rs"]
mod environment_file;
#[path = "../../../fuzz/properties/workflow_command.rs"]
mod workflow_command;

#[test]
fn the_seeds_of_environment_files_hold() {
    plim_test::seeds::replay("environment_file", environment_file::holds);
}

#[test]
fn the_seeds_of_workflow_commands_hold() {
    plim_test::seeds::replay("workflow_command", workflow_command::holds);
}

#[test]
fn the_seeds_of_command_lines_hold() {
    plim_test::seeds::replay("command_line", command_line::holds);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_arrangement_of_words_is_a_command_line(words in proptest::collection::vec(word(), 0..30)) {
        command_line::holds(words.concat().as_bytes());
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        "\n",
        "\t",
        ";",
        "&&",
        "||",
        "|",
        "&",
        "(",
        ")",
        "{",
        "}",
        "$(",
        "`",
        "'",
        "\"",
        "\\",
        "\\\n",
        "#",
        "<<EOF\n",
        "<<-'E'\n",
        "\nEOF\n",
        "\nE\n",
        "<<<",
        ">",
        "2>&1",
        "$",
        "${",
        "$((",
        "))",
        "=",
        "a=",
        "a=(",
        "if",
        "then",
        "fi",
        "case",
        "in",
        "esac",
        ";;",
        "for",
        "do",
        "done",
        "function",
        "f()",
        "sudo",
        "env",
        "bash -c",
        "eval",
        "xargs",
        "cargo",
        "publish",
        "git",
        "push",
        "npm",
        "{0}",
        "{{0}}",
        "{{",
        "é",
        "\0",
        "%",
        "@",
        "a:",
        "\"scripts\":",
        "set -e",
        "exit",
    ])
}
