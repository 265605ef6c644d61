//! The place that an annotation command names: file, lines and columns, made consistent.

use super::{Command, effect::Effect};
use crate::event::{Annotation, Level};

/// The annotation of `command`, after debug lines that say what was dropped from it.
///
/// A file below `workspace` becomes relative to it.
pub(super) fn annotate(command: &Command, level: Level, workspace: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let place = Place::of(command, &mut |what| effects.push(Effect::Debug(what)));
    let get = |name| command.properties.get(name).map(str::to_owned);
    effects.push(Effect::Annotate(Annotation {
        level,
        message: command.data.clone(),
        title: get("title"),
        path: command.properties.get("file").map(|file| relative(file, workspace).to_owned()),
        line: positive(place.line),
        end_line: positive(place.end_line),
        column: positive(place.column),
        end_column: positive(place.end_column),
    }));
    effects
}

struct Place {
    line: Option<i32>,
    end_line: Option<i32>,
    column: Option<i32>,
    end_column: Option<i32>,
}

impl Place {
    /// Reads and mends, in the runner's order, which decides what survives.
    fn of(command: &Command, debug: &mut dyn FnMut(String)) -> Self {
        let number = |name| command.properties.get(name)?.trim().parse::<i32>().ok();
        let mut place = Self {
            line: number("line"),
            end_line: number("endLine"),
            column: number("col"),
            end_column: number("endColumn"),
        };
        place.fill(debug);
        place.drop_what_contradicts(debug);
        place
    }

    fn fill(&mut self, debug: &mut dyn FnMut(String)) {
        if self.line.is_none() && self.end_line.is_some() {
            debug("`endLine` without `line` stands for both".into());
            self.line = self.end_line;
        }
        if self.column.is_none() && self.end_column.is_some() {
            debug("`endColumn` without `col` stands for both".into());
            self.column = self.end_column;
        }
    }

    fn drop_what_contradicts(&mut self, debug: &mut dyn FnMut(String)) {
        if self.line.is_none() && self.column.is_some() {
            debug("`col` and `endColumn` mean nothing without `line`".into());
            self.drop_columns();
        }
        if self.end_line.is_some() && self.line != self.end_line && self.column.is_some() {
            debug("`col` and `endColumn` mean nothing where `line` and `endLine` differ".into());
            self.drop_columns();
        }
        if self.end_line.is_some() && self.end_line < self.line {
            debug("`endLine` is less than `line`".into());
            (self.line, self.end_line) = (None, None);
        }
        if self.end_column.is_some() && self.end_column < self.column {
            debug("`endColumn` is less than `col`".into());
            self.drop_columns();
        }
    }

    fn drop_columns(&mut self) {
        (self.column, self.end_column) = (None, None);
    }
}

fn positive(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn relative<'a>(file: &'a str, workspace: &str) -> &'a str {
    let workspace = workspace.strip_suffix('/').unwrap_or(workspace);
    match file.strip_prefix(workspace).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if !workspace.is_empty() && !rest.is_empty() => rest,
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Registered;
    use super::*;

    fn place(properties: &str) -> (Option<u32>, Option<u32>, Option<u32>, Option<u32>) {
        let line = format!("::warning {properties}::this is a warning");
        let command = Command::parse(&line, &Registered::default()).unwrap();
        match annotate(&command, Level::Warning, "/w").pop() {
            Some(Effect::Annotate(a)) => (a.line, a.end_line, a.column, a.end_column),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lines_and_columns_are_made_consistent() {
        assert_eq!(place("line=1,endLine=2,col=1,endColumn=2"), (Some(1), Some(2), None, None));
        assert_eq!(place("col=1,endColumn=2"), (None, None, None, None));
        assert_eq!(place("endLine=1"), (Some(1), Some(1), None, None));
        assert_eq!(place("line=1,endColumn=2"), (Some(1), None, Some(2), Some(2)));
        assert_eq!(place("line=,endLine=3"), (Some(3), Some(3), None, None));
        assert_eq!(place("line=4,endLine=3"), (None, None, None, None));
        assert_eq!(place("line=1,endLine=1,col=3,endColumn=2"), (Some(1), Some(1), None, None));
        assert_eq!(
            place("line=1,endLine=1,col=1,endColumn=2"),
            (Some(1), Some(1), Some(1), Some(2))
        );
        assert_eq!(place("line=1,col=1,file=test.txt"), (Some(1), None, Some(1), None));
        assert_eq!(place("line=x,col=0"), (None, None, None, None));
        assert_eq!(place("line=-4"), (None, None, None, None));
    }

    #[test]
    fn a_file_in_the_workspace_becomes_relative() {
        assert_eq!(relative("/w/src/a.rs", "/w"), "src/a.rs");
        assert_eq!(relative("/w/src/a.rs", "/w/"), "src/a.rs");
        assert_eq!(relative("/w2/a.rs", "/w"), "/w2/a.rs");
        assert_eq!(relative("src/a.rs", "/w"), "src/a.rs");
        assert_eq!(relative("/w", "/w"), "/w");
    }
}
