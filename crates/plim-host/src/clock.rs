//! Tells the time, or the time a test says it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A clock on the wall and one for measuring. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<Fixed>>,
}

#[derive(Debug)]
struct Fixed {
    wall: SystemTime,
    start: Instant,
    passed: Mutex<Duration>,
}

impl Clock {
    /// The clock of this machine.
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock that stands at `wall` and moves by [`advance`](Self::advance) only.
    pub fn fixed(wall: SystemTime) -> Self {
        let (start, passed) = (Instant::now(), Mutex::default());
        Self { fixed: Some(Arc::new(Fixed { wall, start, passed })) }
    }

    /// The time of day.
    pub fn now(&self) -> SystemTime {
        match &self.fixed {
            None => SystemTime::now(),
            Some(fixed) => fixed.wall + fixed.passed(),
        }
    }

    /// A moment to measure from, which the time of day being set does not disturb.
    pub fn instant(&self) -> Instant {
        match &self.fixed {
            None => Instant::now(),
            Some(fixed) => fixed.start + fixed.passed(),
        }
    }

    /// Moves a fixed clock forward; the clock of the machine is not moved.
    pub fn advance(&self, by: Duration) {
        if let Some(fixed) = &self.fixed {
            *fixed.passed.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

impl Fixed {
    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH);
        let start = clock.instant();
        clock.clone().advance(Duration::from_secs(5));
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(5));
        assert_eq!(clock.instant() - start, Duration::from_secs(5));
    }
}
