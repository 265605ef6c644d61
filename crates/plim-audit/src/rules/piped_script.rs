//! Scripts that are downloaded and run unread.

use plim_diag::{Code, Severity, Span};

use crate::{Audit, Hook, Rule, Script, Tier};

pub(super) const RULE: Rule = Rule {
    code: Code("piped-script"),
    summary: "a script is downloaded and run without being checked",
    why: "Whoever can change what the address gives runs code in the job. A download that breaks off runs the first half of it.",
    criterion: "`curl` or `wget` whose output is piped to a shell, or to an interpreter that reads it, or run by `bash <(…)`, `sh -c \"$(…)\"`, and `deno run` of an address without a version, in a script of a shell. Let through are addresses that name a commit, this machine, and the installers of rustup, docker, deno, bun, uv, poetry and Homebrew over `https`.",
    remedy: "Download a released version, compare its checksum, then run it; or use a pinned action.",
    example: "steps:\n  - run: curl -sSL https://example.com/install.sh | sh",
    better: "steps:\n  - run: |\n      curl -sSLo install.sh https://example.com/v1.2.0/install.sh\n      echo '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  install.sh' | sha256sum -c\n      sh install.sh",
    severity: Severity::Warning,
    tier: Tier::Default,
    hooks: &[Hook::Script(check)],
};

const INSTALLERS: [&str; 9] = [
    "https://sh.rustup.rs",
    "https://static.rust-lang.org/",
    "https://get.docker.com",
    "https://deno.land/",
    "https://bun.sh/",
    "https://astral.sh/",
    "https://install.python-poetry.org",
    "https://raw.githubusercontent.com/Homebrew/",
    "https://localhost",
];

fn check<'a>(audit: &mut Audit<'a>, script: &Script<'a>) {
    if matches!(script.shell, crate::Shell::PowerShell | crate::Shell::Python | crate::Shell::Cmd) {
        return;
    }
    if !["curl ", "wget ", "deno "].iter().any(|word| script.text.contains(word)) {
        return;
    }
    let mut at = 0;
    for line in script.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if !trimmed.starts_with('#')
            && (pipes(trimmed) || runs_an_address(trimmed))
            && !is_known(trimmed)
        {
            let from = start + (line.len() - line.trim_start().len());
            let span = Span::new(offset(from), offset(from + trimmed.len()));
            audit
                .report(script.place(span), "this runs whatever the address gives")
                .help("download a released version, compare its checksum, then run it");
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Whether a line downloads something and hands it to a shell.
fn pipes(line: &str) -> bool {
    let Some(from) = ["curl ", "wget "].iter().filter_map(|word| line.find(word)).min() else {
        return false;
    };
    let (before, rest) = line.split_at(from);
    let substituted =
        ["bash <(", "sh <(", "source <(", "bash -c \"$(", "sh -c \"$(", "eval \"$(", "eval $("];
    if substituted.iter().any(|start| before.trim_end().ends_with(start)) {
        return true;
    }
    rest.split('|').skip(1).any(is_shell)
}

/// Whether a part of a pipe runs what it reads as a script.
fn is_shell(command: &str) -> bool {
    let mut words = command.split_whitespace().skip_while(|word| {
        *word == "sudo" || word.starts_with('-') || word.contains('=') || *word == "env"
    });
    let program = words.next().unwrap_or("").trim_end_matches([';', ')', '&', '"']);
    let program = program.rsplit('/').next().unwrap_or("");
    // `bash script.sh` reads its input as any program does.
    let next = words.next();
    let reads = next.is_none_or(|word| word.starts_with(['-', '&', ';', '|', '>', ')', '2', '\\']));
    // `python3 -c` and `python3 -m json.tool` have a script already.
    let interprets = ["python", "python3", "node", "perl", "ruby", "php"].contains(&program)
        && next.is_none_or(|word| word == "-");
    (["sh", "bash", "zsh", "dash"].contains(&program) && reads) || interprets
}

/// Whether a line has `deno` run what an address gives, which names no version.
fn runs_an_address(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| *word != "deno");
    let runs = words.nth(1).is_some_and(|word| matches!(word, "run" | "install"));
    let mut words = words.map(|word| word.trim_matches(['"', '\'']));
    runs && words.any(|word| word.starts_with("https://") && !word.contains('@'))
}

fn is_known(line: &str) -> bool {
    let names_commit = line
        .split(['/', ' ', '"', '\'', '@'])
        .any(|part| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let here = line.contains("localhost") || line.contains("127.0.0.1");
    names_commit || here || INSTALLERS.iter().any(|address| line.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn a_download_that_becomes_a_script() {
        check(
            &RULE,
            "
            steps:
              - run: curl -L https://example.com/i.sh | sudo bash -s -- -y
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this runs whatever the address gives
              - run: bash <(curl -s https://example.com/i.sh)
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - run: curl -s https://example.com/a.json | jq .a
              - run: curl --proto '=https' https://sh.rustup.rs -sSf | sh -s -- -y
              - run: curl -L https://example.com/a.tgz | tar xz
              - run: curl -L https://example.com/data | bash check.sh
              - run: curl -L https://example.com/i.py | python3 -
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - run: curl -L https://example.com/a.json | python3 -m json.tool
              - run: deno run -A https://example.com/i.ts
                #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              - run: deno run -A https://example.com/i@1.2.0/i.ts
            ",
        );
    }
}
