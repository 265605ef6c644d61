//! The audience hears every event, in order and one at a time: the history first, then all readers.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use plim_host::Clock;
use plim_run::{Event, Sink, event::Level, history::Recorder};

use super::{Progress, Reader};

/// How often what waits is written, and a live view redrawn.
const BEAT: Duration = Duration::from_millis(100);

/// Everyone who listens to a run.
pub(crate) struct Audience {
    shared: Arc<Shared>,
    beat: Option<JoinHandle<()>>,
}

/// Lets a person be asked while the readers keep silent.
#[derive(Clone)]
pub(crate) struct Interlude {
    shared: Arc<Shared>,
    /// One question at a time.
    asking: Arc<Mutex<()>>,
}

struct Shared {
    seats: Mutex<Seats>,
    over: Mutex<bool>,
    wake: Condvar,
}

struct Seats {
    progress: Progress,
    recorder: Option<Recorder>,
    readers: Vec<Box<dyn Reader>>,
    clock: Clock,
    start: Instant,
}

impl Audience {
    /// Readers that hear from now on. What waits is written by a thread of its own.
    pub(crate) fn new(
        clock: &Clock,
        recorder: Option<Recorder>,
        readers: Vec<Box<dyn Reader>>,
    ) -> Self {
        let (clock, start) = (clock.clone(), clock.instant());
        let seats = Seats { progress: Progress::default(), recorder, readers, clock, start };
        let (over, wake) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { seats: Mutex::new(seats), over, wake });
        let beating = Arc::clone(&shared);
        // Without the thread nothing is lost: what waits is written with the next event.
        let beat = thread::Builder::new().name("view".into()).spawn(move || beating.beat()).ok();
        Self { shared, beat }
    }

    /// Where events go.
    pub(crate) fn sink(&self) -> Sink {
        let shared = Arc::clone(&self.shared);
        Arc::new(move |event| shared.seats().hear(&event))
    }

    /// What lets others ask at the terminal while the run goes on.
    pub(crate) fn interlude(&self) -> Interlude {
        Interlude { shared: Arc::clone(&self.shared), asking: Arc::default() }
    }

    /// Ends the telling; hands back what is known, the recorder, and the first thing that could not be written.
    pub(crate) fn finish(mut self) -> (Progress, Option<Recorder>, io::Result<()>) {
        self.end_beat();
        let mut seats = self.shared.seats();
        if let Some(recorder) = &mut seats.recorder {
            recorder.flush();
        }
        let Seats { progress, readers, .. } = &mut *seats;
        let mut written = Ok(());
        for reader in readers {
            let result = reader.finish(progress);
            written = written.and(result);
        }
        (std::mem::take(&mut seats.progress), seats.recorder.take(), written)
    }

    fn end_beat(&mut self) {
        *self.shared.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.wake.notify_all();
        if let Some(beat) = self.beat.take() {
            // A panic of the thread was printed when it happened.
            let _ = beat.join();
        }
    }
}

impl Interlude {
    /// Does `something` at the terminal, such as asking, while nobody else writes there. Events are still
    /// heard; what they make readers say waits.
    pub(crate) fn during<T>(&self, something: impl FnOnce() -> T) -> T {
        let _turn = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.seats().hold(true);
        let result = something();
        self.shared.seats().hold(false);
        result
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        self.end_beat();
    }
}

impl Shared {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beat(&self) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over {
            let waited = self.wake.wait_timeout(over, BEAT);
            over = waited.unwrap_or_else(PoisonError::into_inner).0;
            if !*over {
                drop(over);
                self.seats().tick();
                over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Seats {
    fn hear(&mut self, event: &Event) {
        let trouble = self.recorder.as_mut().and_then(|recorder| {
            recorder.record(event);
            recorder.trouble()
        });
        self.tell(event);
        if let Some(reason) = trouble {
            self.warn(&reason);
        }
    }

    fn tell(&mut self, event: &Event) {
        self.progress.apply(event, self.now());
        for reader in &mut self.readers {
            reader.read(event, &self.progress);
        }
    }

    fn now(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.start)
    }

    /// One warning, however much of the run cannot be kept.
    fn warn(&mut self, reason: &str) {
        let text = format!("the rest of this run's history is not kept: {reason}");
        self.tell(&Event::Notice { job: None, level: Level::Warning, text });
    }

    fn hold(&mut self, silent: bool) {
        for reader in &mut self.readers {
            reader.hold(silent, &self.progress);
        }
    }

    fn tick(&mut self) {
        let trouble = self.recorder.as_mut().and_then(|recorder| {
            recorder.flush();
            recorder.trouble()
        });
        if let Some(reason) = trouble {
            self.warn(&reason);
        }
        self.progress.now = self.now();
        for reader in &mut self.readers {
            reader.tick(&self.progress);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use plim_run::history::History;

    use super::*;
    use crate::view::sample;

    #[derive(Default)]
    struct Heard(Arc<Mutex<Vec<String>>>);

    impl Reader for Heard {
        fn read(&mut self, event: &Event, progress: &Progress) {
            let word = match event {
                Event::Notice { text, .. } => text.clone(),
                _ => format!("{} jobs", progress.jobs.len()),
            };
            self.0.lock().unwrap().push(word);
        }

        fn finish(&mut self, _: &Progress) -> io::Result<()> {
            self.0.lock().unwrap().push("end".to_owned());
            Ok(())
        }
    }

    #[test]
    fn readers_hear_all_and_a_history_that_fails_is_one_warning() {
        let root = tempfile::tempdir().unwrap();
        let recorder = History::of(root.path()).begin(SystemTime::UNIX_EPOCH).unwrap();
        std::fs::write(recorder.folder().join("jobs"), "in the way").unwrap();
        let heard = Heard::default();
        let words = Arc::clone(&heard.0);
        let audience = Audience::new(&Clock::real(), Some(recorder), vec![Box::new(heard)]);
        let sink = audience.sink();
        sample::started().into_iter().for_each(|event| sink(event));
        sink(sample::line("ci.yml:test", 0, "a"));
        sink(sample::line("ci.yml:test", 0, "b"));
        let (progress, recorder, written) = audience.finish();
        assert!(recorder.is_some() && written.is_ok() && progress.jobs.len() == 1);
        let words = words.lock().unwrap();
        let warnings =
            words.iter().filter(|word| word.starts_with("the rest of this run's history")).count();
        assert_eq!((warnings, words.last().map(String::as_str)), (1, Some("end")));
    }
}
