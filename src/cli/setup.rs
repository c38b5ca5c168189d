//! The device and the person, as every command needs them that works on one device.

use std::{future::Future, sync::atomic::Ordering};

use esp_prov::{
    Error, Outcome, Policy, Provisioner, Security, address::Address, transport::Connect,
};
use tokio::time::timeout;

use super::{
    Failure, SETTLE_WITHIN, block_on, manual_console,
    options::{DeviceArgs, OutputArgs},
    or_interrupted, plan,
    prompt::{self, Terminal},
    signals,
    target::target,
    trace,
};
use crate::{
    exit::{self, Exit},
    report::Reporter,
};

/// The device and the person, as every command needs them.
pub(super) struct Setup {
    pub(super) terminal: Terminal,
    policy: Policy,
    pub(super) address: Address,
    connect: Box<dyn Connect>,
}

impl Setup {
    pub(super) fn new(
        args: &DeviceArgs,
        output: &OutputArgs,
        reporter: &Reporter,
    ) -> Result<Self, Failure> {
        let present = prompt::possible(output.no_input);
        let terminal = Terminal::new(present, plan::username(&args.login)?);
        let (address, connect) = target(args, &terminal, reporter)?;
        trace::begin(&args.trace, &address, reporter)?;
        let mut policy = plan::policy(&args.policy, &args.accept);
        if address == Address::ManualConsole {
            policy = manual_console::policy(policy);
            reporter.without_spinner();
        }
        Ok(Self { terminal, policy, address, connect })
    }

    /// The device, to be worked on.
    pub(super) fn provisioner<'a>(
        &'a self,
        security: &Security,
        reporter: &'a Reporter,
    ) -> Provisioner<'a> {
        Provisioner::new(self.address.clone(), self.connect.as_ref())
            .with_security(security.clone())
            .with_policy(self.policy.clone())
            .with_operator(&self.terminal)
            .with_observer(reporter)
    }

    /// Runs to the end or to Ctrl-C, and tells how it ended.
    pub(super) fn run(
        &self,
        reporter: &Reporter,
        work: impl Future<Output = Result<Outcome, Error>>,
    ) -> Result<Exit, Failure> {
        let outcome = self.wait(reporter, work)?;
        let exit = exit::of_outcome(&outcome);
        reporter.outcome(&outcome);
        Ok(exit)
    }

    /// Runs to the end or to Ctrl-C; dropping the run closes its link.
    pub(super) fn wait(
        &self,
        reporter: &Reporter,
        work: impl Future<Output = Result<Outcome, Error>>,
    ) -> Result<Outcome, Failure> {
        let result = block_on(async {
            let result = or_interrupted(async {
                match work.await {
                    Err(_) if self.terminal.interrupted.load(Ordering::Relaxed) => {
                        Err(Failure::Interrupted)
                    }
                    outcome => outcome.map_err(Failure::from),
                }
            })
            .await;
            // A device that stays connected to could not be reached again.
            tokio::select! {
                _ = timeout(SETTLE_WITHIN, self.connect.settle()) => {}
                () = signals::heard_again() => {}
            }
            result
        });
        reporter.rest();
        result
    }
}
