//! The live view: what is over scrolls by, what goes on stands below it and is drawn anew.

use std::{fmt::Write, io};

use plim_host::TerminalSize;
use plim_run::{Event, event::Conclusion};

use super::{
    Narrator, Progress, Reader, Report,
    progress::{Job, JobState},
};
use crate::{
    output::Output,
    render::{
        paint::Paint,
        quantity::duration,
        text::{cut, pad, width},
    },
};

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// More lines than this are no overview.
const MOST: usize = 12;

/// What is assumed of a terminal that does not tell.
const UNKNOWN: TerminalSize = TerminalSize { columns: 80, rows: 24 };

/// Terminals that know it show nothing half drawn (synchronized output); others ignore it.
const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";

/// Asks for the size of the terminal, which may change.
pub(crate) type Size = Box<dyn Fn() -> Option<TerminalSize> + Send>;

/// Tells a run on a terminal.
pub(crate) struct Terminal {
    narrator: Narrator,
    screen: Output,
    size: Size,
    results: Option<(Output, Paint)>,
    /// What was told and is not on the screen yet.
    told: String,
    /// The columns of the lines that will be drawn over.
    drawn: Vec<usize>,
    turn: usize,
    silent: bool,
}

impl Terminal {
    /// Tells on `screen`, and reports in `results` if there are any for people.
    pub(crate) fn new(
        narrator: Narrator,
        screen: Output,
        size: Size,
        results: Option<(Output, Paint)>,
    ) -> Self {
        let (told, drawn) = (String::new(), vec![]);
        Self { narrator, screen, size, results, told, drawn, turn: 0, silent: false }
    }

    fn draw(&mut self, progress: &Progress) {
        if self.silent {
            return;
        }
        let size = (self.size)().unwrap_or(UNKNOWN);
        let lines = self.lines(progress, size);
        self.put(size, &lines);
    }

    /// Takes what is drawn off the screen and writes what was told.
    fn clear(&mut self) {
        let size = (self.size)().unwrap_or(UNKNOWN);
        self.put(size, &[]);
    }

    /// In one piece, so that nothing flickers.
    fn put(&mut self, size: TerminalSize, lines: &[(usize, String)]) {
        let mut text = String::from(BEGIN);
        text.push_str(&self.erasure(size));
        text.push_str(&self.told);
        self.told.clear();
        let drawn: Vec<_> = lines.iter().map(|(_, line)| line.as_str()).collect();
        text.push_str(&drawn.join("\n"));
        text.push_str(END);
        self.drawn = lines.iter().map(|(columns, _)| *columns).collect();
        self.screen.add(&text);
        self.screen.flush();
    }

    /// Moves to where the drawing began and wipes all below; a terminal that became narrower has
    /// wrapped our lines.
    fn erasure(&self, size: TerminalSize) -> String {
        if self.drawn.is_empty() {
            return String::new();
        }
        let columns = usize::from(size.columns).max(1);
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        let up = rows.min(usize::from(size.rows)) - 1;
        if up == 0 { "\r\u{1b}[J".to_owned() } else { format!("\r\u{1b}[{up}A\u{1b}[J") }
    }

    fn lines(&self, progress: &Progress, size: TerminalSize) -> Vec<(usize, String)> {
        // The last column stays free: some terminals wrap as soon as it is filled.
        let columns = usize::from(size.columns).saturating_sub(1);
        let most = (usize::from(size.rows) / 2).clamp(1, MOST);
        let running: Vec<&Job> = progress.jobs.iter().filter(|job| is_running(job)).collect();
        let shown = if running.len() < most { running.len() } else { most.saturating_sub(2) };
        let labels: Vec<_> = running[..shown].iter().map(|job| progress.label(&job.key)).collect();
        let widest =
            labels.iter().map(|label| width(label)).max().unwrap_or(0).min(columns * 2 / 5);
        let jobs = running.iter().zip(&labels);
        let mut lines: Vec<_> = jobs
            .map(|(job, label)| self.job(progress, job, &cut(label, widest), widest, columns))
            .collect();
        if shown < running.len() && most > 1 {
            let more = cut(&format!("  … {} more", running.len() - shown), columns).into_owned();
            lines.push((width(&more), self.paint().faint(more).to_string()));
        }
        lines.push(self.sum(progress, running.len(), columns));
        lines
    }

    /// `⠋ test (stable)   12.3s  Run cargo test`.
    fn job(
        &self,
        progress: &Progress,
        job: &Job,
        label: &str,
        widest: usize,
        columns: usize,
    ) -> (usize, String) {
        let since = match job.state {
            JobState::Running { since } => since,
            _ => progress.now,
        };
        let elapsed = progress.now.saturating_sub(since).as_millis();
        let elapsed = duration(u64::try_from(elapsed).unwrap_or(u64::MAX));
        let step = job.current().map_or("", |step| &step.name);
        let spinner = SPINNER[self.turn % SPINNER.len()];
        let plain = format!("{spinner} {}  {elapsed:>7}  {step}", pad(label, widest));
        let line = cut(plain.trim_end(), columns).into_owned();
        let painted = match line.strip_prefix(spinner) {
            Some(rest) => format!("{}{rest}", self.paint().active(spinner)),
            None => line.clone(),
        };
        (width(&line), painted)
    }

    fn sum(&self, progress: &Progress, running: usize, columns: usize) -> (usize, String) {
        let ended = |wanted| progress.jobs.iter().filter(|job| job.has(wanted)).count();
        let mut line = format!("  {running} running");
        for (number, word) in [
            (ended(Conclusion::Success), "passed"),
            (ended(Conclusion::Failure), "failed"),
            (ended(Conclusion::Cancelled), "cancelled"),
        ] {
            if number > 0 {
                // Writing to a string cannot fail.
                let _ = write!(line, " · {number} {word}");
            }
        }
        let elapsed = u64::try_from(progress.now.as_millis()).unwrap_or(u64::MAX);
        let _ = write!(line, " · {}", duration(elapsed));
        let line = cut(&line, columns).into_owned();
        (width(&line), self.paint().faint(&line).to_string())
    }

    fn paint(&self) -> Paint {
        self.narrator.paint()
    }
}

fn is_running(job: &Job) -> bool {
    matches!(job.state, JobState::Running { .. })
}

impl Reader for Terminal {
    fn read(&mut self, event: &Event, progress: &Progress) {
        let before = self.told.len();
        self.narrator.tell(event, progress, &mut self.told);
        let is_new = self.told.len() > before || matches!(event, Event::JobStarted { .. });
        // Lines of logs may come by the thousand, and steps by the hundred: those wait for the beat.
        if is_new && !matches!(event, Event::Log { .. }) {
            self.draw(progress);
        }
    }

    fn tick(&mut self, progress: &Progress) {
        self.turn += 1;
        self.draw(progress);
    }

    fn hold(&mut self, silent: bool, progress: &Progress) {
        if silent {
            self.clear();
        }
        self.silent = silent;
        if !silent {
            self.draw(progress);
        }
    }

    fn finish(&mut self, progress: &Progress) -> io::Result<()> {
        self.clear();
        let Some((output, paint)) = &mut self.results else { return Ok(()) };
        output.add(&Report { progress, paint: *paint }.full());
        output.finish()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !self.drawn.is_empty() {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use proptest::prelude::*;
    use unicode_width::UnicodeWidthChar;

    use super::*;
    use crate::{
        output::tests::Written,
        view::{Detail, sample},
    };

    /// As much of a terminal as the view uses; lines that scroll out at the top are kept.
    struct Emulator {
        size: TerminalSize,
        lines: Vec<Vec<char>>,
        row: usize,
        column: usize,
    }

    impl Emulator {
        fn new(columns: u16, rows: u16) -> Self {
            let size = TerminalSize { columns, rows };
            Self { size, lines: vec![vec![]], row: 0, column: 0 }
        }

        fn feed(&mut self, text: &str) {
            let mut rest = text.chars();
            while let Some(c) = rest.next() {
                match c {
                    '\u{1b}' => self.sequence(&mut rest),
                    '\r' => self.column = 0,
                    '\n' => self.line_feed(),
                    c => self.print(c),
                }
            }
        }

        fn sequence(&mut self, rest: &mut std::str::Chars<'_>) {
            assert_eq!(rest.next(), Some('['));
            let mut parameter = String::new();
            let last = rest.find(|c| {
                parameter.push(*c);
                c.is_ascii_alphabetic()
            });
            parameter.pop();
            match last.unwrap() {
                'A' => {
                    let top = self.lines.len().saturating_sub(usize::from(self.size.rows));
                    self.row = self.row.saturating_sub(parameter.parse().unwrap()).max(top);
                }
                'J' => {
                    self.lines.truncate(self.row + 1);
                    self.lines[self.row].truncate(self.column);
                }
                'm' | 'h' | 'l' => {}
                other => panic!("the terminal does not know `{other}`"),
            }
        }

        fn line_feed(&mut self) {
            self.row += 1;
            self.column = 0;
            if self.row == self.lines.len() {
                self.lines.push(vec![]);
            }
        }

        fn print(&mut self, c: char) {
            let width = c.width().unwrap_or(0);
            if self.column + width > usize::from(self.size.columns) {
                self.line_feed();
            }
            let line = &mut self.lines[self.row];
            assert!(line.len() <= self.column, "something is written over without being wiped");
            line.push(c);
            line.extend(std::iter::repeat_n('\0', width.saturating_sub(1)));
            self.column += width;
        }

        fn text(&self) -> String {
            let lines = self
                .lines
                .iter()
                .map(|line| line.iter().filter(|c| **c != '\0').collect::<String>());
            lines.collect::<Vec<_>>().join("\n")
        }
    }

    struct Scene {
        terminal: Terminal,
        written: Written,
        size: Arc<Mutex<TerminalSize>>,
        emulator: Emulator,
        progress: Progress,
    }

    impl Scene {
        fn new(detail: Detail, columns: u16, rows: u16) -> Self {
            let written = Written::default();
            let narrator = Narrator::new(Paint::plain(), detail, detail != Detail::Logs);
            let size = Arc::new(Mutex::new(TerminalSize { columns, rows }));
            let asked = Arc::clone(&size);
            let size_now: Size = Box::new(move || Some(*asked.lock().unwrap()));
            let terminal = Terminal::new(narrator, Output::to(written.clone()), size_now, None);
            let emulator = Emulator::new(columns, rows);
            Self { terminal, written, size, emulator, progress: Progress::default() }
        }

        fn hear(&mut self, event: &Event) {
            let now = self.progress.now + Duration::from_millis(100);
            self.progress.apply(event, now);
            self.terminal.read(event, &self.progress);
            self.show();
        }

        fn tick(&mut self) {
            self.progress.now += Duration::from_millis(100);
            self.terminal.tick(&self.progress);
            self.show();
        }

        fn show(&mut self) {
            self.emulator.feed(&self.written.take());
        }
    }

    #[test]
    fn what_goes_on_stands_below_what_is_over() {
        let mut scene = Scene::new(Detail::Jobs, 60, 24);
        let events = sample::mixed();
        let running =
            events.iter().rposition(|event| matches!(event, Event::StepFinished { .. })).unwrap();
        events[..running].iter().for_each(|event| scene.hear(event));
        scene.tick();
        insta::assert_snapshot!(scene.emulator.text(), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075
800
ready 2, blocked 2 (one fix unblocks 2: plim setup), withhel
d 1 (publish), elsewhere 5, skipped 1
CI (ci.yml) on push
- nightly skipped: `if` is false
⠙ test (stable)     3.7s  Run cargo test
⠙ test (beta)       3.6s
  2 running · 5.0s
"#);
        events[running..].iter().for_each(|event| scene.hear(event));
        scene.terminal.finish(&scene.progress).unwrap();
        scene.show();
        insta::assert_snapshot!(scene.emulator.text(), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075
800
ready 2, blocked 2 (one fix unblocks 2: plim setup), withhel
d 1 (publish), elsewhere 5, skipped 1
CI (ci.yml) on push
- nightly skipped: `if` is false
✗ test (beta) 2.3s  Run cargo test: exit code 101 after 1.2s
✓ test (stable) 2.3s  provisional: other legs cannot run her
e
warning: test (stable): the output `token` holds a secret an
d is dropped
"#);
    }

    #[test]
    fn the_first_job_is_named_at_once() {
        let mut scene = Scene::new(Detail::Jobs, 60, 24);
        sample::started()[..3].iter().for_each(|event| scene.hear(event));
        assert!(scene.emulator.text().contains("test"), "{}", scene.emulator.text());
    }

    #[test]
    fn many_jobs_fit_a_small_terminal() {
        for (columns, rows) in [(80, 24), (20, 10), (5, 3), (1, 1)] {
            let mut scene = Scene::new(Detail::Jobs, columns, rows);
            scene.hear(&sample::run_started());
            let before = scene.emulator.lines.len();
            for i in 0..50 {
                scene.hear(&sample::job_started(
                    &format!("ci.yml:a[{i}]"),
                    &format!("漢字 job {i}"),
                ));
            }
            let drawn = scene.emulator.lines.len() - before + 1;
            assert!(drawn <= usize::from(rows / 2).clamp(1, MOST), "{drawn} lines of {rows}");
        }
    }

    #[test]
    fn one_job_streams_its_log_above_its_step() {
        let mut scene = Scene::new(Detail::Logs, 60, 24);
        sample::started().iter().for_each(|event| scene.hear(event));
        scene.hear(&sample::line("ci.yml:test", 0, "compiling"));
        scene.tick();
        insta::assert_snapshot!(scene.emulator.text(), @r#"
octo/repo at c0ffee0 with uncommitted work, run 20261121-075
800
CI (ci.yml) on push
▸ test
  ▸ Run cargo test
    compiling
⠙ test     0.3s  Run cargo test
  1 running · 0.6s
"#);
    }

    #[test]
    fn while_a_person_is_asked_nothing_is_drawn() {
        let mut scene = Scene::new(Detail::Jobs, 60, 24);
        sample::started().iter().for_each(|event| scene.hear(event));
        scene.terminal.hold(true, &scene.progress);
        scene.show();
        assert!(!scene.emulator.text().contains("running"));
        scene.hear(&sample::job_started("ci.yml:b", "b"));
        scene.tick();
        assert!(!scene.emulator.text().contains("running"));
        scene.terminal.hold(false, &scene.progress);
        scene.show();
        assert!(scene.emulator.text().contains("2 running"));
    }

    #[test]
    fn a_terminal_that_becomes_narrower_is_wiped_all_the_same() {
        let mut scene = Scene::new(Detail::Jobs, 60, 24);
        sample::started().iter().for_each(|event| scene.hear(event));
        scene.tick();
        let drawn = scene.emulator.text();
        *scene.size.lock().unwrap() = TerminalSize { columns: 10, rows: 24 };
        // What terminals do: the lines are laid out anew for the new width.
        scene.emulator = Emulator::new(10, 24);
        scene.emulator.feed(&drawn);
        scene.terminal.finish(&scene.progress).unwrap();
        scene.show();
        assert!(!scene.emulator.text().contains("running"), "{}", scene.emulator.text());
        assert!(scene.emulator.text().starts_with("octo/repo "));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn in_the_end_only_what_was_told_is_left(
            columns in 1..90_u16,
            rows in 1..40_u16,
            ticks in prop::collection::vec(0..3_usize, 60),
            logs in any::<bool>(),
        ) {
            let detail = if logs { Detail::Logs } else { Detail::Jobs };
            let mut scene = Scene::new(detail, columns, rows);
            let mut told = String::new();
            let (mut narrator, mut progress) = (Narrator::new(Paint::plain(), detail, !logs), Progress::default());
            for (event, ticks) in sample::mixed().iter().zip(ticks) {
                progress.apply(event, Duration::ZERO);
                narrator.tell(event, &progress, &mut told);
                scene.hear(event);
                (0..ticks).for_each(|_| scene.tick());
            }
            scene.terminal.finish(&scene.progress).unwrap();
            scene.show();
            let mut expected = Emulator::new(columns, rows);
            expected.feed(&told);
            prop_assert_eq!(scene.emulator.text(), expected.text());
        }
    }
}
