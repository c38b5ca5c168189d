//! `send`, `status` and `--reset-first`, on a paused clock.

use std::sync::Mutex;

use esp_prov::{
    Cause, Error, Event, JoinState, Message, Outcome, Reply, Scheme, TransportError, Unattended,
    Warning,
    commands::{CustomConfig, JoinFailure},
};
use esp_prov_rs::exit::{self, Exit};
use esp_prov_simulate::{Persona, Settings, VirtualDevice};
use kit::{Fault, Faulty, Plan, When, home, plan, run, watched};

fn device() -> VirtualDevice {
    VirtualDevice::new(Settings::default())
}

fn message(endpoint: &str, body: &str) -> Message {
    Message { endpoint: endpoint.parse().expect("a name"), body: body.into(), plain: false }
}

async fn send_to(
    connect: &dyn esp_prov::Connect,
    messages: &[Message],
) -> (Result<Vec<Reply>, Error>, Vec<Event>) {
    let events = Mutex::new(Vec::new());
    let watch = |event: Event| events.lock().expect("no panic").push(event);
    let sent = plan().at(connect).with_observer(&watch).send(messages).await;
    let replies = sent.map(|outcome| match outcome {
        Outcome::Sent { replies } => replies,
        other => panic!("{other:?}"),
    });
    (replies, events.into_inner().expect("no panic"))
}

fn sessions(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Established { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn messages_go_in_their_order_through_one_session() {
    let messages = [message("custom-data", "one"), message("custom-data", "second")];
    let (replies, events) = send_to(&device(), &messages).await;
    let replies = replies.expect("both are answered");
    let told: Vec<_> = replies.iter().map(|reply| (reply.sent, reply.text.as_str())).collect();
    assert_eq!(told, [(3, "SUCCESS"), (6, "SUCCESS")]);
    assert_eq!(replies[0].bytes, b"SUCCESS\0");
    assert_eq!(sessions(&events), 1);
    let answered = events.iter().filter(|event| matches!(event, Event::Answered { .. })).count();
    assert_eq!(answered, 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_outside_sessions_needs_none() {
    for (name, plain) in [("proto-ver", false), ("proto-ver", true)] {
        let messages = [Message { plain, ..message(name, "none") }];
        let (replies, events) = send_to(&device(), &messages).await;
        let replies = replies.expect("it is answered");
        assert!(replies[0].text.contains("netprov-v1.2"), "{replies:?}");
        assert_eq!(sessions(&events), 0);
    }
    // A request endpoint takes nothing in the clear.
    let messages = [Message { plain: true, ..message("custom-data", "hello") }];
    let (sent, _) = send_to(&device(), &messages).await;
    let error = sent.expect_err("the device decrypts what was never encrypted");
    assert_eq!(exit::of_error(&error).0, Exit::LINK_LOST, "{error}");
}

/// That the secret is the example's is of no concern to who gives no network.
#[tokio::test(start_paused = true)]
async fn who_sends_is_warned_that_it_goes_in_the_clear_and_of_nothing_else() {
    for (scheme, expected) in
        [(Scheme::Sec0, vec![Warning::Unencrypted]), (Scheme::Sec1, Vec::new())]
    {
        let device = VirtualDevice::new(Settings { scheme, ..Settings::default() });
        let messages = [message("custom-data", "one")];
        let plan = kit::plan_for(scheme);
        let ran = watched(&device, &plan, &Unattended, async |device| device.send(&messages).await);
        let ran = ran.await;
        let warnings = ran.events.iter().filter_map(|(_, event)| match event {
            Event::Warning { warning } => Some(warning.clone()),
            _ => None,
        });
        assert_eq!(warnings.collect::<Vec<_>>(), expected, "{ran}");
    }
}

/// In the clear is less than any security that somebody insists on.
#[tokio::test(start_paused = true)]
async fn nothing_goes_in_the_clear_where_security_is_required() {
    let mut required = plan();
    required.security.accept.at_least = 1;
    for plain in [true, false] {
        let messages = [Message { plain, ..message("custom-data", "one") }];
        let sent = required.at(&device()).send(&messages).await;
        let refused = matches!(
            sent.as_ref().map_err(|error| &error.cause),
            Err(Cause::BelowRequired { required: 1, offered: 0 })
        );
        assert_eq!((sent.is_err(), refused), (plain, plain), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_not_there_is_named() {
    let (sent, _) = send_to(&device(), &[message("my-endpoint", "hello")]).await;
    let error = sent.expect_err("there is none");
    assert_eq!(error.to_string(), "custom data: the device has no endpoint my-endpoint");
    assert_eq!(exit::of_error(&error).0, Exit::UNSUPPORTED);
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_sent_again_and_an_answered_one_is_not() {
    let messages = [message("custom-data", "one"), message("custom-data", "second")];
    for (exchange, fault) in [
        (4, Fault::LoseRequest),
        (4, Fault::LoseReply),
        (5, Fault::LoseRequest),
        (5, Fault::CutAfter),
        (5, Fault::Delay(std::time::Duration::from_secs(11))),
    ] {
        let device = device();
        let lossy = Faulty::around(&device, When::Once(exchange), fault.clone());
        let (replies, events) = send_to(&lossy, &messages).await;
        let sizes: Vec<_> = replies.expect("answered").iter().map(|reply| reply.sent).collect();
        assert_eq!(sizes, [3, 6], "{exchange} {fault:?}");
        assert_eq!(sessions(&events), 2, "{exchange} {fault:?}");
        let answered: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Answered { reply } => Some(reply.sent),
                _ => None,
            })
            .collect();
        assert_eq!(answered, [3, 6], "{exchange} {fault:?}");
    }
    let dead = Faulty::around(&device(), When::From(4), Fault::LoseReply);
    let (sent, _) = send_to(&dead, &messages).await;
    let error = sent.expect_err("no reply ever");
    assert!(matches!(error.cause, Cause::Transport(TransportError::TimedOut(_))), "{error}");
}

async fn ask(connect: &dyn esp_prov::Connect) -> Result<Outcome, Error> {
    plan().at(connect).status().await
}

#[tokio::test(start_paused = true)]
async fn status_tells_where_a_device_stands() {
    for persona in [Persona::IdfV4_4, Persona::Netprov, Persona::NetprovThread] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let fresh = ask(&device).await;
        assert!(
            matches!(
                fresh,
                Ok(Outcome::NotConnected {
                    state: JoinState::Connecting { attempts_remaining: None }
                })
            ),
            "{persona}: {fresh:?}"
        );
        assert!(run(&device, &plan()).await.is_connected());
        let joined = ask(&device).await;
        let connected = matches!(joined, Ok(Outcome::Connected { .. } | Outcome::Attached { .. }));
        assert!(connected, "{persona}: {joined:?}");
    }

    let device = device();
    let wrong = Plan { network: home("wrong-horse"), ..plan() };
    assert_eq!(run(&device, &wrong).await.exit(), Exit::PASSPHRASE);
    let failed = ask(&device).await.expect("it answers");
    let Outcome::NotConnected { state: JoinState::Failed { failure } } = &failed else {
        panic!("{failed:?}")
    };
    assert_eq!(*failure, JoinFailure::WrongPassphrase);
    assert_eq!(exit::of_outcome(&failed), Exit::PASSPHRASE);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_failed_takes_a_network_after_it_was_reset_first() {
    for persona in [Persona::IdfV5_5, Persona::Netprov] {
        let device = VirtualDevice::new(Settings { persona, ..Settings::default() });
        let wrong = Plan { network: home("wrong-horse"), ..plan() };
        assert_eq!(run(&device, &wrong).await.exit(), Exit::PASSPHRASE);
        assert_eq!(run(&device, &plan()).await.exit(), Exit::REFUSED);
        // On a fresh device it does no harm, though older firmware refuses it.
        for _ in 0..2 {
            let ran = run(&device, &Plan { reset_first: true, ..plan() }).await;
            assert!(ran.is_connected(), "{persona}: {ran}");
            device.restart();
        }
    }
    let old = VirtualDevice::new(Settings { persona: Persona::IdfV5_0, ..Settings::default() });
    let ran = run(&old, &Plan { reset_first: true, ..plan() }).await;
    assert_eq!(ran.end(), "Reset: Transport(NoSuchEndpoint(Endpoint(\"prov-ctrl\")))");
    assert_eq!((ran.exit(), old.joins()), (Exit::UNSUPPORTED, 0));
}

#[tokio::test(start_paused = true)]
async fn the_legacy_example_takes_its_config_first() {
    let config = CustomConfig { info: "some info".to_owned(), version: 2 };
    let mut plan = Plan { custom_config: Some(config), ..plan() };
    plan.security.scheme = Some(1);
    let legacy = VirtualDevice::new(Settings { persona: Persona::Legacy, ..Settings::default() });
    let ran = run(&legacy, &plan).await;
    assert!(ran.is_connected(), "{ran}");
    let sent = |event: &Event| matches!(event, Event::CustomConfigSent);
    assert_eq!(ran.count(sent), 1);

    let ran = run(&device(), &plan).await;
    assert_eq!((ran.exit(), ran.count(sent)), (Exit::UNSUPPORTED, 0), "{ran}");

    // The example's own "no", which is no status of the other endpoints.
    let refusal = Fault::Reply(vec![0x08, 0x01]);
    let mut open = Plan { security: esp_prov::Security::default(), ..plan };
    open.security.scheme = Some(0);
    let settings =
        Settings { persona: Persona::Legacy, scheme: Scheme::Sec0, ..Settings::default() };
    let ran =
        run(&Faulty::around(&VirtualDevice::new(settings), When::Once(3), refusal), &open).await;
    assert_eq!(ran.exit(), Exit::REFUSED, "{ran}");
}
