//! Runs a short program to its end and returns all it wrote.

use std::ffi::{CStr, CString, OsStr};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::cell::start_error;
use crate::command::Command;
use crate::error::HostError;
use crate::process::{ExitStatus, time_until};
use crate::sys::raw::{self, Bond, Program};

/// A program such as `git` that is run by `plim` for itself, not for a job.
///
/// It has a process group of its own, so Ctrl-C does not reach it, and is killed when `plim` dies.
#[derive(Clone, Debug)]
pub struct Tool {
    command: Command,
    input: Vec<u8>,
    limit: usize,
    timeout: Option<Duration>,
}

/// What a program wrote and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to descriptor 1.
    pub stdout: Vec<u8>,
    /// What it wrote to descriptor 2.
    pub stderr: Vec<u8>,
}

impl Tool {
    /// A program with an empty stdin, 256 MiB of output at most, and no time limit.
    pub fn new(command: Command) -> Self {
        Self { command, input: Vec::new(), limit: 256 << 20, timeout: None }
    }

    /// Sets what it reads from stdin.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Sets how many bytes it may write to each stream.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets how long it may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Runs it to its end. What it leaves running in the background is neither waited for nor read.
    ///
    /// A status other than 0 is no error here; see [`succeed`](Self::succeed). Errors: those of
    /// starting it, [`HostError::TimedOut`] and [`HostError::TooMuchOutput`], after which it is
    /// dead with its process group.
    pub fn run(&self) -> Result<Output, HostError> {
        self.command.check()?;
        let deadline = self.timeout.map(|timeout| (timeout, Instant::now() + timeout));
        let mut running = Running::start(self)?;
        match running.attend(self, deadline) {
            Ok(()) => running.finish(),
            Err(error) => {
                // Only what is ours is in the group, and its leader has not been reaped yet.
                let _ = raw::kill(-running.pid, libc::SIGKILL);
                running.finish()?;
                Err(error)
            }
        }
    }

    /// Runs it and returns what it wrote to stdout.
    ///
    /// Errors: those of [`run`](Self::run), and [`HostError::Failed`] with the end of what it
    /// wrote to stderr when its status is not 0.
    pub fn succeed(&self) -> Result<Vec<u8>, HostError> {
        let output = self.run()?;
        if output.status.is_success() { Ok(output.stdout) } else { Err(self.failed(&output)) }
    }

    /// The error that says that this program ended with `output`.
    pub fn failed(&self, output: &Output) -> HostError {
        const SHOWN: usize = 2000;
        let start = output.stderr.len().saturating_sub(SHOWN);
        let message = String::from_utf8_lossy(&output.stderr[start..]).trim().to_owned();
        let words: Vec<_> = self.command.line().iter().map(|word| word.to_string_lossy()).collect();
        HostError::Failed { command: words.join(" "), status: output.status, message }
    }
}

/// A program that was started, and our ends of its streams.
struct Running {
    pid: raw::Pid,
    ended: OwnedFd,
    stdin: Option<OwnedFd>,
    written: usize,
    streams: [Option<OwnedFd>; 2],
    output: [Vec<u8>; 2],
}

impl Running {
    fn start(tool: &Tool) -> Result<Self, HostError> {
        let pipes = HostError::system("open a pipe to a program");
        let ((theirs, stdin), (stdout, out), (stderr, err)) = open_streams(tool).map_err(pipes)?;
        let strings = Strings::of(&tool.command)?;
        let started = raw::start(&Program {
            file: &strings.file,
            arguments: &borrowed(&strings.arguments),
            environment: &borrowed(&strings.environment),
            directory: &strings.directory,
            streams: [theirs.as_fd(), out.as_fd(), err.as_fd()],
            bond: Bond::Group,
        });
        let pid =
            started.map_err(|(stage, error)| start_error(&tool.command, stage as i32, error))?;
        let ended = open_process(pid).map_err(HostError::system("watch a program"))?;
        let streams = [Some(stdout), Some(stderr)];
        Ok(Self { pid, ended, stdin, written: 0, streams, output: [Vec::new(), Vec::new()] })
    }

    /// Feeds and reads the program until it has ended and all it wrote is read.
    fn attend(
        &mut self,
        tool: &Tool,
        deadline: Option<(Duration, Instant)>,
    ) -> Result<(), HostError> {
        loop {
            let ended = self.wait(deadline.map(|(_, end)| end));
            let ended = ended.map_err(HostError::system("wait for a program"))?;
            self.write(&tool.input);
            for i in 0..self.streams.len() {
                self.read(i, tool)?;
            }
            if ended || self.streams.iter().all(Option::is_none) {
                return Ok(());
            }
            if let Some((limit, _)) = deadline.filter(|(_, end)| Instant::now() >= *end) {
                return Err(HostError::TimedOut { program: tool.command.program.clone(), limit });
            }
        }
    }

    /// Waits until something can be done; returns whether the program has ended.
    fn wait(&self, deadline: Option<Instant>) -> io::Result<bool> {
        let mut waiting = vec![PollFd::new(&self.ended, PollFlags::IN)];
        waiting.extend(self.streams.iter().flatten().map(|one| PollFd::new(one, PollFlags::IN)));
        waiting.extend(self.stdin.iter().map(|stdin| PollFd::new(stdin, PollFlags::OUT)));
        match poll(&mut waiting, deadline.map(time_until).as_ref()) {
            Err(Errno::INTR) => Ok(false),
            other => other.map(|_| !waiting[0].revents().is_empty()).map_err(Into::into),
        }
    }

    /// Writes as much input as the program takes now; a program that reads no more needs none.
    fn write(&mut self, input: &[u8]) {
        let Some(stdin) = &self.stdin else { return };
        loop {
            match rustix::io::write(stdin, &input[self.written..]) {
                Ok(count) if self.written + count < input.len() => self.written += count,
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => {
                    self.stdin = None;
                    return;
                }
            }
        }
    }

    fn read(&mut self, i: usize, tool: &Tool) -> Result<(), HostError> {
        const CHUNK: usize = 64 * 1024;
        while let Some(stream) = &self.streams[i] {
            let output = &mut self.output[i];
            output.reserve(CHUNK);
            match rustix::io::read(stream, rustix::buffer::spare_capacity(output)) {
                Ok(0) => self.streams[i] = None,
                Ok(_) if output.len() > tool.limit => {
                    let program = tool.command.program.clone();
                    return Err(HostError::TooMuchOutput { program, limit: tool.limit });
                }
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => {
                    return Err(HostError::system("read a program's output")(error.into()));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Output, HostError> {
        let status = raw::wait_for(self.pid).map_err(HostError::system("wait for a program"))?;
        let [stdout, stderr] = std::mem::take(&mut self.output);
        Ok(Output { status, stdout, stderr })
    }
}

type Ends = ((OwnedFd, Option<OwnedFd>), (OwnedFd, OwnedFd), (OwnedFd, OwnedFd));

fn open_streams(tool: &Tool) -> io::Result<Ends> {
    let output = || -> io::Result<_> {
        let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC)?;
        // Only our end must not block, and the two ends are separate.
        rustix::io::ioctl_fionbio(&ours, true)?;
        Ok((ours, theirs))
    };
    let input = if tool.input.is_empty() {
        (rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?, None)
    } else {
        let (theirs, ours) = pipe_with(PipeFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        (theirs, Some(ours))
    };
    Ok((input, output()?, output()?))
}

fn open_process(pid: raw::Pid) -> io::Result<OwnedFd> {
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::NotFound)?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}

fn borrowed(strings: &[CString]) -> Vec<&CStr> {
    strings.iter().map(CString::as_c_str).collect()
}

struct Strings {
    file: CString,
    directory: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Strings {
    fn of(command: &Command) -> Result<Self, HostError> {
        let c_string = |text: &OsStr| {
            CString::new(text.as_bytes()).map_err(|_| HostError::ZeroByte { text: text.into() })
        };
        Ok(Self {
            file: c_string(command.file()?.as_os_str())?,
            directory: c_string(command.directory.as_os_str())?,
            arguments: command.line().into_iter().map(c_string).collect::<Result<_, _>>()?,
            environment: command
                .block()
                .iter()
                .map(|line| c_string(line))
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Tool {
        let command = Command::new("sh", "/").arguments(["-c", script]);
        Tool::new(command.variable("PATH", "/usr/bin:/bin"))
    }

    #[test]
    fn input_larger_than_a_pipe_comes_back() {
        let input = vec![b'x'; 1 << 20];
        assert_eq!(sh("cat").input(input.clone()).succeed().unwrap(), input);
    }

    #[test]
    fn a_program_that_does_not_read_its_input_is_fine() {
        let tool = sh("exec <&-; echo done").input(vec![b'x'; 1 << 20]);
        assert_eq!(tool.succeed().unwrap(), b"done\n");
    }

    #[test]
    fn a_failure_tells_command_status_and_message() {
        let error = sh("echo no >&2; exit 3").succeed().unwrap_err();
        let said = "`sh -c echo no >&2; exit 3` returned 3: no";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn too_much_output_and_too_much_time_end_it() {
        let error = sh("yes").limit(100_000).run().unwrap_err();
        assert_eq!(error.to_string(), "`sh` wrote more than 100000 bytes");
        let error = sh("sleep 100").timeout(Duration::from_millis(20)).run().unwrap_err();
        assert_eq!(error.to_string(), "`sh` did not end within 0.02 s");
    }

    #[test]
    fn what_stays_in_the_background_is_not_waited_for() {
        let before = Instant::now();
        let output = sh("sleep 20 & echo $!").run().unwrap();
        assert!(before.elapsed() < Duration::from_secs(15));
        let pid = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        raw::kill(pid, libc::SIGKILL).unwrap();
    }
}
