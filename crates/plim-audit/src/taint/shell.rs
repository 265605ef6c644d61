//! What a script writes into the files of the runner, line by line.

use plim_expression::Template;
use plim_workflow::{Step, StepBody};

use super::{Here, Trace, of_expression, of_path, variable};
use crate::Audit;

/// Programs that let through only a part of a text, which may be harmless.
const FILTERS: [&str; 9] = ["sed ", "tr ", "grep", "wc ", "sum", "jq ", "cut ", "awk ", "basename"];

/// How the text of a stranger gets into the entry `name` that `step` appends to `file`.
pub(super) fn written<'a>(
    audit: &Audit<'a>,
    step: &'a Step,
    file: &str,
    name: &str,
    here: Here<'a>,
) -> Option<Trace> {
    let StepBody::Run(run) = &step.body else { return None };
    let script = run.script.template.source();
    if !script.contains(file) {
        return None;
    }
    let value = script.lines().find_map(|line| value_of(line, name))?;
    let trace = of_value(audit, value, &script, run.script.span, here)?;
    let what = format!("this step writes `{name}` to `{file}`");
    Some(trace.then(run.script.span, what))
}

/// What a line such as `echo "name=value" >> "$GITHUB_ENV"` sets.
fn value_of<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let at = find_ignoring_case(line, name, "=")?;
    Some(line.get(at + name.len() + 1..)?.split(">>").next().unwrap_or(""))
}

/// Where `name` stands in `line` as a word of its own, followed by `end`.
fn find_ignoring_case(line: &str, name: &str, end: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let wanted = format!("{}{end}", name.to_ascii_lowercase());
    let mut found = lower.match_indices(&wanted).map(|(at, _)| at);
    found.find(|&at| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '$')
    })
}

fn of_value<'a>(
    audit: &Audit<'a>,
    value: &str,
    script: &str,
    span: plim_diag::Span,
    here: Here<'a>,
) -> Option<Trace> {
    let here = Here { left: here.left.checked_sub(1)?, ..here };
    if FILTERS.iter().any(|filter| value.contains(filter)) {
        return None;
    }
    if let Ok(template) = Template::parse(value) {
        let mut expressions = template.expressions();
        let found =
            expressions.find_map(|(expression, _)| of_expression(audit, expression, span, here));
        if found.is_some() {
            return found;
        }
    }
    variables(value).find_map(|name| match name {
        "GITHUB_HEAD_REF" => of_path(audit, "github.head_ref", false, span, here),
        name => {
            let assigned = script.lines().find_map(|line| {
                let line = line.trim_start().trim_start_matches("export ");
                line.strip_prefix(name)?.strip_prefix('=')
            });
            match assigned {
                Some(inner) if inner != value => of_value(audit, inner, script, span, here),
                _ => variable(audit, name, here),
            }
        }
    })
}

/// The names of the variables that a piece of a script uses.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(move |(at, _)| {
        let rest = text.get(at + 1..)?;
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_sets_what_it_names() {
        let value = |line, name| value_of(line, name).map(str::trim);
        assert_eq!(value("echo \"a=$B\" >> $GITHUB_ENV", "A"), Some("$B\""));
        assert_eq!(value("echo ba=1", "a"), None);
        assert_eq!(variables("${A} $b-$ $C").collect::<Vec<_>>(), ["A", "b", "C"]);
    }
}
