//! Output of any size passes through in little memory; alone here, since memory is per process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;

use plim_host::{Happened, Stream};
use support::{cell, follow, sh};

#[test]
fn a_gigabyte_is_streamed_in_flat_memory() {
    let cell = cell();
    let mut process = cell.spawn(&sh("head -c 1073741824 /dev/zero")).unwrap();
    let before = peak_kilobytes();
    let mut total = 0_u64;
    follow(&mut process, |event| {
        if let Happened::Output { stream: Stream::Stdout, bytes } = event {
            total += bytes.len() as u64;
        }
        false
    });
    assert_eq!(total, 1 << 30);
    let grown = peak_kilobytes() - before;
    assert!(grown < 16 * 1024, "memory grew by {grown} kB");
}

fn peak_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
