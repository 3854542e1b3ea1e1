//! Questions of many tasks, asked of the database together: while one batch is on its way the
//! next one gathers. Nobody waits for company.

use std::time::Duration;

use command::ports::StoreError;
use tokio::sync::{mpsc, oneshot};

use super::pool::CallError;

/// Callers that may wait.
const WAITING_MAX: usize = 1_024;
/// A batch takes no more questions once it weighs this.
const BATCH_WEIGHT_MAX: usize = 1_000;
/// How long a caller waits, in the queue and for the answer.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(4_500);

impl From<CallError> for StoreError {
    fn from(error: CallError) -> Self {
        Self(error.to_string())
    }
}

type Asked<Q, A> = (Q, oneshot::Sender<Result<A, StoreError>>);

/// Puts questions `Q` together that have answers `A`.
#[derive(Debug)]
pub(super) struct Coalescer<Q, A>(mpsc::Sender<Asked<Q, A>>);

impl<Q: Send + 'static, A: Send + 'static> Coalescer<Q, A> {
    /// `run` answers a batch, one answer each, in order; `weigh` says how much a question is.
    pub(super) fn new<R, F>(weigh: fn(&Q) -> usize, run: R) -> Self
    where
        R: Fn(Vec<Q>) -> F + Send + 'static,
        F: Future<Output = Result<Vec<A>, StoreError>> + Send,
    {
        let (queue, mut queued) = mpsc::channel::<Asked<Q, A>>(WAITING_MAX);
        tokio::spawn(async move {
            while let Some(first) = queued.recv().await {
                // Whoever was woken together with the first one gets to ask as well.
                tokio::task::yield_now().await;
                let mut weight = weigh(&first.0);
                let mut batch = vec![first];
                while weight < BATCH_WEIGHT_MAX
                    && let Ok(next) = queued.try_recv()
                {
                    weight += weigh(&next.0);
                    batch.push(next);
                }
                let (questions, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                answer(run(questions).await, replies);
            }
        });
        Self(queue)
    }

    /// Asks, with whoever else does.
    pub(super) async fn ask(&self, question: Q) -> Result<A, StoreError> {
        let (reply, answer) = oneshot::channel();
        let ask = async {
            self.0.send((question, reply)).await.ok()?;
            answer.await.ok()
        };
        let gone = || StoreError("no answer in time".to_owned());
        tokio::time::timeout(ANSWER_TIMEOUT, ask).await.ok().flatten().ok_or_else(gone)?
    }
}

fn answer<A>(
    answers: Result<Vec<A>, StoreError>,
    replies: Vec<oneshot::Sender<Result<A, StoreError>>>,
) {
    // A caller that has gone needs no answer.
    match answers {
        Ok(answers) => {
            for (reply, answer) in replies.into_iter().zip(answers) {
                reply.send(Ok(answer)).ok();
            }
        }
        Err(error) => {
            for reply in replies {
                reply.send(Err(error.clone())).ok();
            }
        }
    }
}
