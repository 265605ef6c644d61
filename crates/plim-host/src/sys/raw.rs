//! Makes the system calls that have no safe wrapper, and is the only place with `unsafe` code.
#![expect(
    unsafe_code,
    reason = "fork, clone, signal masks and mount attributes have no safe wrapper"
)]

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The number of a process.
pub(crate) type Pid = i32;

/// Forks this process and runs `child` in the copy, which ends when `child` returns or panics.
///
/// The copy has one thread. Call it before any thread is started, or with a C library whose
/// allocator survives a fork (glibc and musl do).
pub(crate) fn fork_into(child: impl FnOnce()) -> io::Result<Pid> {
    // SAFETY: the child only runs `child` and leaves by `_exit`, so nothing of the parent's stack
    // is unwound twice and no destructor of the parent runs in the copy.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let code = catch_unwind(AssertUnwindSafe(child)).map_or(101, |()| 0);
            // SAFETY: ends the process without running exit handlers that belong to the parent.
            unsafe { libc::_exit(code) }
        }
        pid => Ok(pid),
    }
}

/// Gives every signal its default disposition, so that nothing ignored is passed on to a program.
pub(crate) fn reset_signals() {
    // The kernel's own form of `sigaction`, all zero: default handler, no flags, nothing masked.
    // The C library's form refuses the two signals it keeps for itself, which may be ignored too.
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: the struct is as large as the kernel's on every architecture and lives for the
        // call; the kernel refuses what cannot be set.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), 0_usize, 8_usize)
        };
    }
}

/// Blocks every signal that can be blocked in the calling thread, and returns the former mask.
pub(crate) fn block_signals() -> io::Result<SignalMask> {
    let mut all = empty_mask();
    // SAFETY: `all` is a valid signal set.
    unsafe { libc::sigfillset(&mut all.0) };
    change_mask(libc::SIG_SETMASK, &all)
}

/// Blocks `signals` in the calling thread, beside those that are blocked already.
pub(crate) fn block_some(signals: &[c_int]) -> io::Result<SignalMask> {
    change_mask(libc::SIG_BLOCK, &mask_of(signals))
}

/// Restores a mask that [`block_signals`] or [`block_some`] returned.
pub(crate) fn restore_signals(mask: &SignalMask) -> io::Result<()> {
    change_mask(libc::SIG_SETMASK, mask).map(|_| ())
}

/// A set of signals that a thread holds back.
#[derive(Clone, Copy)]
pub(crate) struct SignalMask(libc::sigset_t);

fn change_mask(how: c_int, mask: &SignalMask) -> io::Result<SignalMask> {
    let mut former = empty_mask();
    // SAFETY: both sets are valid for the call.
    match unsafe { libc::pthread_sigmask(how, &mask.0, &mut former.0) } {
        0 => Ok(former),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

fn empty_mask() -> SignalMask {
    // SAFETY: a signal set is plain old bytes, and `sigemptyset` makes it a valid one.
    unsafe {
        let mut mask = std::mem::zeroed();
        libc::sigemptyset(&mut mask);
        SignalMask(mask)
    }
}

fn mask_of(signals: &[c_int]) -> SignalMask {
    let mut mask = empty_mask();
    for &signal in signals {
        // SAFETY: `mask` is a valid signal set.
        unsafe { libc::sigaddset(&mut mask.0, signal) };
    }
    mask
}

/// Opens a descriptor that becomes readable when one of `signals` (blocked before) arrives.
pub(crate) fn signal_descriptor(signals: &[c_int]) -> io::Result<OwnedFd> {
    let mask = mask_of(signals);
    // SAFETY: `mask` is valid, and -1 asks for a new descriptor.
    let raw = unsafe { libc::signalfd(-1, &mask.0, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    owned(raw)
}

/// Takes the next pending signal from a descriptor made by [`signal_descriptor`].
pub(crate) fn next_signal(descriptor: BorrowedFd<'_>) -> Option<c_int> {
    // SAFETY: `signalfd_siginfo` is plain old bytes.
    let mut info: libc::signalfd_siginfo = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::signalfd_siginfo>();
    // SAFETY: the buffer is `size` bytes and lives for the call.
    let read = unsafe { libc::read(descriptor.as_raw_fd(), (&raw mut info).cast(), size) };
    (usize::try_from(read) == Ok(size)).then_some(info.ssi_signo.cast_signed())
}

fn owned(raw: RawFd) -> io::Result<OwnedFd> {
    if raw < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Keeps only `kept` open, as descriptor 3, with `/dev/null` as the three standard streams.
///
/// For a process that was just forked and owns nothing else; returns `kept` under its new number.
pub(crate) fn keep_only(kept: OwnedFd) -> io::Result<OwnedFd> {
    const PLACE: RawFd = 3;
    if kept.as_raw_fd() != PLACE {
        // SAFETY: plain descriptor calls; whatever was at `PLACE` belongs to the parent's copy.
        if unsafe { libc::dup3(kept.as_raw_fd(), PLACE, libc::O_CLOEXEC) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    std::mem::forget(kept);
    close_from(PLACE + 1);
    // SAFETY: opens a constant path, and the three numbers it is copied to are the process's own.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        if null < 0 {
            return Err(io::Error::last_os_error());
        }
        for stream in 0..3 {
            libc::dup2(null, stream);
        }
        if null > PLACE {
            libc::close(null);
        }
    }
    owned(PLACE)
}

/// Closes every descriptor from `first` on. Older kernels without the call keep them, which is
/// harmless because all of ours close themselves when a program starts.
fn close_from(first: RawFd) {
    // SAFETY: takes three numbers; called where no descriptor from `first` on is used any more.
    unsafe { libc::syscall(libc::SYS_close_range, first, c_int::MAX, 0) };
}

/// Everything needed to start one program.
pub(crate) struct Program<'a> {
    /// The file to execute.
    pub(crate) file: &'a CStr,
    /// The arguments, the name of the program first.
    pub(crate) arguments: &'a [&'a CStr],
    /// The complete environment, as `NAME=value`.
    pub(crate) environment: &'a [&'a CStr],
    /// The folder to start in.
    pub(crate) directory: &'a CStr,
    /// What becomes descriptor 0, 1 and 2; all three are above 2.
    pub(crate) streams: [BorrowedFd<'a>; 3],
    /// Who leads it, and what its death means.
    pub(crate) bond: Bond,
}

/// How a started program relates to who started it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// A session of its own: no controlling terminal.
    Session,
    /// A session of its own, controlled by the terminal that its streams are.
    Terminal,
    /// A process group of its own, and killed when the thread that started it ends.
    Group,
}

/// The call that failed while a program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Making the process itself.
    Fork,
    /// Arranging streams, session and limits.
    Prepare,
    /// Entering the folder.
    Directory,
    /// Executing the file.
    Execute,
}

struct Launch {
    file: *const c_char,
    arguments: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    directory: *const c_char,
    streams: [RawFd; 3],
    bond: Bond,
    failure: UnsafeCell<Option<(Stage, c_int)>>,
}

/// Starts a program, sharing memory with the new process until it executes.
///
/// Sharing memory makes the cost independent of how large this process is, and lets the child
/// report the failing call and its `errno` by writing it down.
pub(crate) fn start(program: &Program<'_>) -> Result<Pid, (Stage, io::Error)> {
    const STACK: usize = 64 * 1024;
    let launch = Launch {
        file: program.file.as_ptr(),
        arguments: pointers(program.arguments),
        environment: pointers(program.environment),
        directory: program.directory.as_ptr(),
        streams: program.streams.map(|stream| stream.as_raw_fd()),
        bond: program.bond,
        failure: UnsafeCell::new(None),
    };
    let mut stack: Vec<u128> = Vec::with_capacity(STACK / size_of::<u128>());
    // A handler that ran in the child would write into memory that both share.
    let mask = block_signals().map_err(|error| (Stage::Fork, error))?;
    // SAFETY: `CLONE_VFORK` suspends this thread until the child executes or exits, so `launch`,
    // what it points to and `stack` outlive every use; the child makes only system calls. The
    // stack grows down from its end, which is aligned because its elements are 16 bytes.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(stack.capacity()).cast::<c_void>();
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        libc::clone(launch_in_child, top, flags, (&raw const launch).cast_mut().cast())
    };
    let cloned = if pid < 0 { Err(io::Error::last_os_error()) } else { Ok(pid) };
    restore_signals(&mask).map_err(|error| (Stage::Fork, error))?;
    let pid = cloned.map_err(|error| (Stage::Fork, error))?;
    match launch.failure.into_inner() {
        None => Ok(pid),
        Some((stage, code)) => {
            reap(pid);
            Err((stage, io::Error::from_raw_os_error(code)))
        }
    }
}

fn pointers(strings: &[&CStr]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

fn reap(pid: Pid) {
    // SAFETY: waits for a child of ours; a null status is allowed.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
}

extern "C" fn launch_in_child(argument: *mut c_void) -> c_int {
    // SAFETY: `argument` is the `Launch` that the suspended parent keeps alive.
    let launch = unsafe { &*argument.cast::<Launch>() };
    let stage = prepare_and_execute(launch);
    // SAFETY: the parent is suspended, so this is the only access; `errno` is that of the call
    // that has just failed, in thread-local storage shared with the parent.
    unsafe {
        *launch.failure.get() = Some((stage, *libc::__errno_location()));
        libc::_exit(127)
    }
}

/// Makes the system calls that turn the clone into the program; returns the stage that failed.
fn prepare_and_execute(launch: &Launch) -> Stage {
    // SAFETY: only system calls on numbers and on memory that the suspended parent keeps alive.
    unsafe {
        let bound = match launch.bond {
            Bond::Session | Bond::Terminal => libc::setsid(),
            Bond::Group => {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                libc::setpgid(0, 0)
            }
        };
        if bound < 0 {
            return Stage::Prepare;
        }
        for (source, target) in launch.streams.iter().zip(0..) {
            if libc::dup2(*source, target) < 0 {
                return Stage::Prepare;
            }
        }
        if launch.bond == Bond::Terminal && libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
            return Stage::Prepare;
        }
        close_from(3);
        libc::umask(0o022);
        // A cell, which starts the others, has given every signal its default when it began.
        if launch.bond == Bond::Group {
            reset_signals();
        }
        if libc::chdir(launch.directory) < 0 {
            return Stage::Directory;
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &empty_mask().0, std::ptr::null_mut());
        libc::execve(launch.file, launch.arguments.as_ptr(), launch.environment.as_ptr());
    }
    Stage::Execute
}

/// Sends signal `number` to process `pid`.
pub(crate) fn kill(pid: Pid, number: c_int) -> io::Result<()> {
    // SAFETY: takes two numbers.
    match unsafe { libc::kill(pid, number) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// What a child became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaped {
    /// A child ended: its number, and its code or the signal that killed it.
    Child(Pid, crate::process::ExitStatus),
    /// Children live, none has ended.
    NoneYet,
    /// There is no child.
    NoChild,
}

/// Takes the status of one child that has ended, without waiting.
pub(crate) fn reap_any() -> Reaped {
    use crate::process::ExitStatus;
    let mut status = 0;
    // SAFETY: `status` is valid for the call.
    match unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) } {
        0 => Reaped::NoneYet,
        -1 => Reaped::NoChild,
        pid if libc::WIFSIGNALED(status) => {
            Reaped::Child(pid, ExitStatus::Signal(libc::WTERMSIG(status)))
        }
        pid => Reaped::Child(pid, ExitStatus::Code(libc::WEXITSTATUS(status))),
    }
}

/// Waits for child `pid` to end and takes its status.
pub(crate) fn wait_for(pid: Pid) -> io::Result<crate::process::ExitStatus> {
    use crate::process::ExitStatus;
    let mut status = 0;
    loop {
        // SAFETY: `status` is valid for the call.
        match unsafe { libc::waitpid(pid, &mut status, 0) } {
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            -1 => return Err(io::Error::last_os_error()),
            _ if libc::WIFSIGNALED(status) => {
                return Ok(ExitStatus::Signal(libc::WTERMSIG(status)));
            }
            _ => return Ok(ExitStatus::Code(libc::WEXITSTATUS(status))),
        }
    }
}

/// Gives this process namespaces of its own.
pub(crate) fn unshare(flags: c_int) -> io::Result<()> {
    // SAFETY: only namespace flags are passed, which share no memory or descriptors.
    match unsafe { libc::unshare(flags) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Makes a mount that is not attached yet read-only, with all below it.
pub(crate) fn mount_read_only(mount: BorrowedFd<'_>) -> io::Result<()> {
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the empty path and the attributes are valid for the call and their size is passed.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
