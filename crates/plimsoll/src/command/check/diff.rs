//! The difference between a file and its mended text, in the unified form.

use std::fmt::Write as _;

use plim_audit::Mended;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// Lines of the old text that others take the place of; counted from 0.
#[derive(Debug)]
struct Change {
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

/// The difference that the edits of `mended` make in `old`, the text of the file at `path`.
pub(in crate::command) fn unified(path: &str, old: &str, mended: &Mended) -> String {
    let before: Vec<&str> = old.split_inclusive('\n').collect();
    let after: Vec<&str> = mended.text.split_inclusive('\n').collect();
    let mut text = format!("--- a/{path}\n+++ b/{path}\n");
    let changes = changes(old, mended, before.len(), after.len());
    for hunk in hunks(changes) {
        // A hunk is never empty.
        if let (Some(first), Some(last)) = (hunk.first(), hunk.last()) {
            let around = first.old.start.min(AROUND);
            let behind = (before.len() - last.old.end).min(AROUND);
            let (from, to) = (first.old.start - around, last.old.end + behind);
            let (new_from, new_to) = (first.new.start - around, last.new.end + behind);
            _ = writeln!(
                text,
                "@@ -{},{} +{},{} @@",
                from + 1,
                to - from,
                new_from + 1,
                new_to - new_from
            );
            let mut at = from;
            for change in &hunk {
                lines(&mut text, ' ', &before[at..change.old.start]);
                lines(&mut text, '-', &before[change.old.clone()]);
                lines(&mut text, '+', &after[change.new.clone()]);
                at = change.old.end;
            }
            lines(&mut text, ' ', &before[at..to]);
        }
    }
    text
}

fn lines(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        _ = write!(text, "{sign}{line}");
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// Whole lines that change, by the edits that were made.
fn changes(old: &str, mended: &Mended, before: usize, after: usize) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    // Bytes of the new text are those of the old one, moved by what was added before them.
    let mut moved = 0_isize;
    for edit in &mended.edits {
        let range = edit.span.range();
        let start = range.start.saturating_add_signed(moved);
        moved += isize::try_from(edit.replacement.len()).unwrap_or(0);
        moved -= isize::try_from(range.len()).unwrap_or(0);
        let end = range.end.saturating_add_signed(moved);
        let change = Change {
            old: lines_of(old, range.start, range.end, before),
            new: lines_of(&mended.text, start, end, after),
        };
        match changes.last_mut() {
            Some(last) if last.old.end > change.old.start => {
                (last.old.end, last.new.end) = (change.old.end, change.new.end);
            }
            _ => changes.push(change),
        }
    }
    changes
}

/// The lines that the bytes between `start` and `end` are of; none for nothing between two lines.
fn lines_of(text: &str, start: usize, end: usize, most: usize) -> std::ops::Range<usize> {
    let line = |at: usize| text[..at].matches('\n').count();
    let begins = |at: usize| at == 0 || text[..at].ends_with('\n');
    let behind = if begins(end) && begins(start) { line(end) } else { line(end) + 1 };
    line(start)..behind.min(most)
}

/// Changes whose surroundings touch are shown together.
fn hunks(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut hunks: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        let near = |hunk: &&mut Vec<Change>| {
            hunk.last().is_some_and(|last| last.old.end + 2 * AROUND >= change.old.start)
        };
        match hunks.last_mut().filter(near) {
            Some(hunk) => hunk.push(change),
            None => hunks.push(vec![change]),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use plim_audit::Edit;
    use plim_diag::Span;

    use super::*;

    #[test]
    fn changed_lines_are_shown_with_those_around_them() {
        let old: String = (1..=20).map(|i| format!("line {i:02}\n")).collect();
        let edits = vec![
            Edit::replace(Span::new(8, 15), "second"),
            Edit::insert(16, "between\n"),
            Edit::remove(Span::new(144, 152)),
        ];
        let text = format!("{}second\nbetween\n{}{}", &old[..8], &old[16..144], &old[152..]);
        let mended = Mended { text, edits, mended: 3 };
        insta::assert_snapshot!(unified("a.yml", &old, &mended), @r"
--- a/a.yml
+++ b/a.yml
@@ -1,5 +1,6 @@
 line 01
-line 02
+second
+between
 line 03
 line 04
 line 05
@@ -16,5 +17,4 @@
 line 16
 line 17
 line 18
-line 19
 line 20
");
    }
}
