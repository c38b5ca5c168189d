//! The types that may cross threads and tasks. The test is that this compiles.

use protocomm::{
    Capabilities, Credentials, Handshake, HandshakeError, Label, Opened, Pending, Refusal, Request,
    Session, SessionError, Step, ThreadDataset,
    commands::{Custom, GetWifiScanResult, SetWifiConfig},
    console::Listener,
    tree::Tree,
};

fn crosses<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn all_that_a_client_holds_may_cross_threads() {
    crosses::<(Capabilities, Credentials, Handshake, Step, Session, Request)>();
    crosses::<(Pending<Custom>, Opened<SetWifiConfig>, Pending<GetWifiScanResult>)>();
    crosses::<(HandshakeError, SessionError, Refusal)>();
    crosses::<(Label, ThreadDataset, Listener, Tree)>();
}

#[cfg(feature = "device")]
#[test]
fn a_device_is_as_free_as_what_it_is_made_of() {
    use protocomm::{
        Status,
        commands::WifiStatus,
        device::{Action, Answer, Backend, NoReply, Responder, Security, WifiConfig},
    };

    struct Radio;
    impl Backend for Radio {
        fn join(&mut self, _: WifiConfig) -> Result<(), Status> {
            Ok(())
        }

        fn status(&mut self) -> Result<WifiStatus, Status> {
            Err(Status::InternalError)
        }
    }
    crosses::<(Responder<Radio, [u8; 32]>, Security, WifiConfig, Answer, Action, NoReply)>();
}
