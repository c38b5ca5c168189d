//! The session. Ownership enforces the retry rule: a session that has lost a reply is gone.

use alloc::vec::Vec;
use core::{fmt, marker::PhantomData};

use zeroize::Zeroizing;

use crate::{
    Command, DecodeError, Endpoint, Refusal, Request, Scheme, SessionError,
    commands::check_entries,
    security::{Cipher, CipherError},
};

/// An open session. Only a finished handshake makes one.
pub struct Session {
    cipher: Cipher,
}

impl Session {
    pub(crate) fn new(cipher: Cipher) -> Self {
        Self { cipher }
    }

    /// The security scheme that protects it.
    pub fn scheme(&self) -> Scheme {
        self.cipher.scheme()
    }

    /// Whether every message is encrypted under the same nonce. This is security 2 at patch level
    /// 0, which gives no confidentiality or integrity against an active attacker.
    pub fn repeats_nonce(&self) -> bool {
        matches!(&self.cipher, Cipher::Gcm(channel) if channel.repeats_nonce())
    }

    /// A copy for the fuzzer, since the exponentiations of security 2 take milliseconds.
    #[cfg(fuzzing)]
    pub fn twin(&self) -> Self {
        match &self.cipher {
            Cipher::Gcm(channel) => Self::new(Cipher::Gcm(channel.clone())),
            _ => unimplemented!("only for security 2"),
        }
    }

    /// Encrypts a command. The session is in the [`Pending`] until the reply is opened.
    ///
    /// # Errors
    /// The session is lost with any of these:
    /// - [`SessionError::EmptyRequest`]: the command encodes to no bytes.
    /// - [`SessionError::CounterExhausted`]: security 2 has no nonces left.
    pub fn seal<C: Command>(mut self, command: &C) -> Result<(Request, Pending<C>), SessionError> {
        let endpoint = command.endpoint();
        let mut body = command.encode();
        if body.is_empty() {
            return Err(SessionError::EmptyRequest(endpoint));
        }
        // Room for a tag, so that growing does not leave a copy of the plaintext in memory.
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
    /// Decrypts the reply and gives the session back. A [`Refusal`] is an answer like any other:
    /// the session goes on after it.
    ///
    /// # Errors
    /// Those of [`decrypt`](Self::decrypt) and [`Opened::read`]. The session is lost.
    pub fn open(self, reply: &[u8]) -> Result<(Session, Result<C::Reply, Refusal>), SessionError> {
        self.decrypt(reply)?.read()
    }

    /// The first half of [`open`](Self::open), for code that looks at the plaintext before it is
    /// read.
    ///
    /// # Errors
    /// The session is lost with any of these:
    /// - [`SessionError::Undecryptable`]: security 2 rejects the reply.
    /// - [`SessionError::CounterExhausted`]: security 2 has no nonces left.
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

/// A reply that has been decrypted but not read.
#[must_use = "read the reply to get the session back"]
pub struct Opened<C: Command> {
    pending: Pending<C>,
    plain: Zeroizing<Vec<u8>>,
}

impl<C: Command> Opened<C> {
    /// The plaintext of the reply.
    pub fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Reads the reply and gives the session back.
    ///
    /// # Errors
    /// [`SessionError::Decode`]: the plaintext does not decode. The session is lost.
    pub fn read(self) -> Result<(Session, Result<C::Reply, Refusal>), SessionError> {
        let Pending { session, endpoint, most_entries, .. } = self.pending;
        let is_asked_for = match most_entries {
            Some(most) => check_entries(C::NAME, &self.plain, most),
            None => Ok(()),
        };
        match is_asked_for.and_then(|()| C::decode(&self.plain)) {
            Ok(answer) => Ok((session, answer)),
            Err(error) => {
                // A list that is only too long was decrypted correctly.
                let reads_well = matches!(error, DecodeError::TooMany { .. });
                let sealed = session.scheme() != Scheme::Sec0 && !reads_well;
                Err(SessionError::Decode { endpoint, error, sealed })
            }
        }
    }
}
