//! Ownership is the retry rule: a session that lost a reply is gone.

use alloc::vec::Vec;
use core::{fmt, marker::PhantomData};

use zeroize::Zeroizing;

use crate::{
    Command, DecodeError, Endpoint, Refusal, Request, Scheme, SessionError,
    commands::check_entries,
    security::{Cipher, CipherError},
};

/// An established session. Made by a finished handshake only.
pub struct Session {
    cipher: Cipher,
}

impl Session {
    pub(crate) fn new(cipher: Cipher) -> Self {
        Self { cipher }
    }

    /// The scheme that protects it.
    pub fn scheme(&self) -> Scheme {
        self.cipher.scheme()
    }

    /// Whether every message is encrypted under the same nonce: security 2 at patch level 0,
    /// whose confidentiality is broken against an active listener.
    pub fn repeats_nonce(&self) -> bool {
        matches!(&self.cipher, Cipher::Gcm(channel) if channel.repeats_nonce())
    }

    /// Another one like it, for the fuzzer: exponentiations of security 2 take milliseconds.
    #[cfg(fuzzing)]
    pub fn twin(&self) -> Self {
        match &self.cipher {
            Cipher::Gcm(channel) => Self::new(Cipher::Gcm(channel.clone())),
            _ => unimplemented!("only for security 2"),
        }
    }

    /// Encrypts a command and gives the session away until its reply is opened.
    ///
    /// # Errors
    /// [`SessionError::EmptyRequest`]: nothing to send.
    pub fn seal<C: Command>(mut self, command: &C) -> Result<(Request, Pending<C>), SessionError> {
        let endpoint = command.endpoint();
        let mut body = command.encode();
        if body.is_empty() {
            return Err(SessionError::EmptyRequest(endpoint));
        }
        // Room for a tag, so that the plaintext is not left behind by a move.
        body.reserve_exact(16);
        if self.cipher.seal(&mut body).is_err() {
            return Err(SessionError::CounterExhausted);
        }
        let pending = Pending {
            session: self,
            endpoint: endpoint.clone(),
            most_entries: command.most_entries(),
            command: PhantomData,
        };
        Ok((Request { endpoint, body, reply_within: C::REPLY_WITHIN }, pending))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.scheme())
    }
}

/// A session that waits for the reply to one command.
#[must_use = "open the reply to get the session back"]
pub struct Pending<C: Command> {
    session: Session,
    endpoint: Endpoint,
    most_entries: Option<u32>,
    command: PhantomData<fn() -> C>,
}

impl<C: Command> Pending<C> {
    /// Decrypts the reply and gives the session back. A [`Refusal`] is an answer: the session
    /// goes on after it.
    ///
    /// # Errors
    /// [`SessionError::Decode`]: the reply makes no sense, and the session is lost.
    pub fn open(self, reply: &[u8]) -> Result<(Session, Result<C::Reply, Refusal>), SessionError> {
        self.decrypt(reply)?.read()
    }

    /// The first half of [`Self::open`], for code that looks at the plaintext in between.
    ///
    /// # Errors
    /// [`SessionError::Undecryptable`]: the session is lost.
    pub fn decrypt(mut self, reply: &[u8]) -> Result<Opened<C>, SessionError> {
        let mut plain = Zeroizing::new(reply.to_vec());
        match self.session.cipher.open(&mut plain) {
            Ok(()) => Ok(Opened { pending: self, plain }),
            Err(CipherError::Forged) => {
                Err(SessionError::Undecryptable { endpoint: self.endpoint })
            }
            Err(CipherError::CounterExhausted) => Err(SessionError::CounterExhausted),
        }
    }
}

/// A reply that was decrypted and not read yet.
#[must_use = "read the reply to get the session back"]
pub struct Opened<C: Command> {
    pending: Pending<C>,
    plain: Zeroizing<Vec<u8>>,
}

impl<C: Command> Opened<C> {
    /// The plaintext.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Reads it and gives the session back.
    ///
    /// # Errors
    /// [`SessionError::Decode`]: it makes no sense, and the session is lost.
    pub fn read(self) -> Result<(Session, Result<C::Reply, Refusal>), SessionError> {
        let Pending { session, endpoint, most_entries, .. } = self.pending;
        let is_asked_for = match most_entries {
            Some(most) => check_entries(C::NAME, &self.plain, most),
            None => Ok(()),
        };
        match is_asked_for.and_then(|()| C::decode(&self.plain)) {
            Ok(answer) => Ok((session, answer)),
            Err(error) => {
                // What is a list, only too long, was decrypted well.
                let reads_well = matches!(error, DecodeError::TooMany { .. });
                let sealed = session.scheme() != Scheme::Sec0 && !reads_well;
                Err(SessionError::Decode { endpoint, error, sealed })
            }
        }
    }
}
