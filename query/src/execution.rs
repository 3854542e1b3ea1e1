//! The seam between the transports and what they carry: a prepared operation goes in, a response
//! or a queue of pushes comes out.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError};
use command::{CommandBus, Viewer};
use events::{EventLog, LogPosition, Position, SessionId, Timestamp};
use sqlx::PgPool;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::eager::Eager;
use crate::fault::{self, Fault};
use crate::hub::cache::Caches;
use crate::hub::groups::Groups;
use crate::hub::progress::{Progress, WAIT_MAX};
use crate::hub::reader::Projected;
use crate::hub::sessions::Sessions;
use crate::hub::typing::TypingDesk;
use crate::hub::{Hub, metrics, reader};
use crate::loads::Loads;
use crate::order::Order;
use crate::reads::Reads;
use crate::schema;
use crate::schema::sight::{Services, Sight};
use crate::spending::Spending;
use crate::subscribe::{self, subscribe};
use crate::tables::Tables;
use crate::tokens::Tokens;

pub use crate::hub::queue::{Pushed, Subscription};

/// Who asks, and with which headers.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The signed-in user; the transport has verified token and session.
    pub viewer: Option<Viewer>,
    /// When the access token is no longer good.
    pub session_expires: Option<Timestamp>,
    /// W3C trace context of the request.
    pub trace_parent: Option<String>,
    /// The header `X-Min-Position`, as sent.
    pub min_position: Option<String>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

/// An operation that the transport has parsed, measured and normalised: variable defaults filled
/// in, `@skip` and `@include` worked off, fragments at a subscription's root inlined, one root
/// field in a subscription.
#[derive(Debug)]
pub struct Prepared {
    /// The request, its document parsed, its operation named where there are several.
    pub request: Request,
    /// What kind of operation it is.
    pub operation: OperationType,
    /// For subscriptions: the operation as text, without the root field's arguments, and with
    /// every variable below the root field replaced by its value. Two subscribers with equal
    /// texts and equal arguments are told the same in the same bytes.
    pub canonical: Arc<str>,
}

/// What the API is made of.
pub struct Parts {
    /// Connections whose `search_path` names the read model; one is kept for notifications.
    pub pool: PgPool,
    /// Takes the mutations.
    pub bus: Arc<dyn CommandBus>,
    /// The log whose positions the API speaks of.
    pub log: Arc<dyn EventLog>,
    /// Access tokens.
    pub tokens: Arc<dyn Tokens>,
    /// What may be spent from wallets.
    pub spending: Spending,
    /// How far the read model is, where it is projected in this process: a faster hint than
    /// PostgreSQL's.
    pub projected: Option<watch::Receiver<LogPosition>>,
    /// The same of money's.
    pub projected_money: Option<watch::Receiver<LogPosition>>,
}

/// The whole API, without a transport. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    hub: Arc<Hub>,
    tokens: Arc<dyn Tokens>,
    projected: Projected,
    executions: Arc<Semaphore>,
}

/// The most queries and mutations that a node executes at the same time, those that wait for a
/// position included; more are refused, so that who waits is served before its time is up.
const EXECUTIONS_MAX: usize = 2_000;

impl Api {
    /// Puts the parts together. Nothing is read before [`Api::run`].
    pub fn new(parts: Parts) -> Self {
        let Parts { pool, bus, log, tokens, spending, projected, projected_money } = parts;
        let projected = Projected { messenger: projected, money: projected_money };
        metrics::describe();
        let (progress, money) = (Arc::new(Progress::new()), Arc::new(Progress::new()));
        let caches = Arc::new(Caches::new(progress.clone()));
        let loads = Loads::new(Tables::new(pool), caches, money.clone());
        let groups = Arc::<Groups>::default();
        let typing = Arc::new(TypingDesk::new(groups.clone()));
        let services = Services {
            bus,
            log: log.clone(),
            tokens: tokens.clone(),
            progress: progress.clone(),
            money: money.clone(),
            typing: typing.clone(),
            spending,
        };
        let hub = Hub {
            schema: schema::build(services),
            log,
            loads,
            progress,
            money,
            sessions: Sessions::default(),
            groups,
            wallet_groups: Arc::default(),
            inboxes: Arc::default(),
            typing,
        };
        let executions = Arc::new(Semaphore::new(EXECUTIONS_MAX));
        Self { hub: Arc::new(hub), tokens, projected, executions }
    }

    /// Follows the feed until it is told to stop. Without this nothing is pushed, and mutations
    /// wait in vain.
    pub async fn run(&self, stop: CancellationToken) {
        reader::run(self.hub.clone(), self.projected.clone(), stop).await;
    }

    /// The access tokens, for the transports.
    pub fn tokens(&self) -> &Arc<dyn Tokens> {
        &self.tokens
    }

    /// Whether this node has read its feed a short while ago.
    pub fn is_current(&self) -> bool {
        self.hub.progress.is_current()
    }

    /// The position up to which this node's answers and pushes are complete; `None` until the
    /// feed was read for the first time.
    pub fn position(&self) -> Option<LogPosition> {
        self.hub.progress.passed()
    }

    /// The same of money.
    pub fn money_position(&self) -> Option<LogPosition> {
        self.hub.money.passed()
    }

    /// Refuses while money stands still.
    pub(crate) fn require_money(&self) -> Result<(), Fault> {
        self.hub.loads.money()
    }

    /// Executes a query or mutation. Every error carries `extensions.code`.
    pub async fn execute(&self, mut prepared: Prepared, caller: &Caller) -> Response {
        let name = prepared.request.operation_name.clone();
        let document = prepared.request.parsed_query();
        let order = document.as_ref().map(|it| Order::of(it, name.as_deref())).unwrap_or_default();
        let reads = document.map(|it| Reads::of(it, name.as_deref())).unwrap_or_default();
        let admitted = async {
            let permit = self.executions.try_acquire().map_err(|_| Fault::Overloaded)?;
            self.wait_for_minimum(caller, reads).await.map(|()| permit)
        };
        let mut response = match admitted.await {
            Ok(_permit) => {
                let sight = Sight { viewer: caller.viewer };
                let request = prepared.request.data(sight).data(self.hub.loads.clone());
                let request = request.data(caller.clone()).data(reads);
                Eager::new(Box::pin(self.hub.schema.execute(request))).await
            }
            Err(fault) => Response::from_errors(vec![fault.server_error()]),
        };
        order.apply(&mut response.data);
        fault::complete(&mut response.errors, caller.trace_parent.as_deref());
        response
    }

    /// Starts a subscription. Errors carry `extensions.code`.
    pub async fn subscribe(
        &self,
        mut prepared: Prepared,
        caller: &Caller,
    ) -> Result<Subscription, Vec<ServerError>> {
        let name = prepared.request.operation_name.clone();
        let document = prepared.request.parsed_query();
        let reads = document.map(|it| Reads::of(it, name.as_deref())).unwrap_or_default();
        let started = match self.wait_for_minimum(caller, reads).await {
            Ok(()) => subscribe(&self.hub, prepared, caller).await,
            Err(fault) => Err(fault.into()),
        };
        started.map_err(|refused| subscribe::completed_errors(refused, caller))
    }

    /// Whether a session was ended. While this node's feed is not known to be current, the
    /// database is asked; an error (`UNAVAILABLE`) if it can't be.
    pub async fn session_ended(&self, session: SessionId) -> Result<bool, ServerError> {
        if self.hub.sessions.has_ended(session) {
            return Ok(true);
        }
        if self.hub.progress.is_current() {
            return Ok(false);
        }
        let ended = self.hub.loads.tables().has_session_ended(session).await;
        ended.map_err(|fault| {
            let mut errors = [fault.server_error()];
            fault::complete(&mut errors, None);
            let [error] = errors;
            error
        })
    }

    /// Resolves when a session ends; at once when it has.
    pub async fn until_session_ends(&self, session: SessionId) {
        self.hub.sessions.until_end(session).await;
    }

    /// Waits for the position that the caller has seen elsewhere.
    async fn wait_for_minimum(&self, caller: &Caller, reads: Reads) -> Result<(), Fault> {
        let Some(minimum) = &caller.min_position else { return Ok(()) };
        let position: Position =
            minimum.parse().map_err(|_| Fault::InvalidCursor("X-Min-Position"))?;
        if position.log != self.hub.log.id() {
            return Err(Fault::CursorUnknown);
        }
        let (messenger, money) = (&self.hub.progress, &self.hub.money);
        if reads.reached(messenger, money, position.at, WAIT_MAX).await {
            return Ok(());
        }
        if reads.money && money.is_stopped() {
            return Err(Fault::money_stopped());
        }
        Err(Fault::NotYet { position, committed: false })
    }
}
