//! Charts as an image: a panel for each workflow, boxes for its jobs, and a legend.

use std::fmt::Write as _;

use plim_audit::chart::{Chart, ChartJob, EdgeKind, Marks, Role};
use unicode_width::UnicodeWidthChar;

use super::layout::{Layout, Place, Size, direct, layout};

/// Around and between panels.
const MARGIN: i64 = 24;
/// Inside of a panel.
const PADDING: i64 = 20;
/// For the title of a panel.
const HEAD: i64 = 54;
/// Panels are put beside one another up to this width.
const WIDEST: i64 = 1500;
/// The widest and the narrowest text of a box.
const TEXT: (i64, i64) = (96, 250);
const LINE: i64 = 16;

/// Fills and lines of a role; the text on it is dark, so that it can be read on every background.
pub(super) const fn colours(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Build => ("#dbe8fb", "#4a7fd0"),
        Role::Test => ("#dcf1e0", "#3f9a5c"),
        Role::Gate => ("#e4e7ec", "#5d6673"),
        Role::Sign => ("#ece2fa", "#8a5fd0"),
        Role::Publish => ("#fde6d0", "#d57f24"),
        Role::Release => ("#fbdfe4", "#cf4b66"),
        Role::Deploy => ("#d3f0ef", "#2a9490"),
        Role::Announce => ("#fbf3cf", "#b4941b"),
        Role::Other => ("#f1f3f5", "#98a1ad"),
    }
}

/// What all elements look like. A viewer that prefers dark gets a dark panel; boxes stay as they are.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI','Liberation Sans','DejaVu Sans',Arial,sans-serif;fill:#1b1f24}\
.panel{fill:#ffffff;stroke:#c9cfd8}\
.head{font-size:15px;font-weight:600}.sub{font-size:11.5px;fill:#59636e}\
.id{font-size:13px;font-weight:600}.deed{font-size:11.5px}.aside{font-size:10.5px;fill:#4c5560}\
.count{font-size:10.5px;font-weight:700;fill:#ffffff}\
.edge{fill:none;stroke:#8b95a3;stroke-width:1.4}\
.ships{stroke:#d57f24;stroke-width:2.2}\
.missing{stroke:#d1242f;stroke-width:2;stroke-dasharray:6 4}\
.lost{font-size:10.5px;font-weight:600;fill:#d1242f}\
@media (prefers-color-scheme:dark){.panel{fill:#161b22;stroke:#3d444d}\
.panel~text.head,.legend text,.head{fill:#e6edf3}.sub{fill:#9aa4b0}.lost{fill:#ff7b72}}";

/// A chart with its places.
struct Panel<'a> {
    chart: &'a Chart,
    layout: Layout,
    edges: Vec<(usize, usize, EdgeKind)>,
    lines: Vec<Lines>,
    width: i64,
    height: i64,
    x: i64,
    y: i64,
}

/// The texts of a box.
struct Lines {
    id: String,
    deeds: Vec<String>,
    aside: String,
}

/// The image of all `charts`.
pub(super) fn draw(charts: &[Chart]) -> String {
    let mut panels: Vec<Panel<'_>> = charts.iter().map(panel).collect();
    let (width, height) = shelve(&mut panels);
    let legend = legend(charts, height);
    let (width, height) = (width.max(legend.1 + 2 * MARGIN), height + 40);
    let title = match charts {
        [only] => format!("The workflow {}", only.title),
        _ => format!("{} workflows", charts.len()),
    };
    let mut out = String::new();
    // Writing to a string cannot fail.
    _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">"
    );
    _ = writeln!(out, "<title id=\"title\">{}</title>", escaped(&title));
    _ = writeln!(out, "<desc id=\"desc\">{}</desc>", escaped(&described(charts)));
    _ = writeln!(out, "<style>{STYLE}</style>");
    out.push_str("<defs>");
    for (name, colour) in [("needs", "#8b95a3"), ("ships", "#d57f24"), ("missing", "#d1242f")] {
        _ = write!(
            out,
            "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"{colour}\"/></marker>"
        );
    }
    out.push_str("</defs>\n");
    panels.iter().for_each(|panel| panel.draw(&mut out));
    out.push_str(&legend.0);
    out + "</svg>\n"
}

fn panel(chart: &Chart) -> Panel<'_> {
    let waits: Vec<&_> = chart.edges.iter().filter(|edge| edge.kind != EdgeKind::Missing).collect();
    let pairs: Vec<(usize, usize)> = waits.iter().map(|edge| (edge.from, edge.to)).collect();
    let is_direct = direct(chart.jobs.len(), &pairs);
    // What only follows from others would be drawn across them.
    let kept = waits.iter().zip(&is_direct).filter(|(_, is_direct)| **is_direct);
    let mut edges: Vec<(usize, usize, EdgeKind)> =
        kept.map(|(edge, _)| (edge.from, edge.to, edge.kind)).collect();
    let drawn: Vec<(usize, usize)> = edges.iter().map(|&(from, to, _)| (from, to)).collect();
    let lines: Vec<Lines> = chart.jobs.iter().map(lines).collect();
    let sizes: Vec<Size> = lines.iter().map(Lines::size).collect();
    let layout = layout(&sizes, &drawn);
    let missing = chart.edges.iter().filter(|edge| edge.kind == EdgeKind::Missing);
    edges.extend(missing.map(|edge| (edge.from, edge.to, edge.kind)));
    let head = measured(&chart.title, 150).max(measured(&subtitle(chart), 115)) + 48;
    let width = layout.width.max(head.min(WIDEST)) + 2 * PADDING;
    let height = layout.height + HEAD + PADDING;
    Panel { chart, layout, edges, lines, width, height, x: 0, y: 0 }
}

/// Puts panels beside one another while they fit; the width and height of all.
fn shelve(panels: &mut [Panel<'_>]) -> (i64, i64) {
    let (mut x, mut y, mut tallest, mut widest) = (MARGIN, MARGIN, 0, 0);
    for panel in panels {
        if x > MARGIN && x + panel.width > WIDEST {
            (x, y, tallest) = (MARGIN, y + tallest + MARGIN, 0);
        }
        (panel.x, panel.y) = (x, y);
        x += panel.width + MARGIN;
        tallest = tallest.max(panel.height);
        widest = widest.max(x);
    }
    (widest, y + tallest + MARGIN)
}

fn subtitle(chart: &Chart) -> String {
    let path =
        if chart.path == chart.title { String::new() } else { format!("{} · ", chart.path) };
    cut(&format!("{path}on {}", chart.events.join(", ")), 115, WIDEST - 2 * PADDING - 60)
}

fn lines(job: &ChartJob) -> Lines {
    let mut asides = Vec::new();
    if job.is_matrix {
        asides.push("matrix".to_owned());
    }
    if job.is_conditional {
        asides.push("conditional".to_owned());
    }
    if let Some(environment) = &job.environment {
        asides.push(format!("environment {environment}"));
    }
    Lines {
        id: cut(&job.id, 130, TEXT.1 - 24),
        deeds: wrapped(&job.deeds, TEXT.1),
        aside: cut(&asides.join(" · "), 105, TEXT.1),
    }
}

/// Deeds joined by commas on at most two lines, the rest as a number.
fn wrapped(deeds: &[String], width: i64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, deed) in deeds.iter().enumerate() {
        let (rest, number) = (deeds.len() - at, lines.len());
        match lines.last_mut() {
            Some(last) if measured(&format!("{last}, {deed}"), 115) <= width - 24 => {
                last.push_str(", ");
                last.push_str(deed);
            }
            Some(last) if number == 2 => {
                last.push_str(&format!(", +{rest}"));
                break;
            }
            Some(last) => {
                last.push(',');
                lines.push(cut(deed, 115, width - 24));
            }
            None => lines.push(cut(deed, 115, width - 24)),
        }
    }
    lines
}

impl Lines {
    fn size(&self) -> Size {
        let deeds = self.deeds.iter().map(|line| measured(line, 115));
        let widest = deeds
            .chain([measured(&self.id, 130) + 24, measured(&self.aside, 105)])
            .max()
            .unwrap_or(0);
        let more = i64::try_from(self.deeds.len()).unwrap_or(0) + i64::from(!self.aside.is_empty());
        Size { width: widest.clamp(TEXT.0, TEXT.1 + 24) + 24, height: 28 + LINE * more }
    }
}

impl Panel<'_> {
    fn draw(&self, out: &mut String) {
        let Self { x, y, width, height, chart, .. } = self;
        _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
        _ = writeln!(
            out,
            "<rect class=\"panel\" width=\"{width}\" height=\"{height}\" rx=\"10\"/>"
        );
        let title = cut(&chart.title, 150, WIDEST - 2 * PADDING - 60);
        _ = writeln!(
            out,
            "<text class=\"head\" x=\"{PADDING}\" y=\"24\">{}</text><text class=\"sub\" x=\"{PADDING}\" y=\"41\">{}</text>",
            escaped(&title),
            escaped(&subtitle(chart))
        );
        badge(out, width - 18, 20, &chart.marks);
        _ = writeln!(out, "<g transform=\"translate({PADDING} {HEAD})\">");
        for (at, &(from, to, kind)) in self.edges.iter().enumerate() {
            self.edge(out, self.layout.bends.get(at), from, to, kind);
        }
        for ((job, lines), place) in chart.jobs.iter().zip(&self.lines).zip(&self.layout.places) {
            draw_job(out, job, lines, place);
        }
        out.push_str("</g></g>\n");
    }

    fn edge(
        &self,
        out: &mut String,
        bends: Option<&Vec<(i64, i64, i64)>>,
        from: usize,
        to: usize,
        kind: EdgeKind,
    ) {
        let (from, to) = (&self.layout.places[from], &self.layout.places[to]);
        let (marker, class) = match kind {
            EdgeKind::Needs => ("needs", "edge"),
            EdgeKind::Ships => ("ships", "edge ships"),
            EdgeKind::Missing => ("missing", "edge missing"),
        };
        let path = match bends {
            Some(bends) if to.x > from.x => through(from, to, bends),
            _ => around(from, to),
        };
        _ = writeln!(out, "<path class=\"{class}\" marker-end=\"url(#{marker})\" d=\"{path}\"/>");
        if kind == EdgeKind::Missing {
            let (x, y) = middle(from, to);
            _ = writeln!(out, "<text class=\"lost\" x=\"{x}\" y=\"{y}\">missing</text>");
        }
    }
}

/// From the right side of one to the left side of another, level where it passes a column.
fn through(from: &Place, to: &Place, bends: &[(i64, i64, i64)]) -> String {
    let (mut x, mut y) = (from.x + from.width, from.y + from.height / 2);
    let mut path = format!("M{x} {y}");
    let end = (to.x - 1, to.x - 1, to.y + to.height / 2);
    for &(left, right, height) in bends.iter().chain([&end]) {
        let half = i64::midpoint(x, left);
        _ = write!(path, "C{half} {y} {half} {height} {left} {height}");
        if right > left {
            _ = write!(path, "H{right}");
        }
        (x, y) = (right, height);
    }
    path
}

/// Between two of which the second does not stand behind the first, or to which nothing leads yet.
fn around(from: &Place, to: &Place) -> String {
    let (x, y) = (from.x + from.width, from.y + from.height / 2);
    let height = to.y + to.height / 2;
    if to.x > from.x {
        let (left, half) = (to.x - 1, i64::midpoint(x, to.x));
        return format!("M{x} {y}C{half} {y} {half} {height} {left} {height}");
    }
    let right = to.x + to.width + 1;
    let out = x.max(right) + 34;
    format!("M{x} {y}C{out} {y} {out} {height} {right} {height}")
}

fn middle(from: &Place, to: &Place) -> (i64, i64) {
    let y = i64::midpoint(from.y + from.height / 2, to.y + to.height / 2) + 4;
    let x = match to.x > from.x {
        true => i64::midpoint(from.x + from.width, to.x) - 20,
        false => (from.x + from.width).max(to.x + to.width) + 12,
    };
    (x, y)
}

fn draw_job(out: &mut String, job: &ChartJob, lines: &Lines, place: &Place) {
    let Place { x, y, width, height } = *place;
    let (fill, line) = colours(job.role);
    _ = write!(out, "<g transform=\"translate({x} {y})\"><title>{}</title>", escaped(&told(job)));
    let dashes = if job.is_conditional { " stroke-dasharray=\"5 3\"" } else { "" };
    let radius = if job.is_gate { height / 2 } else { 6 };
    _ = write!(
        out,
        "<rect width=\"{width}\" height=\"{height}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{line}\" stroke-width=\"1.3\"{dashes}/>"
    );
    if job.is_matrix {
        // A second edge behind the first says that there are several.
        _ = write!(
            out,
            "<path d=\"M4 {} v3 h{} v-{} h-4\" fill=\"none\" stroke=\"{line}\" stroke-width=\"1.3\" transform=\"translate(0 0)\"/>",
            height,
            width - 1,
            height - 4
        );
    }
    let left = if job.is_gate { 16 } else { 12 };
    _ = write!(out, "<text class=\"id\" x=\"{left}\" y=\"19\">{}</text>", escaped(&lines.id));
    let mut row = 19 + LINE;
    for deed in &lines.deeds {
        _ = write!(out, "<text class=\"deed\" x=\"{left}\" y=\"{row}\">{}</text>", escaped(deed));
        row += LINE;
    }
    if !lines.aside.is_empty() {
        _ = write!(
            out,
            "<text class=\"aside\" x=\"{left}\" y=\"{row}\">{}</text>",
            escaped(&lines.aside)
        );
    }
    badge(out, width - 2, 2, &job.marks);
    out.push_str("</g>\n");
}

/// The number of findings in a disc.
fn badge(out: &mut String, x: i64, y: i64, marks: &Marks) {
    if marks.is_empty() {
        return;
    }
    let colour = if marks.errors > 0 { "#d1242f" } else { "#9a6700" };
    let number = marks.errors + marks.warnings;
    let half = if number > 99 { 13 } else { 9 };
    _ = write!(
        out,
        "<g><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"18\" rx=\"9\" fill=\"{colour}\"/><text class=\"count\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{number}</text></g>",
        escaped(&marks.found.join("\n")),
        x - half,
        y - 9,
        2 * half,
        y + 4
    );
}

/// All that is known of a job, for whoever points at it or cannot see it.
fn told(job: &ChartJob) -> String {
    let mut told = format!("{} ({})", job.id, job.role.as_str());
    if !job.deeds.is_empty() {
        _ = write!(told, ": {}", job.deeds.join(", "));
    }
    for found in &job.marks.found {
        _ = write!(told, "\n{found}");
    }
    told
}

fn described(charts: &[Chart]) -> String {
    let mut text = String::new();
    for chart in charts {
        _ = write!(text, "{}: ", chart.title);
        let jobs: Vec<String> = chart
            .jobs
            .iter()
            .enumerate()
            .map(|(at, job)| {
                let before = chart
                    .edges
                    .iter()
                    .filter(|edge| edge.to == at && edge.kind != EdgeKind::Missing);
                let before: Vec<&str> =
                    before.map(|edge| chart.jobs[edge.from].id.as_str()).collect();
                let after = if before.is_empty() {
                    String::new()
                } else {
                    format!(" after {}", before.join(", "))
                };
                format!("{}{after}", job.id)
            })
            .collect();
        _ = write!(text, "{}. ", jobs.join("; "));
    }
    text.trim_end().to_owned()
}

/// What the colours and lines mean, of those that are used, and how wide that is.
fn legend(charts: &[Chart], y: i64) -> (String, i64) {
    let (mut out, mut x) =
        (format!("<g class=\"legend\" transform=\"translate({MARGIN} {y})\">"), 0);
    let jobs = || charts.iter().flat_map(|chart| &chart.jobs);
    for role in Role::ALL.into_iter().filter(|role| jobs().any(|job| job.role == *role)) {
        let (fill, line) = colours(role);
        let name = if role == Role::Other { "not known" } else { role.as_str() };
        _ = write!(
            out,
            "<rect x=\"{x}\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{fill}\" stroke=\"{line}\"/><text class=\"sub\" x=\"{}\" y=\"11\">{name}</text>",
            x + 20
        );
        x += 34 + measured(name, 115);
    }
    let edges = || charts.iter().flat_map(|chart| &chart.edges);
    for (kind, class, name) in [
        (EdgeKind::Ships, "edge ships", "waits for what ships"),
        (EdgeKind::Missing, "edge missing", "should wait, and does not"),
    ] {
        if edges().any(|edge| edge.kind == kind) {
            _ = write!(
                out,
                "<path class=\"{class}\" d=\"M{x} 7h26\"/><text class=\"sub\" x=\"{}\" y=\"11\">{name}</text>",
                x + 32
            );
            x += 46 + measured(name, 115);
        }
    }
    (out + "</g>\n", x)
}

/// About how wide `text` is in a font of `size` tenths of a pixel; rather too wide, since nobody knows the font.
fn measured(text: &str, size: i64) -> i64 {
    let thousandths: i64 = text.chars().map(width_of).sum();
    thousandths * size / 10_000 + 1
}

/// In thousandths of the size of the font, after the widths of DejaVu Sans.
fn width_of(c: char) -> i64 {
    match c {
        'i' | 'l' | 'j' | '\'' | '|' => 290,
        'I' | '.' | ',' | ':' | ';' | '!' | ' ' | '·' | '/' => 340,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' => 410,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 960,
        c if c.is_ascii_uppercase() => 700,
        c if c.is_ascii() => 620,
        c => 620 * i64::try_from(c.width().unwrap_or(0)).unwrap_or(1).max(1),
    }
}

/// `text` cut to `width`, ending with `…` where something is missing.
fn cut(text: &str, size: i64, width: i64) -> String {
    if measured(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if measured(&format!("{kept}{c}…"), size) > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// `text` as XML has it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A chart for tests.
#[cfg(test)]
pub(super) fn sample() -> Chart {
    use plim_audit::chart::ChartEdge;
    let job = |id: &str, role: Role, deeds: &[&str]| ChartJob {
        id: id.to_owned(),
        role,
        deeds: deeds.iter().map(|deed| (*deed).to_owned()).collect(),
        is_gate: role == Role::Gate,
        is_matrix: role == Role::Test,
        is_conditional: false,
        environment: None,
        marks: Marks::default(),
    };
    let edge = |from, to, kind| ChartEdge { from, to, kind };
    let mut chart = Chart {
        title: "Ship \"it\"".to_owned(),
        path: ".github/workflows/ship.yml".to_owned(),
        events: vec!["push of tags".to_owned()],
        jobs: vec![
            job("build", Role::Build, &["builds"]),
            job("test", Role::Test, &["tests", "checks the code"]),
            job("crates", Role::Publish, &["publishes to crates.io"]),
            job("release", Role::Release, &["makes a release public"]),
            job("done", Role::Gate, &[]),
        ],
        edges: vec![
            edge(0, 1, EdgeKind::Needs),
            edge(0, 2, EdgeKind::Needs),
            edge(1, 2, EdgeKind::Needs),
            edge(2, 3, EdgeKind::Missing),
            edge(2, 4, EdgeKind::Ships),
        ],
        marks: Marks::default(),
    };
    chart.jobs[3].marks.warnings = 1;
    chart.jobs[3].marks.found.push("release-before-publish: it does not wait".to_owned());
    chart
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_image_has_a_title_a_description_and_every_job() {
        let text = draw(&[sample()]);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"));
        let texts: Vec<&str> = root.descendants().filter_map(|node| node.text()).collect();
        for wanted in
            ["The workflow Ship \"it\"", "build", "publishes to crates.io", "missing", "1"]
        {
            assert!(texts.contains(&wanted), "{wanted}: {texts:?}");
        }
        let described = root.children().find(|node| node.has_tag_name("desc")).unwrap();
        assert!(described.text().unwrap().contains("crates after build, test"));
        // `build` → `crates` follows from the others.
        let edges = root.descendants().filter(|node| node.attribute("marker-end").is_some());
        assert_eq!(edges.count(), 4);
    }

    #[test]
    fn long_lists_of_deeds_are_cut() {
        let deeds: Vec<String> = [
            "builds",
            "tests",
            "signs",
            "publishes to a registry of images",
            "adds files to a release",
            "announces",
            "deploys pages",
            "makes a release public",
        ]
        .map(str::to_owned)
        .to_vec();
        let lines = wrapped(&deeds, 250);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains(", +"), "{lines:?}");
        assert!(lines.iter().all(|line| measured(line, 115) <= 250), "{lines:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn any_name_gives_a_document(id in ".{0,60}", title in "\\PC{0,40}", deed in ".{0,80}") {
            let mut chart = sample();
            (chart.jobs[0].id, chart.title, chart.jobs[0].deeds[0]) = (id, title, deed);
            let text = draw(&[chart.clone(), chart]);
            prop_assert!(roxmltree::Document::parse(&text).is_ok());
        }
    }
}
