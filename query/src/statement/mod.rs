//! A wallet's statement, `GET /v1/wallets/{id}/statement?from&to&format=csv|json`: every line of
//! its ledger in a period, between the balance before and the balance after. It is one snapshot
//! of the database, so that it adds up, and it is sent page by page.

mod period;
mod problem;
mod written;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use command::Code;
use command::bus::Viewer;
use events::WalletId;
use futures::Stream;
use jiff::tz::TimeZone;
use sqlx::PgPool;
use tokio::sync::{Semaphore, mpsc};

use self::period::Period;
use self::problem::Problem;
use self::written::Format;
use crate::execution::Api;
use crate::tables::statements::{Head, Ledger};
use crate::tokens::Tokens;

/// Statements that are sent at the same time: each holds a connection to the database.
const STATEMENTS_MAX: usize = 4;
/// Pages that wait to be sent.
const PAGES_LEN_MAX: usize = 2;
/// A reader that takes a page no sooner is given up.
const PAGE_TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// Serves statements. Cheap to clone.
#[derive(Clone)]
pub struct Statements(Arc<Shared>);

struct Shared {
    pool: PgPool,
    tokens: Arc<dyn Tokens>,
    api: Api,
    zone: TimeZone,
    room: Arc<Semaphore>,
}

impl std::fmt::Debug for Statements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statements").field("zone", &self.0.zone).finish_non_exhaustive()
    }
}

impl Statements {
    /// Of the read models behind a pool; days and times are those of `zone`.
    pub fn new(pool: PgPool, tokens: Arc<dyn Tokens>, api: Api, zone: TimeZone) -> Self {
        let room = Arc::new(Semaphore::new(STATEMENTS_MAX));
        Self(Arc::new(Shared { pool, tokens, api, zone, room }))
    }

    /// The route.
    pub fn router(self) -> Router {
        Router::new().route("/v1/wallets/{id}/statement", get(statement)).with_state(self)
    }

    async fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, Problem> {
        let bad = || Problem::new(Code::Unauthenticated, "The access token is missing or no good.");
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = sent.and_then(|sent| sent.split_once(' ')).ok_or_else(bad)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(bad());
        }
        let verified = self.0.tokens.verify(token.trim()).map_err(|_| bad())?;
        match self.0.api.session_ended(verified.viewer.session).await {
            Ok(false) => Ok(verified.viewer),
            Ok(true) => Err(bad()),
            Err(_) => Err(problem::unavailable()),
        }
    }

    async fn open(
        &self,
        headers: &HeaderMap,
        id: &str,
        query: Option<&str>,
    ) -> Result<Response, Problem> {
        let viewer = self.viewer(headers).await?;
        let (format, period) = period::read(query.unwrap_or_default(), &self.0.zone)?;
        let missing = || Problem::new(Code::NotFound, "There is no such wallet.");
        let wallet: WalletId = id.parse().map_err(|_| missing())?;
        self.0.api.require_money().map_err(|_| problem::unavailable())?;
        let room = self.0.room.clone().try_acquire_owned().map_err(|_| problem::overloaded())?;
        let mut ledger = Ledger::open(&self.0.pool, wallet).await.map_err(problem::of_database)?;
        let head = ledger.head(viewer.user, period.from).await.map_err(problem::of_database)?;
        let head = head.ok_or_else(missing)?;
        if !head.is_member {
            let forbidden = || Problem::new(Code::Forbidden, "Statements are for members.");
            return Err(if head.is_in_channel { forbidden() } else { missing() });
        }
        let (send, receive) = mpsc::channel(PAGES_LEN_MAX);
        let (zone, name) = (self.0.zone.clone(), format.file_name(wallet));
        tokio::spawn(async move {
            if let Err(why) = write(ledger, (format, zone), (wallet, head, period), &send).await {
                tracing::warn!(%why, %wallet, "a statement was broken off");
            }
            drop(room);
        });
        let headers = [
            (CONTENT_TYPE, format.media().to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ];
        Ok((headers, Body::from_stream(pages(receive))).into_response())
    }
}

async fn statement(
    State(statements): State<Statements>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let opened = statements.open(&headers, &id, query.as_deref()).await;
    opened.unwrap_or_else(IntoResponse::into_response)
}

/// `None` after the last page: without it the statement was cut off.
type Page = Option<String>;

/// Pages as they come. What was cut off must not look whole, and its writer can't say so to a
/// reader that stalls: there is no room for another page then.
fn pages(receive: mpsc::Receiver<Page>) -> impl Stream<Item = std::io::Result<String>> {
    futures::stream::unfold(Some(receive), |receive| async move {
        let mut receive = receive?;
        match receive.recv().await {
            Some(page) => page.map(|page| (Ok(page), Some(receive))),
            None => Some((Err(std::io::Error::other("broken off")), None)),
        }
    })
}

/// Writes all of it, page by page.
async fn write(
    mut ledger: Ledger,
    (format, zone): (Format, TimeZone),
    (wallet, head, period): (WalletId, Head, Period),
    send: &mpsc::Sender<Page>,
) -> Result<(), String> {
    let put = async |page: Page| match send.send_timeout(page, PAGE_TAKEN_WITHIN).await {
        Ok(()) => Ok(()),
        Err(_) => Err("its reader has gone, or stalls".to_owned()),
    };
    let mut pen = written::Pen::new(format, zone, head.currency.clone());
    put(Some(pen.opening(wallet, &head, &period))).await?;
    let mut balance = head.opening;
    loop {
        let page = ledger.next(period.to).await.map_err(|error| error.to_string())?;
        let Some(last) = page.last() else { break };
        balance = last.balance_after;
        put(Some(pen.lines(&page))).await?;
    }
    put(Some(pen.closing(balance, &period))).await?;
    put(None).await
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    async fn sent(pages_sent: Vec<Page>) -> Vec<Option<String>> {
        let (send, receive) = mpsc::channel(PAGES_LEN_MAX);
        for page in pages_sent {
            send.try_send(page).unwrap();
        }
        drop(send);
        pages(receive).map(Result::ok).collect().await
    }

    #[tokio::test]
    async fn what_was_cut_off_does_not_look_whole() {
        let page = || Some("page".to_owned());
        assert_eq!(sent(vec![page(), None]).await, [page()]);
        // As full as a reader that stalls leaves it.
        assert_eq!(sent(vec![page(), page()]).await, [page(), page(), None]);
    }
}
