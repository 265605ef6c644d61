//! A program of Deno that is built or run with every permission.

use plim_diag::{Code, Severity};

use crate::deeds::place;
use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("deno-all-permissions"),
    summary: "a program is compiled by Deno, or builds a release, with every permission",
    why: "`deno compile -A` bakes into the program that it may read, write, run and send everything, on every machine of every user, whatever one of its dependencies turns into.",
    criterion: "`deno compile` or `deno install` with `-A` or `--allow-all` in the script of a `run`; and `deno run` with it in a job that publishes, releases or deploys, or that one of these waits for.",
    remedy: "Name the permissions that the program needs: `--allow-read=.`, `--allow-net=api.example.com`.",
    example: "steps:\n  - run: deno compile -A -o tool main.ts",
    better: "steps:\n  - run: deno compile --allow-read=. -o tool main.ts",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(script)],
};

fn script<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if !script.text.contains("deno ") {
        return;
    }
    for command in &script.reading().commands {
        let words: Vec<&str> = command.call().iter().map(|word| word.text.as_str()).collect();
        let ["deno", subcommand, rest @ ..] = words.as_slice() else { continue };
        // What follows the program is given to it.
        let options =
            rest.iter().take_while(|word| word.starts_with('-') || *subcommand == "compile");
        let all = options.into_iter().any(|word| matches!(*word, "-A" | "--allow-all"));
        let message = match *subcommand {
            "compile" | "install" => "the program may do everything on the machine of its user",
            "run" if ships(audit, script) => "what builds a release may do everything here",
            _ => continue,
        };
        if all {
            audit
                .report(place(script, command), message)
                .help("name the permissions that it needs");
        }
    }
}

/// Whether the job publishes, or one that waits for it does.
fn ships<'a>(audit: &Audit<'a>, script: &Script<'a>) -> bool {
    let Some(job) = script.step.job else { return false };
    let (deeds, graph, id) = (audit.deeds(), audit.graph(), &*job.job.id.value);
    deeds
        .jobs_that(|act| act.ships())
        .any(|other| other.id() == id || graph.waits_for(other.id(), id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn what_is_only_run_counts_where_it_ships() {
        check(
            &RULE,
            "
            jobs:
              test:
                runs-on: ubuntu-latest
                steps: [run: deno run -A test.ts]
              build:
                runs-on: ubuntu-latest
                steps:
                  - run: deno run --quiet -A build.ts
                    #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what builds a release may do everything here
                  - run: deno run build.ts -A
              publish:
                needs: build
                runs-on: ubuntu-latest
                steps: [run: npm publish]
            ",
        );
    }
}
