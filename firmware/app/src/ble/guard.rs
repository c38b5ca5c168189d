//! Protects the BLE stack from what anybody nearby could do to it.
//!
//! trouble-host 0.8.0 panics at an ATT packet that ends too early, which would reset the chip. This
//! replaces each such packet by one that the stack ignores. It also takes no notice of a connection
//! that was lost before somebody accepted it, and would never advertise again. Therefore each
//! packet comes in a turn of its own.

use bt_hci::{
    ControllerToHostPacket,
    cmd::{self, AsyncCmd, SyncCmd},
    controller::{Controller, ControllerCmdAsync, ControllerCmdSync},
    data::{AclBroadcastFlag, AclPacket, AclPacketBoundary, IsoPacket, SyncPacket},
};
use embassy_futures::yield_now;

/// A controller that delivers no ATT packet that is too short for its opcode, and lets others work
/// on what a packet caused before it delivers the next one.
pub(super) struct Guarded<C>(pub(super) C);

/// The channel of ATT in the L2CAP header, after the length.
const ATT: [u8; 2] = [4, 0];

/// A command that does not exist, which is ignored (Core 5.4, volume 3 part F, 3.3).
const IGNORED: [u8; 5] = [1, 0, 4, 0, 0x42];

/// Whether a packet is long enough to be parsed, judging by its first fragment.
fn is_sound(packet: &AclPacket<'_>) -> bool {
    if packet.boundary_flag() == AclPacketBoundary::Continuing {
        return true;
    }
    let [low, high, channel @ .., opcode] = *packet.data().first_chunk::<5>().unwrap_or(&[0; 5]);
    if packet.data().len() > 4 && channel != ATT {
        return true;
    }
    let length = u16::from_le_bytes([low, high]);
    match opcode {
        // Responses to requests that a device never makes, and fragments too short to show the
        // opcode.
        odd if odd % 2 == 1 => false,
        0x00 => false,
        // Exchange MTU, Read, Write, and Write Command.
        0x02 | 0x0a | 0x12 | 0x52 => length >= 3,
        // Find Information, Read By Type, Read Blob, Prepare Write.
        0x04 | 0x08 | 0x0c | 0x16 => length >= 5,
        // Find By Type Value.
        0x06 => length >= 7,
        // Read By Group Type, with a short UUID.
        0x10 => length == 7,
        // Execute Write.
        0x18 => length >= 2,
        _ => length >= 1,
    }
}

impl<C: Controller> embedded_io::ErrorType for Guarded<C> {
    type Error = C::Error;
}

impl<C: Controller> Controller for Guarded<C> {
    type Buffer<'a> = C::Buffer<'a>;

    fn alloc_buf(&self) -> Result<Self::Buffer<'_>, Self::Error> {
        self.0.alloc_buf()
    }

    async fn write_acl_data(&self, packet: &AclPacket<'_>) -> Result<(), Self::Error> {
        self.0.write_acl_data(packet).await
    }

    async fn write_sync_data(&self, packet: &SyncPacket<'_>) -> Result<(), Self::Error> {
        self.0.write_sync_data(packet).await
    }

    async fn write_iso_data(&self, packet: &IsoPacket<'_>) -> Result<(), Self::Error> {
        self.0.write_iso_data(packet).await
    }

    async fn read<'a>(
        &self,
        buffer: &'a mut Self::Buffer<'_>,
    ) -> Result<ControllerToHostPacket<'a>, Self::Error> {
        yield_now().await;
        Ok(match self.0.read(buffer).await? {
            ControllerToHostPacket::Acl(packet) if !is_sound(&packet) => {
                let boundary = AclPacketBoundary::FirstFlushable;
                let to = AclBroadcastFlag::PointToPoint;
                let ignored = AclPacket::new(packet.handle(), boundary, to, &IGNORED);
                ControllerToHostPacket::Acl(ignored)
            }
            packet => packet,
        })
    }
}

impl<C: ControllerCmdSync<T>, T: SyncCmd + ?Sized> ControllerCmdSync<T> for Guarded<C> {
    async fn exec(&self, command: &T) -> Result<T::Return, cmd::Error<Self::Error>> {
        self.0.exec(command).await
    }
}

impl<C: ControllerCmdAsync<T>, T: AsyncCmd + ?Sized> ControllerCmdAsync<T> for Guarded<C> {
    async fn exec(&self, command: &T) -> Result<(), cmd::Error<Self::Error>> {
        self.0.exec(command).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(data: &[u8]) -> bool {
        let (boundary, to) = (AclPacketBoundary::FirstFlushable, AclBroadcastFlag::PointToPoint);
        is_sound(&AclPacket::new(bt_hci::param::ConnHandle::new(0), boundary, to, data))
    }

    #[test]
    fn what_the_stack_panics_at_is_kept_from_it() {
        assert!(sound(&[3, 0, 4, 0, 0x0a, 3, 0]));
        assert!(sound(&[7, 0, 4, 0, 0x10, 1, 0, 0xff, 0xff, 0, 0x28]));
        // Another channel.
        assert!(sound(&[1, 0, 6, 0, 0x0a]));
        for cut in [
            &[0, 0, 4, 0][..],
            &[2, 0, 4],
            &[1, 0, 4, 0, 0x0a],
            &[2, 0, 4, 0, 0x12, 3],
            &[4, 0, 4, 0, 0x16, 3, 0, 0],
            &[1, 0, 4, 0, 0x18],
            &[21, 0, 4, 0, 0x10, 1, 0],
            &[1, 0, 4, 0, 0x13],
        ] {
            assert!(!sound(cut), "{cut:?}");
        }
        assert!(sound(&IGNORED));
    }
}
