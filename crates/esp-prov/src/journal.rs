//! The state that has to outlive the process.

use async_trait::async_trait;

/// Records on disk that a device was told to join. If the process is killed, the next process then
/// does not tell the device twice, and does not mistake a device that has left for one that was
/// never reached.
#[async_trait]
pub trait Journal: Sync {
    /// Whether an earlier process may have told the device to join.
    fn apply_may_have_been_sent(&self) -> bool;

    /// Whether an earlier process saw that the device could not join, so that it may hold a network
    /// that it has to forget first.
    fn has_failed(&self) -> bool {
        false
    }

    /// Records that the device is about to be told to join. Returns once that is recorded.
    ///
    /// # Errors
    /// Why it can't be recorded, as text. The device is then not told to join.
    async fn mark_apply_sent(&self) -> Result<(), String>;
}
