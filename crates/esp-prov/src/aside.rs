//! Work beside the caller's: calls that block, on a thread of the runtime's for such, and tasks.

use std::pin::Pin;

use tokio::{sync::oneshot, task};

/// Runs `work` where it may block. `None` if it panicked.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    // Boxed, since each kind of task makes the program 3 kB larger.
    let work: Box<dyn FnOnce() + Send> = Box::new(move || drop(tell.send(work())));
    drop(task::spawn_blocking(work));
    told.await.ok()
}

/// Makes a task of `work`, to be spawned. One kind for all, as with [`aside`].
pub fn task(
    work: impl Future<Output = ()> + Send + 'static,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(work)
}
