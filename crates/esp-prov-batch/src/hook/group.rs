//! Hooks at work, each in a process group of its own, so that it can be ended with all that it
//! started: a shell alone would leave its children behind. On Windows, which has no such groups,
//! only the command itself is ended.

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

/// How long a hook may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(1);

/// Between two looks whether all of a group are gone.
const LOOK: Duration = Duration::from_millis(20);

/// The process groups of hooks at work. Dropped, it ends them at once: the tasks that wait for them
/// may get no turn to do it any more.
#[derive(Default)]
pub(crate) struct Groups(Arc<Mutex<AtWork>>);

#[derive(Default)]
struct AtWork {
    groups: BTreeSet<u32>,
    is_over: bool,
}

/// A way to start hooks.
#[derive(Clone)]
pub(crate) struct Starter(Arc<Mutex<AtWork>>);

/// A hook at work. Dropped, it is ended at once, with all that it started.
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
    /// The command has exited; what it left in the background is left alone.
    pub(super) fn leave(&self) {
        lock(&self.at_work).groups.remove(&self.id);
    }

    /// Ends all of the group: those that do not end when they are asked to are killed.
    pub(super) async fn end(mut self) {
        if send(self.id, Order::Ask) && timeout(GRACE, self.all_gone()).await.is_ok() {
            return self.leave();
        }
        send(self.id, Order::End);
        let _ = self.process.start_kill();
        // It is dead, unless the system itself holds it.
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

/// What a whole group is sent.
#[derive(Clone, Copy)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there is nobody to send it to"))]
enum Order {
    /// Nothing.
    Look,
    /// To end in order.
    Ask,
    /// To end.
    End,
}

/// Whether somebody got it.
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
