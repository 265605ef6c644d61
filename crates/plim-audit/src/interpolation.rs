//! Moves an expression out of the text of a script and into the environment of its step.

use plim_diag::Span;
use plim_workflow::{Entries, Step};

use crate::{Audit, Edit, ExpressionAt};

/// The edits that make the step's variable `name` of the expression `at` and use that in the script.
///
/// `None` where there is no one way to do it: a shell that is not known to be of the Bourne family, single quotes around
/// the expression, an `env` in one line, or a variable that means something else already.
pub(crate) fn into_env(audit: &Audit<'_>, at: &ExpressionAt<'_>, name: &str) -> Option<Vec<Edit>> {
    let source = audit.source();
    let step = at.text.step?;
    let scripts = audit.scripts();
    let script = scripts.iter().find(|script| script.step.step.span == step.step.span)?;
    if !script.shell.is_posix() || !is_name(name) || is_set_otherwise(step.step, name, at) {
        return None;
    }
    let whole = with_braces(at.span, source)?;
    let quoted = quotes(script.run.script.span, whole, source)?;
    let used = if quoted { format!("${{{name}}}") } else { format!("\"${{{name}}}\"") };
    let mut edits = vec![Edit::replace(whole, used)];
    if !is_set(step.step, name) {
        edits.push(variable(step.step, name, at.expression.source(), source)?);
    }
    Some(edits)
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn is_set(step: &Step, name: &str) -> bool {
    let env = step.env.as_ref().map(Entries::written).unwrap_or_default();
    env.iter().any(|(key, _)| &*key.value == name)
}

fn is_set_otherwise(step: &Step, name: &str, at: &ExpressionAt<'_>) -> bool {
    let env = step.env.as_ref().map(Entries::written).unwrap_or_default();
    let wanted = format!("${{{{ {} }}}}", at.expression.source());
    env.iter().any(|(key, value)| &*key.value == name && value.template.source() != wanted)
}

/// The expression with `${{` and `}}`.
pub(crate) fn with_braces(span: Span, source: &str) -> Option<Span> {
    let (start, end) = (usize::try_from(span.start).ok()?, usize::try_from(span.end).ok()?);
    let open = source.get(..start)?.trim_end().strip_suffix("${{")?.len();
    let rest = source.get(end..)?;
    let blanks = rest.len() - rest.trim_start().len();
    rest.trim_start().strip_prefix("}}")?;
    Some(Span::new(u32::try_from(open).ok()?, u32::try_from(end + blanks + 2).ok()?))
}

/// Whether the place stands between double quotes; `None` between single ones, or where quotes of YAML stand around all
/// of it.
fn quotes(script: Span, place: Span, source: &str) -> Option<bool> {
    let written = script.text(source)?;
    // A document in the script, as in `cat <<'EOF'`, has quotes of its own.
    if written.starts_with(['"', '\'']) || written.contains("<<") {
        return None;
    }
    let start = usize::try_from(script.start).ok()?;
    match open_quote(source.get(start..usize::try_from(place.start).ok()?)?) {
        Some('\'') => None,
        quote => Some(quote.is_some()),
    }
}

/// The quote that is open at the end of a script that begins with `text`, whichever line it was opened in.
fn open_quote(text: &str) -> Option<char> {
    // What is open, and outside of it what is open around each `$(`.
    let (mut open, mut around) = (None, Vec::new());
    let (mut last, mut rest) = (' ', text.chars().peekable());
    while let Some(c) = rest.next() {
        match (c, open) {
            ('\\', None | Some('"')) => _ = rest.next(),
            ('#', None) if last.is_whitespace() => {
                while rest.next_if(|next| *next != '\n').is_some() {}
            }
            ('\'' | '"', None) => open = Some(c),
            (_, Some(quote)) if c == quote => open = None,
            ('(', None | Some('"')) if last == '$' => around.push(open.take()),
            (')', None) => open = around.pop().flatten(),
            _ => {}
        }
        last = c;
    }
    open
}

/// The edit that adds `name` to the variables of `step`.
fn variable(step: &Step, name: &str, expression: &str, source: &str) -> Option<Edit> {
    match &step.env {
        Some(Entries::Written(written)) => {
            let (first, _) = written.first()?;
            let indent = indentation(first.span.start, source)?;
            let text = format!("{name}: ${{{{ {expression} }}}}\n{indent}");
            Some(Edit::insert(first.span.start, text))
        }
        Some(_) => None,
        None => {
            let start = step.span.start;
            let column = column(start, source)?;
            if source.get(usize::try_from(start).ok()?..)?.starts_with('{') {
                return None;
            }
            let indent = " ".repeat(column);
            let text = format!("env:\n{indent}  {name}: ${{{{ {expression} }}}}\n{indent}");
            Some(Edit::insert(start, text))
        }
    }
}

/// The blanks before `at`, if there is nothing else before it on its line.
fn indentation(at: u32, source: &str) -> Option<String> {
    let at = usize::try_from(at).ok()?;
    let before = source.get(..at)?;
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.chars().all(|c| c == ' ').then(|| line.to_owned())
}

/// How many characters stand before `at` on its line.
fn column(at: u32, source: &str) -> Option<usize> {
    let before = source.get(..usize::try_from(at).ok()?)?;
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.chars().all(|c| c == ' ' || c == '-').then(|| line.chars().count())
}

/// The edit that uses the variable `name`, which holds the same already, in place of the expression `at`.
pub(crate) fn as_variable(
    audit: &Audit<'_>,
    at: &ExpressionAt<'_>,
    name: &str,
) -> Option<Vec<Edit>> {
    let step = at.text.step?;
    let scripts = audit.scripts();
    let script = scripts.iter().find(|script| script.step.step.span == step.step.span)?;
    if !script.shell.is_posix() || !is_name(name) {
        return None;
    }
    let whole = with_braces(at.span, audit.source())?;
    let quoted = quotes(script.run.script.span, whole, audit.source())?;
    let used = if quoted { format!("${{{name}}}") } else { format!("\"${{{name}}}\"") };
    Some(vec![Edit::replace(whole, used)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_stays_open_over_lines_and_not_in_comments() {
        let cases = [
            ("echo '[a]\n  b = \"", Some('\'')),
            ("# don't\necho ", None),
            ("echo \"it's ", Some('"')),
            ("echo it\\'s \"", Some('"')),
            ("a=\"$(echo ", None),
            ("a=\"$(echo \"", Some('"')),
            ("a=\"$(echo 'b') ", Some('"')),
            ("a=${b#'c'} # \"\n", None),
        ];
        for (text, open) in cases {
            assert_eq!(open_quote(text), open, "{text}");
        }
    }
}
