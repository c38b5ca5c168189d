//! Running hooks. Each has its own process group, so that it can be stopped with everything it
//! started; stopping only the shell would leave its children running. Windows has no such groups,
//! so only the command itself is stopped there.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

/// How long a hook may take to exit after it is asked to.
const GRACE: Duration = Duration::from_secs(1);

/// The interval between checks whether all processes of a group are gone.
const LOOK: Duration = Duration::from_millis(20);

/// The process groups of running hooks. Dropping this value kills them at once, because the tasks
/// that wait for them may not run again.
#[derive(Default)]
pub(crate) struct Groups(Arc<Mutex<AtWork>>);

#[derive(Default)]
struct AtWork {
    groups: BTreeSet<u32>,
    is_over: bool,
}

/// Starts hooks.
#[derive(Clone)]
pub(crate) struct Starter(Arc<Mutex<AtWork>>);

/// A running hook. Dropping this value kills the hook and everything it started.
pub(super) struct Member {
    pub(super) process: Child,
    id: u32,
    at_work: Arc<Mutex<AtWork>>,
}

impl Groups {
    pub(crate) fn starter(&self) -> Starter {
        Starter(Arc::clone(&self.0))
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        let mut at_work = lock(&self.0);
        at_work.is_over = true;
        for group in std::mem::take(&mut at_work.groups) {
            send(group, Order::End);
        }
    }
}

impl Starter {
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Member> {
        #[cfg(unix)]
        command.process_group(0);
        let mut at_work = lock(&self.0);
        if at_work.is_over {
            return Err(io::Error::other("the batch is over"));
        }
        let process = command.kill_on_drop(true).spawn()?;
        let id = process.id().ok_or_else(|| io::Error::other("it is gone"))?;
        at_work.groups.insert(id);
        Ok(Member { process, id, at_work: Arc::clone(&self.0) })
    }
}

impl Member {
    /// Forgets the group, because the command has exited. Its background processes keep running.
    pub(super) fn leave(&self) {
        lock(&self.at_work).groups.remove(&self.id);
    }

    /// Stops the whole group: asks its processes to exit, then kills those that remain.
    pub(super) async fn end(mut self) {
        if send(self.id, Order::Ask) && timeout(GRACE, self.all_gone()).await.is_ok() {
            return self.leave();
        }
        send(self.id, Order::End);
        let _ = self.process.start_kill();
        // A killed process ends at once, unless the kernel blocks it.
        let _ = timeout(GRACE, self.process.wait()).await;
        self.leave();
    }

    async fn all_gone(&mut self) {
        let _ = self.process.wait().await;
        while send(self.id, Order::Look) {
            sleep(LOOK).await;
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if lock(&self.at_work).groups.remove(&self.id) {
            send(self.id, Order::End);
        }
    }
}

fn lock(at_work: &Mutex<AtWork>) -> MutexGuard<'_, AtWork> {
    at_work.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A signal for a whole group.
#[derive(Clone, Copy)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there is nobody to send it to"))]
enum Order {
    /// No signal; only checks whether the group exists.
    Look,
    /// A request to exit.
    Ask,
    /// A kill signal.
    End,
}

/// Whether any process got the signal.
#[cfg(unix)]
fn send(group: u32, order: Order) -> bool {
    use nix::{
        sys::signal::{Signal, killpg},
        unistd::Pid,
    };

    let signal = match order {
        Order::Look => None,
        Order::Ask => Some(Signal::SIGTERM),
        Order::End => Some(Signal::SIGKILL),
    };
    i32::try_from(group).is_ok_and(|group| killpg(Pid::from_raw(group), signal).is_ok())
}

#[cfg(not(unix))]
fn send(_: u32, _: Order) -> bool {
    false
}
