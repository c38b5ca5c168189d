//! The device and the person at the terminal, for every command that works on one device.

use std::{future::Future, sync::atomic::Ordering};

use esp_prov::{
    Error, Outcome, Policy, Provisioner, Security, Verify, address::Address, transport::Connect,
};
use tokio::time::timeout;

use super::{
    Failure, SETTLE_WITHIN, block_on, manual_console,
    options::{DeviceArgs, OutputArgs, VerifyArgs},
    or_interrupted, plan,
    prompt::{self, Terminal},
    signals,
    softap::Softap,
    target::target,
    trace,
};
use crate::{
    exit::{self, Exit},
    report::Reporter,
};

/// The device and the person at the terminal.
pub(super) struct Setup<'a> {
    reporter: &'a Reporter,
    pub(super) terminal: Terminal,
    security: Security,
    policy: Policy,
    pub(super) address: Address,
    connect: Box<dyn Connect>,
    /// The access point to join, which `connect` leads over then.
    softap: Option<Softap>,
    verify: Option<Verify>,
}

impl<'a> Setup<'a> {
    pub(super) fn new(
        args: &DeviceArgs,
        output: &OutputArgs,
        reporter: &'a Reporter,
    ) -> Result<Self, Failure> {
        let security = plan::security(args, reporter)?;
        let present = prompt::possible(output.no_input);
        let terminal = Terminal::new(present, plan::username(&args.login, None)?);
        let (address, mut connect) = target(args, &terminal, reporter)?;
        let softap = Softap::new(args, &address, &terminal, reporter)?;
        if let Some(softap) = &softap {
            connect = Box::new(softap.connect.clone());
        }
        trace::begin(&args.trace, &address, reporter)?;
        let mut policy = plan::policy(&args.policy, &args.accept);
        if address == Address::ManualConsole {
            policy = manual_console::policy(policy);
            reporter.without_spinner();
        }
        Ok(Self { reporter, terminal, security, policy, address, connect, softap, verify: None })
    }

    /// With a search for the device on its network, if that is wanted.
    pub(super) fn verifying(self, args: &VerifyArgs) -> Self {
        Self { verify: plan::verify(args), ..self }
    }

    /// A provisioner for the device.
    pub(super) fn provisioner(&self) -> Provisioner<'_> {
        let provisioner = Provisioner::new(self.address.clone(), self.connect.as_ref())
            .with_security(self.security.clone())
            .with_policy(self.policy.clone())
            .with_operator(&self.terminal)
            .with_observer(self.reporter);
        match &self.verify {
            Some(how) => provisioner.with_verification(how),
            None => provisioner,
        }
    }

    /// Runs to the end or to Ctrl-C, and reports how it ended.
    pub(super) fn run(
        &self,
        work: impl Future<Output = Result<Outcome, Error>>,
    ) -> Result<Exit, Failure> {
        let outcome = self.wait(work)?;
        let exit = exit::of_outcome(&outcome);
        self.reporter.outcome(&outcome);
        Ok(exit)
    }

    /// Runs to the end or to Ctrl-C; dropping the run closes its link.
    pub(super) fn wait(
        &self,
        work: impl Future<Output = Result<Outcome, Error>>,
    ) -> Result<Outcome, Failure> {
        let result = block_on(async {
            let result = or_interrupted(async {
                if let Some(softap) = &self.softap {
                    let within = self.policy.connect_timeout;
                    softap.join(&self.terminal, self.reporter, within).await?;
                }
                match work.await {
                    Err(_) if self.terminal.interrupted.load(Ordering::Relaxed) => {
                        Err(Failure::Interrupted)
                    }
                    outcome => outcome.map_err(Failure::from),
                }
            })
            .await;
            if let Some(softap) = &self.softap {
                tokio::select! {
                    () = softap.leave(self.reporter) => {}
                    () = signals::heard_again() => {}
                }
            }
            // A device to which this machine stays connected could not be reached again.
            tokio::select! {
                _ = timeout(SETTLE_WITHIN, self.connect.settle()) => {}
                () = signals::heard_again() => {}
            }
            result
        });
        self.reporter.rest();
        result
    }
}
