//! A station's connection to its database. Statements that arrive while the database is busy are
//! executed together afterwards, in one transaction, because a disk takes as long for many changes
//! as for one.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use esp_prov::task;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_postgres::{Client, Row, Statement, types::ToSql};

use super::{connect, explain, settings::Server};
use crate::ledger::LedgerError;

/// A parameter of a statement.
pub(super) type Value = Box<dyn ToSql + Send + Sync>;

/// The maximum number of statements in one transaction.
const TOGETHER: usize = 128;

/// A statement, and the receiver of its rows.
struct Order {
    text: &'static str,
    values: Vec<Value>,
    tell: oneshot::Sender<Result<Vec<Row>, LedgerError>>,
}

/// Passes statements to the task that owns the connection. The task ends when this is dropped.
pub(super) struct Orders(mpsc::UnboundedSender<Order>);

impl Orders {
    /// Connects when the first statement arrives. Waits for each answer for at most `patience`.
    pub(super) fn to(server: Server, patience: Duration) -> Self {
        let (sender, orders) = mpsc::unbounded_channel();
        tokio::spawn(task(Database { server, patience, connection: None }.serve(orders)));
        Self(sender)
    }

    /// Runs one statement, atomically.
    pub(super) async fn query(
        &self,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, LedgerError> {
        let (tell, told) = oneshot::channel();
        let is_gone = |()| LedgerError::Unreachable("its connection has ended".to_owned());
        self.0.send(Order { text, values, tell }).map_err(|_| is_gone(()))?;
        told.await.map_err(|_| is_gone(()))?
    }
}

struct Database {
    server: Server,
    patience: Duration,
    connection: Option<Connection>,
}

/// A connection and its prepared statements.
struct Connection {
    client: Client,
    statements: Vec<(&'static str, Statement)>,
}

impl Database {
    async fn serve(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut together = Vec::new();
        while orders.recv_many(&mut together, TOGETHER).await > 0 {
            together.retain(|order| !order.tell.is_closed());
            let mut lost = None;
            if together.len() > 1 {
                match self.run(&together).await {
                    Ok(answers) => {
                        for (order, rows) in together.drain(..).zip(answers) {
                            // The caller may be gone.
                            let _ = order.tell.send(Ok(rows));
                        }
                    }
                    Err(error @ LedgerError::Unreachable(_)) => lost = Some(error),
                    // Everything was rolled back. Alone, only the faulty statement fails.
                    Err(_) => {}
                }
            }
            for order in together.drain(..) {
                let answer = match &lost {
                    Some(error) => Err(error.clone()),
                    None => self.run(std::slice::from_ref(&order)).await,
                };
                if let Err(error @ LedgerError::Unreachable(_)) = &answer {
                    lost = Some(error.clone());
                }
                let rows = answer.map(|mut answers| answers.pop().unwrap_or_default());
                let _ = order.tell.send(rows);
            }
        }
    }

    /// Runs statements, all or none. Reconnects if the last connection broke.
    async fn run(&mut self, orders: &[Order]) -> Result<Vec<Vec<Row>>, LedgerError> {
        let mut connection = match self.connection.take() {
            Some(connection) if !connection.client.is_closed() => connection,
            _ => Connection { client: connect(&self.server).await?, statements: Vec::new() },
        };
        let rows = in_time(self.patience, connection.run(orders)).await?;
        // After an error, the connection is not kept, and the next statement opens another.
        self.connection = Some(connection);
        Ok(rows)
    }
}

impl Connection {
    async fn run(&mut self, orders: &[Order]) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        let mut statements = Vec::new();
        for order in orders {
            statements.push(self.prepared(order.text).await?);
        }
        // A single statement is a transaction by itself.
        let is_group = orders.len() > 1;
        if is_group {
            self.client.batch_execute("BEGIN").await?;
        }
        let client = &self.client;
        let answers = orders.iter().zip(&statements).map(|(order, statement)| async move {
            let values: Vec<_> =
                order.values.iter().map(|value| -> &(dyn ToSql + Sync) { &**value }).collect();
            client.query(statement, &values).await
        });
        let answers = all(answers).await.into_iter().collect::<Result<_, _>>()?;
        if is_group {
            client.batch_execute("COMMIT").await?;
        }
        Ok(answers)
    }

    async fn prepared(&mut self, text: &'static str) -> Result<Statement, tokio_postgres::Error> {
        if let Some((_, statement)) = self.statements.iter().find(|(known, _)| *known == text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).await?;
        self.statements.push((text, statement.clone()));
        Ok(statement)
    }
}

/// Awaits all futures at once, so that what they send is sent together.
async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut answers: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, answer) in running.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// Waits for an answer for at most `patience`.
pub(super) async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, LedgerError> {
    let answer = timeout(patience, answer).await.map_err(|_| {
        let within = humantime::format_duration(patience);
        LedgerError::Unreachable(format!("no answer from the database within {within}"))
    })?;
    answer.map_err(|error| explain(&error))
}
