//! Cancellation: how a leg, or one background step, is asked to stop.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, AtomicU64, Ordering},
};

use plim_host::Waker;

/// How urgently something is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It is not.
    None,
    /// As GitHub cancels: conditions are looked at again, processes get their signals in turn.
    Cancel,
    /// Now: every process is killed and nothing more starts.
    Kill,
}

/// A request to stop that many threads look at.
#[derive(Clone, Default)]
pub struct Cancellation(Arc<Shared>);

#[derive(Default)]
struct Shared {
    urgency: AtomicU8,
    reason: Mutex<Option<String>>,
    next: AtomicU64,
    wakers: Mutex<Vec<(u64, Waker)>>,
    calls: Mutex<Vec<Call>>,
}

type Call = Box<dyn Fn() + Send>;

impl Cancellation {
    /// Asks to stop, and wakes everything that waits. A weaker request never replaces a stronger one;
    /// the first reason stays.
    pub fn request(&self, urgency: Urgency, reason: &str) {
        let before = self.0.urgency.fetch_max(urgency as u8, Ordering::AcqRel);
        if before == 0 && urgency > Urgency::None {
            let mut place = self.0.reason.lock().unwrap_or_else(PoisonError::into_inner);
            place.get_or_insert_with(|| reason.to_owned());
        }
        for (_, waker) in self.wakers().iter() {
            waker.wake();
        }
        for call in self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            call();
        }
    }

    /// Has `call` called after every request; at once if one was made.
    pub(crate) fn call(&self, call: impl Fn() + Send + 'static) {
        if self.is_requested() {
            call();
        }
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(call));
    }

    /// How urgently it was asked.
    pub fn urgency(&self) -> Urgency {
        match self.0.urgency.load(Ordering::Acquire) {
            0 => Urgency::None,
            1 => Urgency::Cancel,
            _ => Urgency::Kill,
        }
    }

    /// True once it was asked at all.
    pub fn is_requested(&self) -> bool {
        self.urgency() > Urgency::None
    }

    /// Why, in a few words.
    pub fn reason(&self) -> Option<String> {
        self.0.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has `waker` woken by every request until the watch is dropped; at once if one was made.
    pub(crate) fn watch(&self, waker: &Waker) -> Watch<'_> {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.wakers().push((id, waker.clone()));
        if self.is_requested() {
            waker.wake();
        }
        Watch { cancellation: self, id }
    }

    fn wakers(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Waker)>> {
        self.0.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a waker registered.
pub(crate) struct Watch<'a> {
    cancellation: &'a Cancellation,
    id: u64,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.cancellation.wakers().retain(|(id, _)| *id != self.id);
    }
}
