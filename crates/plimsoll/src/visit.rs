//! Talks with a person whose run has stopped at a step: says where, opens a shell, and asks how to go on.

use std::{fmt::Write, sync::Arc};

use plim_diag::{Code, Diagnostic};
use plim_host::{Stream, ask_until, has_terminal, is_terminal};
use plim_run::execute::{Moment, OpenShell, Pauses, StepChoice, Stopped, Word};

use crate::{
    args::{RunArgs, RunFormat},
    output::Output,
    refusal::Refusal,
    render::{paint::Paint, text},
    view::Interlude,
    world::World,
};

/// Whether a person wants to look at steps.
fn is_wanted(arguments: &RunArgs) -> bool {
    arguments.shell || !arguments.break_before.is_empty() || !arguments.break_after.is_empty()
}

/// Checks that a person can be talked with, if that is wanted.
///
/// Errors: there is no terminal, or what is printed there is for programs.
pub(crate) fn check(arguments: &RunArgs) -> Result<(), Refusal> {
    let refuse = |message: &str, help: &str| {
        Err(Refusal::usage(Diagnostic::error(Code("shell"), message).help(help)))
    };
    if arguments.shell_secrets && !is_wanted(arguments) {
        let help = "add `--shell`, or name a step with `--break` or `--break-after`";
        return refuse("`--shell-secrets` is for the shell of a step, and none is asked for", help);
    }
    if !is_wanted(arguments) {
        return Ok(());
    }
    if arguments.format != RunFormat::Full {
        let help = "leave `--format` out";
        return refuse("a shell in a step needs the output for people", help);
    }
    if !has_terminal() || !is_terminal(Stream::Stderr) {
        let help = "run it at a terminal, with standard error shown there";
        return refuse("a shell in a step needs a terminal, and there is none", help);
    }
    Ok(())
}

/// Where the run stops, if a person wants to look at steps.
pub(crate) fn pauses(arguments: &RunArgs, world: &World, interlude: Interlude) -> Option<Pauses> {
    if !is_wanted(arguments) {
        return None;
    }
    let choices = |given: &[String]| given.iter().map(|text| StepChoice::read(text)).collect();
    let paint = world.stderr;
    let visit = move |stopped: &Stopped<'_>, open: &mut OpenShell<'_>| {
        interlude.during(|| talk(stopped, open, paint))
    };
    Some(Pauses {
        at_failure: arguments.shell,
        before: choices(&arguments.break_before),
        after: choices(&arguments.break_after),
        secrets: arguments.shell_secrets,
        visit: Arc::new(visit),
    })
}

fn talk(stopped: &Stopped<'_>, open: &mut OpenShell<'_>, paint: Paint) -> Word {
    say(&banner(stopped, paint));
    loop {
        if let Err(error) = open() {
            say(&format!("{} no shell could be opened: {error}\n", paint.bad("error:")));
        }
        match ask(stopped) {
            Some(word) => return word,
            None => say("another shell\n"),
        }
    }
}

/// Where the run has stopped, what lies ready, and how to go on.
fn banner(stopped: &Stopped<'_>, paint: Paint) -> String {
    let when = match (stopped.moment, stopped.exit_code) {
        (Moment::Before, _) => "has not begun".to_owned(),
        (Moment::After, Some(code)) => format!("ended with exit code {code}"),
        (Moment::After, None) => "is over".to_owned(),
        (Moment::Failed, Some(code)) if code != 0 => format!("failed with exit code {code}"),
        (Moment::Failed, _) => "failed".to_owned(),
    };
    let place = format!("{} › {}", text::name(stopped.job), text::name(stopped.step));
    let mut out = format!("\n{} {} {when}\n", paint.active("■"), paint.strong(place));
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:<9}{}", name, text::name(&value));
    };
    line("folder", stopped.folder.display().to_string());
    if let Some(script) = stopped.script {
        let masked = if stopped.masked { " (with *** for secrets)" } else { "" };
        line("script", format!("{}{masked}", script.display()));
    }
    if !stopped.withheld.is_empty() {
        let names = stopped.withheld.join(", ");
        line("without", format!("{names}: secrets are left out unless `--shell-secrets` is given"));
    }
    line("then", "leave the shell with `exit`, and you are asked how to go on".to_owned());
    out
}

/// Asks how to go on; `None` asks for another shell.
fn ask(stopped: &Stopped<'_>) -> Option<Word> {
    let (retry, go_on) = match stopped.moment {
        Moment::Before => ("", "[c]ontinue with the step"),
        Moment::After => ("[r]etry the step, ", "[c]ontinue"),
        Moment::Failed => ("[r]etry the step, ", "[c]ontinue as failed"),
    };
    let question = format!("{retry}{go_on}, [s]hell again, [a]bort the run? ");
    loop {
        // Who closes the terminal, or cancels the run, does not answer any more.
        let answer = ask_until(&question, stopped.waker).ok().flatten();
        let Some(answer) = answer else { return Some(Word::Continue) };
        match answer.trim().to_ascii_lowercase().as_str() {
            "r" | "retry" if stopped.moment != Moment::Before => return Some(Word::Retry),
            "c" | "continue" | "f" | "fail" => return Some(Word::Continue),
            "a" | "abort" => return Some(Word::Abort),
            "s" | "shell" => return None,
            _ => {}
        }
    }
}

fn say(words: &str) {
    let mut stderr = Output::stderr();
    stderr.add(words);
    stderr.flush();
}
