//! Charts in the language of Mermaid, which forges draw inside Markdown.

use std::fmt::Write as _;

use plim_audit::chart::{Chart, ChartJob, EdgeKind, Marks, Role};

/// One picture of all charts, each in a frame of its own.
pub(super) fn draw(charts: &[Chart]) -> String {
    let mut out = String::from("flowchart LR\n");
    for (number, chart) in charts.iter().enumerate() {
        // Writing to a string cannot fail.
        _ = writeln!(out, "  subgraph w{number} [\"{}\"]", title(chart));
        jobs(&mut out, chart, number, "    ");
        out.push_str("  end\n");
    }
    classes(&mut out);
    out
}

/// A section for each chart, with its picture and what was found.
pub(super) fn markdown(charts: &[Chart]) -> String {
    let mut out = String::from("# Workflows\n");
    for (number, chart) in charts.iter().enumerate() {
        _ = write!(out, "\n## {}\n\n", markdown_text(&chart.title));
        _ = write!(out, "{}\n\n", markdown_text(&subtitle(chart)));
        out.push_str("```mermaid\nflowchart LR\n");
        jobs(&mut out, chart, number, "  ");
        classes(&mut out);
        out.push_str("```\n");
        let marked = chart.jobs.iter().map(|job| (Some(&job.id), &job.marks));
        let all: Vec<_> = std::iter::once((None, &chart.marks)).chain(marked).collect();
        if all.iter().any(|(_, marks)| !marks.is_empty()) {
            out.push('\n');
        }
        for (job, marks) in all {
            for found in &marks.found {
                let whose = job.map(|id| format!("job {id}: ")).unwrap_or_default();
                _ = writeln!(out, "- {}", markdown_text(&format!("{whose}{found}")));
            }
        }
    }
    out
}

fn title(chart: &Chart) -> String {
    let marks = mark(&chart.marks);
    text(&format!("{} · {}{marks}", chart.title, subtitle(chart)))
}

fn subtitle(chart: &Chart) -> String {
    let path =
        if chart.path == chart.title { String::new() } else { format!("{} · ", chart.path) };
    format!("{path}on {}", chart.events.join(", "))
}

fn jobs(out: &mut String, chart: &Chart, number: usize, indent: &str) {
    for (at, job) in chart.jobs.iter().enumerate() {
        let (open, close) = if job.is_gate { ("{{\"", "\"}}") } else { ("[\"", "\"]") };
        let class = job.role.as_str();
        _ = writeln!(out, "{indent}w{number}j{at}{open}{}{close}:::{class}", label(job));
    }
    for edge in &chart.edges {
        let line = match edge.kind {
            EdgeKind::Needs => "-->",
            EdgeKind::Ships => "==>",
            EdgeKind::Missing => "-. missing .->",
        };
        _ = writeln!(out, "{indent}w{number}j{} {line} w{number}j{}", edge.from, edge.to);
    }
}

fn label(job: &ChartJob) -> String {
    let mut label = format!("<b>{}</b>{}", text(&job.id), mark(&job.marks));
    if !job.deeds.is_empty() {
        _ = write!(label, "<br/>{}", text(&job.deeds.join(", ")));
    }
    label
}

fn mark(marks: &Marks) -> String {
    match (marks.errors, marks.warnings) {
        (0, 0) => String::new(),
        (0, warnings) => format!(" ⚠ {warnings}"),
        (errors, warnings) => format!(" ✖ {}", errors + warnings),
    }
}

fn classes(out: &mut String) {
    for role in Role::ALL {
        let (fill, line) = super::svg::colours(role);
        let name = role.as_str();
        _ = writeln!(out, "  classDef {name} fill:{fill},stroke:{line},color:#1b1f24");
    }
}

/// `text` as Mermaid shows it: what has a meaning there is written by its number.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '"' | '\'' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' | '[' | ']' | '{' | '}' | '|'
            | '%' | '$' => {
                _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// `text` as Markdown shows it, on one line.
fn markdown_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~' => {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chart::svg::sample;

    #[test]
    fn a_chart_is_a_flowchart() {
        insta::assert_snapshot!(draw(&[sample()]).split("  classDef").next().unwrap(), @r##"
flowchart LR
  subgraph w0 ["Ship #34;it#34; · .github/workflows/ship.yml · on push of tags"]
    w0j0["<b>build</b><br/>builds"]:::build
    w0j1["<b>test</b><br/>tests, checks the code"]:::test
    w0j2["<b>crates</b><br/>publishes to crates.io"]:::publish
    w0j3["<b>release</b> ⚠ 1<br/>makes a release public"]:::release
    w0j4{{"<b>done</b>"}}:::gate
    w0j0 --> w0j1
    w0j0 --> w0j2
    w0j1 --> w0j2
    w0j2 -. missing .-> w0j3
    w0j2 ==> w0j4
  end
"##);
    }

    #[test]
    fn nothing_in_a_name_is_taken_for_mermaid() {
        let mut chart = sample();
        chart.jobs[0].id = "a\"]:::x\n  click w0j0 \"https://evil\" <script>`".to_owned();
        let text = draw(&[chart]);
        assert!(!text.contains("click w0j0 \"") && !text.contains("<script"), "{text}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("click")));
    }
}
